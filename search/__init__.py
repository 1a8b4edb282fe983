"""One search table for products, categories, posts and pages."""
