"""What the shop sells: categories, products, variants, stock. Never learns that carts exist."""
