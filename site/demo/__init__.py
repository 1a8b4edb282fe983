"""Demo content, demo users and the demo payment gateway; deletable as a whole."""
