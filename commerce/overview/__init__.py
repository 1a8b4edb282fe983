"""The sales overview: which days (period.py), what was sold (figures.py), drawn (chart.py), shown (views.py)."""
