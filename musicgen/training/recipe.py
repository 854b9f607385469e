"""What a family of models gives to the one training job."""

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np

from musicgen.bundle import Bundle

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

    from musicgen.preprocess.dataset import Dataset
    from musicgen.training.config import TrainingConfig

FAMILIES = {
    "lstm": "musicgen.training.lstm_recipe:LstmRecipe",
    "gan": "musicgen.training.gan_recipe:GanRecipe",
}
"""Where each family's recipe is; imported only when it is asked for."""


@dataclass(frozen=True)
class BundleParts:
    """What goes into the bundle; the job adds the provenance. Fields as in ``Bundle``."""

    model: dict[str, Any]
    weights: dict[str, np.ndarray]
    files: dict[str, bytes] = field(default_factory=dict)


class Recipe(Protocol):
    """A model, its data and its export, for one data set, configuration and seed.

    Everything is a pure function of what the recipe was made from: two recipes made alike give
    models with the same first weights and the same batches. That is what lets a killed training
    resume to the same result.

    Attributes:
        family: ``lstm`` or ``gan``.
        monitor: the metric of ``fit``'s logs that chooses the best epoch; lower is better.
        temperatures: that one at which the trained model plays best becomes its own; none where
            it hardly matters.
    """

    family: ClassVar[str]
    monitor: ClassVar[str]
    temperatures: ClassVar[tuple[float, ...]]

    def __init__(
        self, dataset: "Dataset", config: "TrainingConfig", options: Any, seed: int
    ) -> None: ...

    def build(self) -> "keras.Model":
        """Return the compiled model, its weights and its optimizers' variables created.

        Called once, under the distribution strategy's scope.
        """
        ...

    def optimizers(self, model: "keras.Model") -> "list[keras.optimizers.Optimizer]":
        """Return the optimizers of a model; the learning-rate schedule scales them all alike.

        Each optimizer's rate when training begins is its peak. The first is ``model.optimizer``.
        """
        ...

    def train_data(self, first_step: int) -> "tf.data.Dataset":
        """Return the batches of steps ``first_step``, ``first_step + 1`` … without end.

        Batch ``i`` depends on the seed and on ``i`` alone (stateless random numbers).
        """
        ...

    def valid_data(self) -> "tf.data.Dataset":
        """Return the batches of the valid split, finite, the same each time."""
        ...

    def bundle_parts(self, model: "keras.Model") -> BundleParts:
        """Return what ``docs/ARCHITECTURE.md``, "Model bundles", asks for."""
        ...

    def start_from(self, model: "keras.Model", bundle: Bundle) -> None:
        """Set the model's weights from another model's bundle.

        Raises:
            BadInput: the bundle's shapes don't fit.
        """
        ...


def recipe_class(family: str) -> type[Recipe]:
    """Return the recipe of a family, one of ``FAMILIES``."""
    module, _, name = FAMILIES[family].partition(":")
    return getattr(import_module(module), name)
