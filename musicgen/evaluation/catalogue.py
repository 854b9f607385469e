"""All measures by name, and those that the score is made of."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from musicgen.evaluation.measures import harmony, melody, pitch, repetition, rhythm
from musicgen.music.grid import GridScore


@dataclass(frozen=True)
class Measure:
    """A measure as the report shows it.

    Attributes:
        function: what it measures, of one excerpt: a float or an array.
        unit: of a float, for people; None for arrays, which have no mean to show.
    """

    function: Callable[[GridScore], float | np.ndarray]
    unit: str | None = None

    @property
    def name(self) -> str:
        """The function's name, which is the metric's name in MLflow too."""
        return self.function.__name__


_ALL = (
    Measure(pitch.pitch_range, "semitones"),
    Measure(pitch.pitch_class_histogram),
    Measure(pitch.pitch_class_entropy, "bits"),
    Measure(pitch.used_pitch_classes, "per bar"),
    Measure(pitch.scale_consistency, "share"),
    Measure(pitch.pitch_class_transitions),
    Measure(harmony.polyphony, "pitches"),
    Measure(harmony.polyphonic_share, "share"),
    Measure(harmony.polyphony_histogram),
    Measure(harmony.chord_sizes),
    Measure(harmony.harmonic_intervals),
    Measure(harmony.dissonance, "share"),
    Measure(harmony.common_tones, "share"),
    Measure(harmony.voice_leading, "semitones"),
    Measure(harmony.tonal_motion, "distance"),
    Measure(harmony.tonal_distance, "distance"),
    Measure(harmony.family_shares),
    Measure(melody.skyline_intervals),
    Measure(melody.skyline_step_share, "share"),
    Measure(melody.mean_interval, "semitones"),
    Measure(rhythm.note_density, "notes per beat"),
    Measure(rhythm.note_length_histogram),
    Measure(rhythm.inter_onset_histogram),
    Measure(rhythm.note_length_transitions),
    Measure(rhythm.inter_onset_transitions),
    Measure(rhythm.onset_position_histogram),
    Measure(rhythm.groove, "share"),
    Measure(rhythm.groove_jaccard, "share"),
    Measure(rhythm.empty_beats, "share"),
    Measure(rhythm.empty_bars, "share"),
    Measure(rhythm.qualified_notes, "share"),
    Measure(repetition.self_similarity),
    Measure(repetition.bar_repetition, "share"),
)

MEASURES = {measure.name: measure for measure in _ALL}

# Chosen so that each aspect tells music from at least one control, and that between them they
# rank all controls as ears do; docs/EVALUATION.md shows the numbers. Measures that count the same
# thing twice, or that hardly tell shuffled frames from music, are reported but do not score.
ASPECTS = {
    "tonality": (
        "pitch_class_histogram",
        "pitch_class_entropy",
        "scale_consistency",
        "pitch_range",
    ),
    "chords": ("harmonic_intervals", "dissonance"),
    "texture": ("polyphony_histogram", "chord_sizes", "family_shares"),
    "progression": ("voice_leading", "common_tones"),
    "melody": ("skyline_intervals", "skyline_step_share", "mean_interval"),
    "rhythm": ("note_length_histogram", "inter_onset_transitions", "onset_position_histogram"),
    "form": ("self_similarity", "bar_repetition", "groove_jaccard"),
}

SCORING = tuple(name for names in ASPECTS.values() for name in names)
"""The measures that the score is made of."""


def features(scores: list[GridScore]) -> dict[str, np.ndarray]:
    """Measure excerpts: by measure an array of shape ``(excerpts, width)``; a float has width 1."""
    return {
        name: np.array([np.ravel(measure.function(score)) for score in scores], np.float64)
        for name, measure in MEASURES.items()
    }
