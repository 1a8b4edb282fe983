"""Cart, orders and payments. Knows the catalogue, not the blog."""
