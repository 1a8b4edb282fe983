"""The search desk: synonyms, pinned and buried results, redirects, the log of queries and why hits rank."""
