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
_RANGES = {"*/*": JSON, "application/*": JSON, "audio/*": WAV, "image/*": SVG}


def chosen_form(accept: str | None) -> str:
    """Return the media type to answer with, by an ``Accept`` header (RFC 9110, section 12.5.1).

    Of equal wishes the first named counts; a client without the header gets JSON.

    Raises:
        Problem: 406, the client takes none of the forms.
    """
    best, best_quality = None, 0.0
    for item in (accept or "*/*").split(","):
        name, *parameters = (part.strip().lower() for part in item.split(";"))
        form = _NAMES.get(name) or _RANGES.get(name)
        quality = _quality(parameters)
        if form and quality > best_quality:
            best, best_quality = form, quality
    if best is None:
        forms = ", ".join((JSON, *SUFFIXES, *STREAMS))
        raise Problem(406, f"Pieces come as {forms}; name one of them in Accept.")
    return best


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
