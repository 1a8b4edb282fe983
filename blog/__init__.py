"""Posts and newsletter. Knows the catalogue, not the commerce."""
