"""Narrowing a list of products: what can be chosen (`vocabulary`), what is chosen (`selection`), how many products each
choice leaves (`counts`), and what the page shows of it (`listing`)."""
