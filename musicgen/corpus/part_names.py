"""Instruments by the names that parts have in scores."""

import re

# General MIDI programs, from 0, by the beginnings of words. Longer ones come before those that
# they begin with. "Bass" is a voice in the music that this is used for.
_PROGRAMS = {
    "violonc": 42,
    "violone": 43,
    "viola": 41,
    "violin": 40,
    "viloin": 40,  # as BWV 41 and 171 spell it
    "cello": 42,
    "continuo": 6,
    "organ": 19,
    "piano": 0,
    "trumpet": 56,
    "cornet": 56,
    "horn": 60,
    "oboe": 68,
    "clarinet": 71,
    "flute": 73,
    "recorder": 74,
    "timpani": 47,
    "soprano": 52,
    "alto": 52,
    "tenor": 52,
    "bass": 52,
    "canto": 52,
    "quinto": 52,
    "choir": 52,
    "voice": 52,
}


def program_of_name(name: str) -> int | None:
    """Return the General MIDI program, from 0, of the first word that names an instrument."""
    for word in re.findall(r"[a-z]+", name.lower()):
        for beginning, program in _PROGRAMS.items():
            if word.startswith(beginning):
                return program
    return None
