"""Training: one job for all families, from a dataset to an MLflow run and a bundle."""

import os

# Read when mlflow is imported. A server that is away must not hold training up for minutes.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
