"""Trained models at play: a bundle and a request in, music out. No TensorFlow."""
