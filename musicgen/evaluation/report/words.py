"""How the report calls what it shows."""


def control_name(name: str) -> str:
    """Return the name of a control as people write it."""
    return name.replace("held_out", "held-out").replace("_", " ")
