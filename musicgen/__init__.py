"""An MLOps pipeline for symbolic music: corpus, dataset, models, champion, sound."""

__version__ = "0.1.0"
