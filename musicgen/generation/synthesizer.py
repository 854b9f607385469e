"""A sample synthesiser: notes through a SoundFont, as arrays.

It follows the SoundFont Technical Specification 2.04 as far as steady notes need: samples and
their loops, tuning, volume envelopes, attenuation, panning and the filter where it opens. What
moves while a note sounds (vibrato, a closing filter) is left out. symusic's synthesiser lets no
note ring on when it is released, and its pianos drop to a drone after half a second; this one
renders two minutes of piano in 0.2 s.
"""

from functools import lru_cache

import numpy as np

from musicgen.generation.soundfont import SoundFont, Zone
from musicgen.music.family import Family
from musicgen.music.grid import GridScore
from musicgen.music.midi import VELOCITY

PAN, ATTENUATION, SAMPLE_MODES, ROOT_KEY = 17, 48, 54, 58
COARSE_TUNE, FINE_TUNE, SCALE_TUNING = 51, 52, 56
FILTER_CENTS, FILTER_ENVELOPE_CENTS = 8, 11
DELAY, ATTACK, HOLD, DECAY, SUSTAIN, RELEASE = 33, 34, 35, 36, 37, 38

FLOOR_DB = 60.0
"""A released note is cut off when it has fallen by so much."""
LEAST_RELEASE_SECONDS = 0.03  # shorter ones click
ATTENUATION_SCALE = 0.4  # E-mu's own hardware did so, and fonts are made for it


