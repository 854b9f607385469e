"""The corpus report: what is in a dataset, in tables and pictures."""
