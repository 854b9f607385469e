"""On what to train: decided by the environment alone."""

import os

import tensorflow as tf

from musicgen.training.all_workers import AllWorkers


def choose_strategy() -> tf.distribute.Strategy:
    """Return how to spread training over devices.

    Several machines where ``TF_CONFIG`` names them, all GPUs of this one where there are several,
    otherwise the one GPU or the CPU.
    """
    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    if os.environ.get("TF_CONFIG"):
        return AllWorkers()
    if len(gpus) > 1:
        return tf.distribute.MirroredStrategy()
    return tf.distribute.get_strategy()
