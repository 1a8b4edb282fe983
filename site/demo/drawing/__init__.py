"""Draws every picture of the demo shop as SVG and renders it to WebP: `python -m demo.drawing`."""
