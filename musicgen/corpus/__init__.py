"""Corpora: where music comes from, and how a snapshot of it gets into the bucket."""
