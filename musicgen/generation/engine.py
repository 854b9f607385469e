"""The one face that all trained models show when they play."""

from typing import Protocol

from musicgen.bundle import Bundle
from musicgen.errors import BadInput
from musicgen.generation.request import UNKNOWN, Request
from musicgen.music.grid import GridScore


class Engine(Protocol):
    """Makes music from requests; holds no state between calls and may be shared by threads.

    Attributes:
        family: ``lstm`` or ``gan``.
        composers: the names that a request may ask for, ``unknown`` first.
        ensembles: the same for ensembles.
        learned_composers: those whose music the model learned from, ``unknown`` first.
        learned_ensembles: the same for ensembles.
        tempo_qpm: tempo of a piece whose request names none.
        temperature: the same for the temperature: where the family is found to play best.
    """

    family: str
    composers: list[str]
    ensembles: list[str]
    learned_composers: list[str]
    learned_ensembles: list[str]
    tempo_qpm: float
    temperature: float

    def generate(self, requests: list[Request]) -> list[GridScore]:
        """Make one piece for each request; a piece does not depend on those beside it.

        Raises:
            BadInput: a request names a composer or an ensemble that the model never met.
        """
        ...


def load_engine(bundle: Bundle) -> Engine:
    """Return the engine that plays a bundle.

    Raises:
        BadInput: the bundle's family has no engine, or its arrays are not those it describes.
    """
    if bundle.family == "lstm":
        from musicgen.generation.lstm_engine import LstmEngine

        return LstmEngine(bundle)
    if bundle.family == "gan":
        from musicgen.generation.gan_engine import GanEngine

        return GanEngine(bundle)
    raise BadInput(f"No engine plays bundles of family {bundle.family!r}; there are lstm and gan.")


def learned_names(bundle: Bundle, kind: str) -> list[str]:
    """Return the ``composers`` or ``ensembles`` whose music was not all held out from training.

    All where the bundle does not tell.
    """
    names, shares = bundle.model[kind], bundle.model.get("shares", {}).get(kind)
    return [name for name in names if not shares or name == UNKNOWN or shares.get(name, 0) > 0]


def index_of(kind: str, name: str, names: list[str], learned: list[str]) -> int:
    """Return the conditioning index of a composer's or an ensemble's name.

    Raises:
        BadInput: the model never met it; the message lists those that it learned from.
    """
    try:
        return names.index(name)
    except ValueError:
        raise BadInput(
            f"The model knows no {kind} {name!r}; choose one of: {', '.join(learned)}."
        ) from None
