"""Grid scores as token sequences, and back without loss.

A sequence lists, frame by frame, every sounding note in ascending order of pitch and family, as
struck or held, and closes each frame with ``END_OF_FRAME``; empty frames count.
"""

from dataclasses import replace

import numpy as np

from musicgen.music.grid import GRID_NOTE, STEPS_PER_QUARTER, GridScore, canonical
from musicgen.representation.vocabulary import END_OF_FRAME, SPECIAL_TOKENS, Vocabulary


def encode(score: GridScore, vocabulary: Vocabulary) -> np.ndarray:
    """Return the tokens of a score, shape ``(length,)``, ``int32``; pitches must be in range."""
    frames, tokens = _cells(score, vocabulary)
    ends = np.arange(score.length_steps, dtype=np.int32)
    frames = np.concatenate([frames, ends])
    tokens = np.concatenate([tokens, np.full(len(ends), END_OF_FRAME, np.int32)])
    # END_OF_FRAME has the lowest id but closes its frame, so it sorts as the highest.
    order = np.lexsort((np.where(tokens == END_OF_FRAME, vocabulary.size, tokens), frames))
    return tokens[order]


def decode(
    tokens: np.ndarray,
    vocabulary: Vocabulary,
    steps_per_quarter: int = STEPS_PER_QUARTER,
    tempo_qpm: float = 120.0,
) -> GridScore:
    """Return the score of a sequence; tokens after the last end of frame are dropped.

    A held token whose note does not sound in the frame before strikes it anew.
    """
    tokens = np.asarray(tokens, np.int32)
    frames = frame_indices(tokens)
    length = int((tokens == END_OF_FRAME).sum())
    is_note = (tokens >= SPECIAL_TOKENS) & (frames < length)
    pitches, families, held = vocabulary.notes(tokens[is_note])
    frames = frames[is_note]
    lines = pitches * vocabulary.families + families
    order = np.lexsort((frames, lines))
    frames, lines, held = frames[order], lines[order], held[order]
    goes_on = np.zeros(len(order), bool)
    goes_on[1:] = held[1:] & (lines[1:] == lines[:-1]) & (frames[1:] == frames[:-1] + 1)
    starts = np.flatnonzero(~goes_on)
    notes = np.empty(len(starts), GRID_NOTE)
    notes["onset_steps"] = frames[starts]
    notes["duration_steps"] = np.diff(np.append(starts, len(order)))
    notes["pitch"] = pitches[order][starts]
    notes["family"] = families[order][starts]
    notes = np.sort(notes, order=["onset_steps", "pitch", "family"])
    return GridScore(notes, length, steps_per_quarter=steps_per_quarter, tempo_qpm=tempo_qpm)


def frame_indices(tokens: np.ndarray) -> np.ndarray:
    """Return the frame that each token belongs to; an end of frame belongs to the one it ends."""
    ended = np.cumsum(tokens == END_OF_FRAME)
    return np.concatenate([[0], ended[:-1]]).astype(np.int32)[: len(tokens)]


def in_range(score: GridScore, vocabulary: Vocabulary) -> GridScore:
    """Move notes outside the vocabulary's pitches by octaves until they are inside."""
    notes = score.notes.copy()
    pitch = notes["pitch"].astype(np.int32)
    below = np.maximum(-(-(vocabulary.low_pitch - pitch) // 12), 0)
    above = np.maximum(-(-(pitch - vocabulary.high_pitch) // 12), 0)
    notes["pitch"] = pitch + 12 * (below - above)
    return replace(score, notes=canonical(notes))


def _cells(score: GridScore, vocabulary: Vocabulary) -> tuple[np.ndarray, np.ndarray]:
    """Return the frame and token of every sounding cell."""
    durations = score.notes["duration_steps"]
    since_onset = np.arange(durations.sum(), dtype=np.int32)
    since_onset -= np.repeat(np.cumsum(durations) - durations, durations).astype(np.int32)
    notes = np.repeat(score.notes, durations)
    tokens = vocabulary.tokens(notes["pitch"], notes["family"], since_onset > 0)
    return notes["onset_steps"] + since_onset, tokens
