"""Stages on Google Cloud: Dataproc for Spark, Vertex AI for training.

A package and not files of the plugins folder itself, which Airflow imports in every process: what
is here takes seconds to import, and a laptop has no need of it.
"""
