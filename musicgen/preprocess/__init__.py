"""From a corpus snapshot to a dataset: parsing, splitting and encoding on Spark."""
