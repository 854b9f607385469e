"""Several machines that train one model."""

import tensorflow as tf


class AllWorkers(tf.distribute.MultiWorkerMirroredStrategy):
    """The strategy of several machines, as Keras 3.15's ``fit`` calls it.

    ``fit`` takes the mean of a whole batch, of which it only wants the shapes, and the mean over
    the first axis of metrics, which have none. TensorFlow refuses both.
    """

    def reduce(self, reduce_op, value, axis):
        """Reduce metrics over replicas; return this worker's part of a batch."""
        if tf.nest.is_nested(value):
            return tf.nest.map_structure(lambda x: self.experimental_local_results(x)[0], value)
        return super().reduce(reduce_op, value, axis if value.shape.rank else None)
