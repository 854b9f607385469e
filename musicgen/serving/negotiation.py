"""Which of the forms that a piece has does the client want?"""

from musicgen.music.musicxml import MEDIA_TYPE as MUSICXML
from musicgen.serving.problems import Problem

JSON = "application/json"
MIDI = "audio/midi"
WAV = "audio/wav"
SVG = "image/svg+xml"
NDJSON = "application/x-ndjson"
EVENTS = "text/event-stream"

SUFFIXES = {MIDI: "mid", WAV: "wav", MUSICXML: "musicxml", SVG: "svg"}
"""Forms that are files, by media type."""

STREAMS = (NDJSON, EVENTS)

_NAMES = {
    **{form: form for form in (JSON, *SUFFIXES, *STREAMS)},
    "audio/mid": MIDI,
    "audio/x-midi": MIDI,
    "audio/wave": WAV,
    "audio/x-wav": WAV,
    "audio/vnd.wave": WAV,
    "application/vnd.recordare.musicxml": MUSICXML,
    "application/ndjson": NDJSON,
    "application/jsonl": NDJSON,
}
_MEANT = {
    **{name: (form,) for name, form in _NAMES.items()},
    "*/*": (JSON, *SUFFIXES),
    "application/*": (JSON, MUSICXML),
    "audio/*": (WAV, MIDI),
    "image/*": (SVG,),
}
"""Forms by name or range, the likeliest first; nobody is streamed to who does not name a stream."""


def chosen_form(accept: str | None) -> str:
    """Return the media type to answer with, by an ``Accept`` header (RFC 9110, section 12.5.1).

    Of equal wishes the first named counts; a client without the header gets JSON.

    Raises:
        Problem: 406, the client takes none of the forms.
    """
    qualities = _qualities(accept or "*/*")
    best = max(qualities, key=qualities.__getitem__, default=None)
    if best is None or not qualities[best]:
        forms = ", ".join((JSON, *SUFFIXES, *STREAMS))
        raise Problem(406, f"Pieces come as {forms}; name one of them in Accept.")
    return best


def _qualities(accept: str) -> dict[str, float]:
    """Return how much each form is wished for, in the order of the header.

    What names a form more closely counts, so that no range brings back what was refused.
    """
    found: dict[str, tuple[int, float]] = {}
    for item in accept.split(","):
        name, *parameters = (part.strip().lower() for part in item.split(";"))
        wish = (-name.count("*"), _quality(parameters))
        for form in _MEANT.get(name, ()):
            if form not in found or wish > found[form]:
                found.pop(form, None)  # it stands where this names it
                found[form] = wish
    return {form: quality for form, (_, quality) in found.items()}


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return max(0.0, float(value))
            except ValueError:
                return 0.0
    return 1.0
