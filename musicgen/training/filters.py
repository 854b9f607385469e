"""What MLflow's searches are asked with."""

from musicgen.errors import BadInput


def quoted(text: str) -> str:
    """Return a text as a filter takes it, which knows no escapes but two kinds of quotes.

    Raises:
        BadInput: it holds both.
    """
    if "'" not in text:
        return f"'{text}'"
    if '"' not in text:
        return f'"{text}"'
    raise BadInput(f"MLflow finds nothing by a name that holds ' and \" both: rename {text}.")
