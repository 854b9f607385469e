"""Errors that people are meant to read: one sentence with the cause and the remedy."""


class MusicgenError(Exception):
    """A failure whose message is fit to be shown as it is, without a traceback."""


class BadInput(MusicgenError):
    """What the caller gave cannot be used; the message names the remedy (exit code 2)."""


class UnreadableMusic(MusicgenError):
    """One piece that cannot be taken into a dataset.

    Attributes:
        reason: a short stable key such as ``not_midi``, ``too_long``, ``no_notes``.
        detail: what was found, for people.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail

    def __reduce__(self):
        """Let the error cross process boundaries whole."""
        return type(self), (self.reason, self.detail)
