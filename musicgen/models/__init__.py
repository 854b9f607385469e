"""Keras models, and nothing else."""
