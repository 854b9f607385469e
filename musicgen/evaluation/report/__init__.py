"""The report: one HTML page that asks nothing of any host."""
