"""What comes before the first epoch: devices, random numbers, the model and its first weights."""

import keras
import tensorflow as tf

from musicgen.bundle import Bundle
from musicgen.errors import BadInput
from musicgen.training.recipe import Recipe, recipe_class
from musicgen.training.strategy import choose_strategy
from musicgen.training.task import Task


def prepared(task: Task) -> tuple[Recipe, keras.Model]:
    """Return the recipe and its model, random numbers seeded and devices chosen.

    Raises:
        BadInput: the bundle to start from cannot be used.
    """
    config = task.plan.training
    strategy = choose_strategy()  # first of all: machines must meet before anything runs
    keras.utils.set_random_seed(task.seed)
    tf.config.experimental.enable_op_determinism()
    on_gpu = bool(tf.config.list_physical_devices("GPU"))
    half = config.mixed_precision and on_gpu
    keras.mixed_precision.set_global_policy("mixed_float16" if half else "float32")
    recipe = recipe_class(task.family)(task.dataset, config, task.plan.options, task.seed)
    with strategy.scope():
        model = recipe.build()
        if task.init_from:
            recipe.start_from(model, _origin(task))
    return recipe, model


def _origin(task: Task) -> Bundle:
    """Return the bundle to start from."""
    bundle = Bundle.load(task.init_from)
    if bundle.family != task.family:
        raise BadInput(
            f"{task.init_from} is a {bundle.family}; a {task.family} can only start from its like."
        )
    return bundle
