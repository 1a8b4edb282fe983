"""Products as CSV and XLSX: Shopify's columns and our own, in and out without loss.

In: read.py (bytes to rows), parse.py (rows to a record, pure), plan.py (compares it with what content.py finds stored),
pictures.py and fetch.py, apply.py (writes a draft); run.py drives it all in the background. Out: write.py.
Both ways: columns.py (names), html.py and bodies.py (text and blocks), vocabulary.py (options, types, categories).
"""
