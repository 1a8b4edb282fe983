"""The bottom: money, translated models, blocks, base pages, mail. Knows no other app."""
