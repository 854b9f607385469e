"""Instrument families: the few tracks that models tell apart."""

from enum import IntEnum

import numpy as np


class Family(IntEnum):
    """Four families that between them hold every pitched General MIDI program."""

    KEYBOARD = 0
    STRINGS = 1
    WINDS = 2
    VOICES = 3

    @property
    def program(self) -> int:
        """General MIDI program, 0–127, that plays this family."""
        return _PROGRAMS[self]


_PROGRAMS = {
    Family.KEYBOARD: 0,  # acoustic grand piano
    Family.STRINGS: 48,  # string ensemble
    Family.WINDS: 71,  # clarinet
    Family.VOICES: 52,  # choir aahs
}

# General MIDI lists its programs in sixteen groups of eight; each group has one family.
_FAMILY_OF_GROUP = np.array(
    [
        Family.KEYBOARD,  # pianos, harpsichord
        Family.KEYBOARD,  # chromatic percussion
        Family.KEYBOARD,  # organs
        Family.KEYBOARD,  # guitars: plucked, polyphonic, notated like keyboards
        Family.STRINGS,  # basses
        Family.STRINGS,  # strings
        Family.STRINGS,  # ensembles, choirs excepted below
        Family.WINDS,  # brass
        Family.WINDS,  # reeds
        Family.WINDS,  # pipes
        Family.WINDS,  # synth leads
        Family.VOICES,  # synth pads
        Family.KEYBOARD,  # synth effects
        Family.KEYBOARD,  # plucked instruments of the world
        Family.KEYBOARD,  # tuned percussion
        Family.KEYBOARD,  # sound effects
    ],
    np.uint8,
)
_FAMILY_OF_PROGRAM = np.repeat(_FAMILY_OF_GROUP, 8)
_FAMILY_OF_PROGRAM[52:55] = Family.VOICES  # choir aahs, voice oohs, synth voice


def families_of_programs(programs: np.ndarray) -> np.ndarray:
    """Map General MIDI programs (0–127) to families, elementwise, as ``uint8``."""
    return _FAMILY_OF_PROGRAM[programs]
