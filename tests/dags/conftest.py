import airflow_environment  # noqa: F401 - Airflow reads its environment when it is imported
