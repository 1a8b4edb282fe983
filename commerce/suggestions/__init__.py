"""What else a shopper may like: bought together (together.py), seen before (recent.py), popular (looks.py); what of it
is shown (choosing.py, views.py). Nothing of it is needed to sell."""
