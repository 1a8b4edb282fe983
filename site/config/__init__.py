"""The top: settings, addresses, processes. Imports every app and is imported by none."""
