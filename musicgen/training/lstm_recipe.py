"""The LSTM's recipe."""

from dataclasses import asdict
from functools import cached_property
from typing import ClassVar

import keras
import numpy as np
import tensorflow as tf

from musicgen.bundle import Bundle
from musicgen.errors import BadInput
from musicgen.models.lstm_shape import POSITIONS, TRANSPOSITIONS, LstmShape
from musicgen.models.music_lstm import Dropout, MusicLSTM
from musicgen.preprocess.dataset import Dataset
from musicgen.training.config import TrainingConfig
from musicgen.training.labels import LABELS, as_met, unmet
from musicgen.training.lstm_options import LstmOptions
from musicgen.training.pieces import Pieces
from musicgen.training.recipe import BundleParts
from musicgen.training.sweep import MONITORED
from musicgen.training.token_windows import Windows


class LstmRecipe:
    """Trains ``MusicLSTM`` on the table ``sequences``; see ``Recipe``."""

    family: ClassVar[str] = "lstm"
    monitor: ClassVar[str] = MONITORED["lstm"]
    temperatures: ClassVar[tuple[float, ...]] = (0.8, 0.9, 1.0, 1.1, 1.2)

    def __init__(
        self, dataset: Dataset, config: TrainingConfig, options: LstmOptions, seed: int
    ) -> None:
        self._dataset = dataset
        self._config = config
        self._options = options
        self._seed = seed

    def build(self) -> keras.Model:
        """Return the compiled model."""
        options = self._options
        dropout = Dropout(
            options.embedding_dropout, options.hidden_dropout, options.recurrent_dropout
        )
        model = MusicLSTM(self._shape(), dropout, self._seed)
        optimizer = keras.optimizers.AdamW(
            self._config.learning_rate,
            weight_decay=options.weight_decay,
            global_clipnorm=options.clip_norm,
            use_ema=options.averaging > 0,
            ema_momentum=options.averaging,
        )
        optimizer.exclude_from_weight_decay(var_names=["bias"])
        model.compile(
            optimizer, steps_per_execution=self._config.steps_per_execution, jit_compile=False
        )
        model.optimizer.build(model.trainable_variables)
        return model

    def optimizers(self, model: keras.Model) -> list[keras.optimizers.Optimizer]:
        """Return the only one."""
        return [model.optimizer]

    def train_data(self, first_step: int) -> tf.data.Dataset:
        """Return batches of random windows, in random keys until the last part of training."""
        options, steps = self._options, self._config.total_steps
        shifted_steps = round(steps * (1 - options.own_key_share)) if options.transpose else 0
        windows = Windows(self._train_pieces, self._dataset.vocabulary, options.window_tokens)
        return windows.train(
            self._config.batch_size,
            self._seed,
            first_step,
            options.unknown_share,
            shifted_steps,
        )

    def valid_data(self) -> tf.data.Dataset:
        """Return the valid pieces in windows, in their own keys."""
        options = self._options
        pieces = as_met(Pieces.read(self._dataset, "valid"), self._train_pieces)
        windows = Windows(pieces, self._dataset.vocabulary, options.valid_window_tokens)
        return windows.valid(self._config.batch_size, options.valid_windows)

    def bundle_parts(self, model: keras.Model) -> BundleParts:
        """Return the arrays and what describes them.

        What no training piece was labelled with has learned nothing, and means ``unknown``.
        """
        options, dataset = self._options, self._dataset
        arrays = model.arrays()
        for kind in LABELS:
            rows = arrays[f"{kind}_embedding"]
            rows[unmet(self._train_pieces, kind, len(rows))] = rows[0]
        description = {
            "composers": dataset.composers,
            "ensembles": dataset.ensembles,
            "steps_per_quarter": dataset.config.steps_per_quarter,
            "tempo_qpm": round(float(np.median(self._train_pieces.tempo_qpm)), 2),
            "vocabulary": asdict(dataset.vocabulary),
            "units": options.units,
            "layers": options.layers,
            "embedding_dim": options.embedding_dim,
            "positions": POSITIONS,
            "transpositions": TRANSPOSITIONS,
        }
        return BundleParts(description, arrays)

    def start_from(self, model: keras.Model, bundle: Bundle) -> None:
        """Take another model's weights; rows of composers and ensembles go by name."""
        if bundle.model["vocabulary"] != asdict(self._dataset.vocabulary):
            raise BadInput("The model to start from has another vocabulary than the dataset.")
        arrays, fresh = dict(bundle.weights), model.arrays()
        for kind, names in (
            ("composer", self._dataset.composers),
            ("ensemble", self._dataset.ensembles),
        ):
            rows = fresh[f"{kind}_embedding"]
            theirs = bundle.model[f"{kind}s"]
            for index, name in enumerate(names):
                if name in theirs and rows.shape[1] == arrays[f"{kind}_embedding"].shape[1]:
                    rows[index] = arrays[f"{kind}_embedding"][theirs.index(name)]
            arrays[f"{kind}_embedding"] = rows
        model.set_arrays(arrays)

    @cached_property
    def _train_pieces(self) -> Pieces:
        return Pieces.read(self._dataset, "train")

    def _shape(self) -> LstmShape:
        return LstmShape(
            self._dataset.vocabulary,
            len(self._dataset.composers),
            len(self._dataset.ensembles),
            self._options.units,
            self._options.layers,
            self._options.embedding_dim,
        )
