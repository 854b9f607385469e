"""What both sides of a duet play, and when."""

import math
from typing import Any

from musicgen.generation.growing_piece import Frame
from musicgen.generation.request import Request
from musicgen.music.family import Family
from musicgen.music.grid import STEPS_PER_QUARTER
from musicgen.serving.problems import Problem

LEAD_IN_MS = 500
"""Time between the agreement and the first beat, at least."""

GOLDEN = (math.sqrt(5) - 1) / 2


class Duet:
    """Puts what a person plays onto the steps of a clock, and the model's frames into times.

    A step's frame is planned ``ahead_steps`` before it sounds, with what was heard by then: the
    model hears the person so much late, and is heard itself on the beat.

    Duets of one tempo want their frames at the same distance for as long as they last. Were those
    that begin together due together, each would wait for all others, at every step: so their
    numbers spread them over a step, for which none begins more than a step later.

    Attributes:
        step: index of the frame to come.
        step_ms: length of a step.
        begins_ms: when step 0 sounds, by the server's clock.
    """

    def __init__(
        self,
        request: Request,
        tempo_qpm: float,
        instrument: Family,
        ahead_steps: int,
        now_ms: float,
        number: int,
    ) -> None:
        self.step = 0
        self.step_ms = 60_000 / tempo_qpm / STEPS_PER_QUARTER
        earliest_steps = (now_ms + LEAD_IN_MS) / self.step_ms + ahead_steps
        # Multiples of the golden ratio lie evenly however many there are (Knuth, vol. 3, 6.4).
        phase = number * GOLDEN % 1
        self.begins_ms = (math.ceil(earliest_steps - phase) + phase) * self.step_ms
        self._request = request
        self._tempo_qpm = tempo_qpm
        self._instrument = instrument
        self._ahead_steps = ahead_steps
        self._down: set[int] = set()
        self._struck: set[int] = set()
        self._sounding: set[tuple[int, int]] = set()

    def description(self) -> dict[str, Any]:
        """Return what the other side has to know before the first beat."""
        return {
            "seed": self._request.seed,
            "tempo_qpm": self._tempo_qpm,
            "steps_per_quarter": STEPS_PER_QUARTER,
            "length_steps": self._request.length_steps,
            "ahead_steps": self._ahead_steps,
            "step_ms": self.step_ms,
            "begins_ms": self.begins_ms,
        }

    def due_ms(self) -> float:
        """Return when the frame to come has to be made."""
        return self.begins_ms + (self.step - self._ahead_steps) * self.step_ms

    def note(self, message: dict[str, Any]) -> None:
        """Take in that the person pressed or let go of a key.

        Raises:
            Problem: 422, it says not which.
        """
        pitch, is_on = message.get("pitch"), message.get("on")
        if type(pitch) is not int or not 0 <= pitch <= 127 or type(is_on) is not bool:
            raise Problem(422, "A note has a pitch from 0 to 127, and on: true or false.")
        if is_on:
            self._struck.add(pitch)
            self._down.add(pitch)
        else:
            self._down.discard(pitch)

    def heard(self) -> dict[tuple[int, int], bool]:
        """Return the person's notes since the last frame, and whether each was there before.

        A note that was struck and let go of in between counts: it lasts one step.
        """
        notes = {
            (pitch, int(self._instrument)): pitch not in self._struck
            for pitch in self._down | self._struck
        }
        self._struck = set()
        return notes

    def plan(self, frame: Frame) -> dict[str, Any]:
        """Return a frame as the notes that begin and end when it sounds."""
        play_at_ms = round(self.begins_ms + self.step * self.step_ms, 3)
        ended = self._sounding - set(frame.held)
        self._sounding = set(frame.struck) | set(frame.held)
        events = [(line, False) for line in sorted(ended)]
        events += [(line, True) for line in frame.struck]
        notes = [
            {
                "pitch": pitch,
                "family": Family(family).name.lower(),
                "on": is_on,
                "play_at_ms": play_at_ms,
            }
            for (pitch, family), is_on in events
        ]
        plan = {"type": "plan", "step": self.step, "play_at_ms": play_at_ms, "notes": notes}
        self.step += 1
        return plan