class Synthesizer:
    """Plays scores on one SoundFont; holds no state between calls."""

    def __init__(self, font: SoundFont, rate_hz: int) -> None:
        self._font = font
        self._rate_hz = rate_hz

    def render(self, score: GridScore, length: int) -> np.ndarray:
        """Return the score's sound, ``(2, length)`` ``float32``, the first step at sample 0."""
        sound = np.zeros((2, length), np.float32)
        samples_per_step = score.duration_seconds * self._rate_hz / score.length_steps
        lines = np.unique(score.notes[["pitch", "family"]])
        for pitch, family in lines.tolist():
            notes = score.notes[(score.notes["pitch"] == pitch) & (score.notes["family"] == family)]
            onsets = np.rint(notes["onset_steps"] * samples_per_step).astype(int)
            held = np.rint(notes["duration_steps"] * samples_per_step).astype(int)
            for zone in self._font.zones(Family(family).program, pitch, VELOCITY):
                self._add(sound, zone, pitch, onsets, held)
        return sound

    def _add(
        self, sound: np.ndarray, zone: Zone, pitch: int, onsets: np.ndarray, held: np.ndarray
    ) -> None:
        """Add all notes of one zone and pitch: one tone, cut to each note's length."""
        fade = _release(zone.get(RELEASE, -12_000), self._rate_hz)
        tone = self._tone(zone, pitch, int(held.max()) + len(fade))
        gains = _pan_gains(zone.get(PAN))[:, None]
        for onset, duration in zip(onsets.tolist(), held.tolist(), strict=True):
            note = tone[: duration + len(fade)].copy()
            note[duration:] *= fade[: max(len(note) - duration, 0)]  # the sample may end before
            end = min(onset + len(note), sound.shape[1])
            sound[:, onset:end] += gains * note[: end - onset]

    def _tone(self, zone: Zone, pitch: int, length: int) -> np.ndarray:
        """Return a zone's sound at a pitch, held for ``length`` samples or until it ends."""
        ratio = self._pitch_ratio(zone, pitch)
        source = self._unrolled(zone, int(length * ratio) + 2)
        length = min(length, int((len(source) - 1) / ratio))
        places = np.arange(length) * ratio
        before = places.astype(np.int32)
        between = (places - before).astype(np.float32)
        tone = source[before]
        tone += between * (source[before + 1] - tone)
        tone *= self._envelope(zone, length)
        return self._filtered(zone, tone)

    def _unrolled(self, zone: Zone, length: int) -> np.ndarray:
        """Return a zone's samples from its start, its loop repeated to fill ``length``."""
        start, end, loop_start, loop_end = _edges(zone)
        samples = self._font.samples
        if zone.get(SAMPLE_MODES) & 1 and loop_end > loop_start:
            loop = samples[loop_start:loop_end]
            times = max(0, -(-(length - (loop_start - start)) // len(loop)))
            source = np.concatenate([samples[start:loop_start], *[loop] * times])[:length]
        else:
            source = samples[start : min(end, start + length)]
        return source.astype(np.float32) / 32768

    def _pitch_ratio(self, zone: Zone, pitch: int) -> float:
        """Return how many of the sample's values pass per value of the output."""
        header = zone.header
        root = zone.get(ROOT_KEY, -1)
        root = int(header["pitch"]) if root < 0 else root
        cents = (pitch - root) * zone.get(SCALE_TUNING, 100)
        cents += 100 * zone.get(COARSE_TUNE) + zone.get(FINE_TUNE)
        cents += int(header["correction_cents"])
        return float(2 ** (cents / 1200) * int(header["rate_hz"]) / self._rate_hz)

    def _envelope(self, zone: Zone, length: int) -> np.ndarray:
        """Return the gain of a held note: rising in a line, then falling by decibels."""
        delay, attack, hold, decay = (
            self._rate_hz * _seconds(zone.get(kind, -12_000))
            for kind in (DELAY, ATTACK, HOLD, DECAY)
        )
        time = np.arange(length, dtype=np.float32) - np.float32(delay)
        rise = np.clip(time / attack, 0, 1)
        fallen_db = np.maximum(time - attack - hold, 0) * (100 / decay)
        fallen_db = np.minimum(fallen_db, zone.get(SUSTAIN) / 10)
        fallen_db += ATTENUATION_SCALE * zone.get(ATTENUATION) / 10
        return rise * np.float32(10) ** (fallen_db / np.float32(-20))

    def _filtered(self, zone: Zone, tone: np.ndarray) -> np.ndarray:
        """Take the treble that the zone's filter takes where its envelope has opened it."""
        cents = zone.get(FILTER_CENTS, 13_500) + max(zone.get(FILTER_ENVELOPE_CENTS), 0)
        if cents >= 13_000:
            return tone
        cutoff_hz = 8.176 * 2 ** (cents / 1200)
        size = -(-len(tone) // 4096) * 4096  # lengths that the FFT likes
        frequency = np.fft.rfftfreq(size, 1 / self._rate_hz).astype(np.float32)
        gain = 1 / np.sqrt(1 + (frequency / np.float32(cutoff_hz)) ** 4)
        return np.fft.irfft(np.fft.rfft(tone, size) * gain, size)[: len(tone)]


@lru_cache(maxsize=256)
def _release(timecents: int, rate_hz: int) -> np.ndarray:
    """Return the gain of a note that is let go, down to the floor."""
    seconds = max(_seconds(timecents), LEAST_RELEASE_SECONDS)
    length = int(seconds * FLOOR_DB / 100 * rate_hz)
    fallen_db = np.linspace(0, FLOOR_DB, length, dtype=np.float32)
    return 10 ** (fallen_db / np.float32(-20))


def _edges(zone: Zone) -> tuple[int, int, int, int]:
    """Return the first sample, the last and the loop's, offsets added; coarse ones are 32768s."""
    header = zone.header
    fields = (("start", 0, 4), ("end", 1, 12), ("loop_start", 2, 45), ("loop_end", 3, 50))
    start, end, loop_start, loop_end = (
        int(header[name]) + zone.get(fine) + 32_768 * zone.get(coarse)
        for name, fine, coarse in fields
    )
    return start, end, loop_start, loop_end


def _pan_gains(pan: int) -> np.ndarray:
    """Return the gains of left and right for a pan of -500 to 500, of equal power in sum."""
    angle = (np.clip(pan, -500, 500) + 500) / 1000 * np.pi / 2
    return np.array([np.cos(angle), np.sin(angle)], np.float32)


def _seconds(timecents: int) -> float:
    return 2.0 ** (timecents / 1200)
