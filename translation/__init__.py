"""The translators' desk: roles per language, source beside target, outdated fields, overview, Rosetta's safeguards."""
