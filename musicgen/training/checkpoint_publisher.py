"""Checkpoints on their way to where people look: the bucket, MLflow and TensorBoard."""

from dataclasses import dataclass
from pathlib import Path

import tensorflow as tf

from musicgen.bundle import Bundle
from musicgen.training.checkpoints import checkpoint_uri
from musicgen.training.learning_room import PAGE, write_learning_room
from musicgen.training.outbox import Outbox
from musicgen.training.task import Task
from musicgen.training.tracked_run import TrackedRun


@dataclass(frozen=True)
class CheckpointPublisher:
    """Publishes what a model on its way plays, beside what it played before.

    Attributes:
        task: the training.
        run: where MLflow keeps it.
        outbox: takes files there.
        directory: for files that are of use during this training alone.
        tensorboard_path: directory of the TensorBoard logs.
    """

    task: Task
    run: TrackedRun
    outbox: Outbox
    directory: Path
    tensorboard_path: Path

    def publish(self, samples_path: Path, checkpoint: Bundle) -> None:
        """Keep a checkpoint and show its set of samples.

        Args:
            samples_path: the set's directory, named after the epoch: ``epoch-0010``.
            checkpoint: the model that made them.

        Raises:
            MusicgenError: an earlier checkpoint cannot be played.
        """
        checkpoint.save(checkpoint_uri(self.task.uri, samples_path.name))
        room_path = self.directory / "room"
        room_path.mkdir(exist_ok=True)
        (room_path / PAGE).write_bytes(write_learning_room(self.task))
        self.outbox.hand_in(lambda: self.run.log_files(room_path, None))
        self._show_in_tensorboard(samples_path)
        place = f"samples/{samples_path.name}"
        self.outbox.hand_in(lambda: self.run.log_files(samples_path, place))

    def _show_in_tensorboard(self, samples_path: Path) -> None:
        epoch = int(samples_path.name.rpartition("-")[2])
        step = epoch * self.task.plan.training.steps_per_epoch
        with tf.summary.create_file_writer(str(self.tensorboard_path)).as_default():
            for path in sorted(samples_path.glob("*.png")):
                image = tf.image.decode_png(path.read_bytes(), channels=3)
                tf.summary.image(f"samples/{path.stem}", image[None], step=step)
