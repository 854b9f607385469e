"""Training: one job for all families, from a dataset to an MLflow run and a bundle."""
