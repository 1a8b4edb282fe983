"""Products as CSV and XLSX: Shopify's columns and our own, in and out without loss.

read.py: bytes to rows; parse.py: rows to records; snapshot.py: products to records; plan.py compares the two;
apply.py writes drafts; write.py: records to files; run.py drives an import in the background.
"""
