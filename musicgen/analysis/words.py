"""How the report says amounts."""

SECONDS_PER_MINUTE = 60
SECONDS_PER_HOUR = 3600


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, as in ``1 piece`` and ``2,000 pieces``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def lasting(seconds: float) -> str:
    """Return a time in hours, in minutes if it is less than one."""
    if seconds >= SECONDS_PER_HOUR:
        return f"{seconds / SECONDS_PER_HOUR:,.1f} h"
    if seconds >= SECONDS_PER_MINUTE:
        return f"{seconds / SECONDS_PER_MINUTE:.0f} min"
    return f"{seconds:.0f} s"
