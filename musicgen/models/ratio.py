"""A metric that is a sum over a count."""

import keras


class Ratio(keras.metrics.Metric):
    """Adds up numerators and denominators over all batches: exact means of unequal batches."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        self.numerator = self.add_weight(shape=(), initializer="zeros", name="numerator")
        self.denominator = self.add_weight(shape=(), initializer="zeros", name="denominator")

    def update_state(self, numerator, denominator) -> None:
        """Add one batch's scalars."""
        self.numerator.assign_add(numerator)
        self.denominator.assign_add(keras.ops.cast(denominator, "float32"))

    def result(self):
        """Return the ratio; 0 when nothing was counted."""
        return keras.ops.divide_no_nan(self.numerator, self.denominator)
