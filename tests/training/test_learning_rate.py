import keras
import pytest

from musicgen.training.config import TrainingConfig
from musicgen.training.learning_rate import LearningRateSchedule, rate_fraction

pytestmark = pytest.mark.slow

CONFIG = TrainingConfig(epochs=10, steps_per_epoch=10, warmup_steps=20, final_rate=0.1)


def test_warm_up_then_cosine():
    assert rate_fraction(0, CONFIG) == pytest.approx(1 / 20)
    assert rate_fraction(19, CONFIG) == 1
    assert rate_fraction(20, CONFIG) == 1
    assert rate_fraction(60, CONFIG) == pytest.approx(0.55)
    assert rate_fraction(100, CONFIG) == pytest.approx(0.1)
    assert rate_fraction(1000, CONFIG) == pytest.approx(0.1)


def test_without_warm_up():
    assert rate_fraction(0, TrainingConfig(warmup_steps=0)) == 1


def test_a_plateau_scales_the_schedule_of_all_optimizers():
    first, second = keras.optimizers.Adam(0.1), keras.optimizers.Adam(0.01)
    schedule = LearningRateSchedule([first, second], CONFIG)

    def rates_at(step):
        schedule.on_epoch_begin(step // 10)
        schedule.on_train_batch_begin(step % 10)
        return float(first.learning_rate), float(second.learning_rate)

    assert rates_at(20) == pytest.approx((0.1, 0.01))
    assert rates_at(60) == pytest.approx((0.055, 0.0055))
    first.learning_rate = float(first.learning_rate) / 2  # as ReduceLROnPlateau does
    assert rates_at(60) == pytest.approx((0.0275, 0.00275))
    assert schedule.plateau == pytest.approx(0.5)
