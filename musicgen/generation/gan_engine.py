"""The GAN at play: phrases of four bars from latent vectors, chained into pieces."""

from collections.abc import Iterator

import numpy as np

from musicgen.bundle import Bundle
from musicgen.errors import BadInput
from musicgen.generation.engine import index_of, learned_names
from musicgen.generation.request import Request
from musicgen.generation.session import open_session
from musicgen.music.grid import GridScore
from musicgen.representation.pianoroll import BARS, SHAPE, STEPS_PER_BAR, from_roll

GRAPH = "generator.onnx"
THRESHOLD = 0.5
STRIDE = 0.35
"""How far a phrase wanders from the one before it: 0 repeats it, 1 forgets it."""


class GanEngine:
    """Plays bundles of family ``gan``; see ``Engine``.

    The temperature scales the latent vectors: below 1 they keep to the middle of what the
    generator learned (the truncation trick of Brock et al. 2019), where it is surest.
    """

    family = "gan"

    def __init__(self, bundle: Bundle) -> None:
        if GRAPH not in bundle.files:
            raise BadInput(f"The bundle holds no {GRAPH}: train again.")
        self.composers: list[str] = bundle.model["composers"]
        self.ensembles: list[str] = bundle.model["ensembles"]
        self.learned_composers = learned_names(bundle, "composers")
        self.learned_ensembles = learned_names(bundle, "ensembles")
        self.tempo_qpm = float(bundle.model["tempo_qpm"])
        self.temperature = float(bundle.model.get("temperature", 1.0))
        self._latent_dim: int = bundle.model["latent_dim"]
        self._orchestrations: int = bundle.model.get("orchestrations", 0)
        self._session = open_session(bundle.files[GRAPH], GRAPH)
        found = {node.name for node in self._session.get_inputs()}
        if found != {"latent", "composer", "ensemble"}:
            raise BadInput(f"The bundle's {GRAPH} takes {sorted(found)}: train again.")

    def generate(self, requests: list[Request]) -> list[GridScore]:
        """Make one piece for each request; see ``Engine.generate``."""
        return [self.score(request, list(self.phrases(request))) for request in requests]

    def phrases(self, request: Request) -> Iterator[np.ndarray]:
        """Return a piece's phrases, each made when it is asked for.

        A phrase is ``bool`` ``(steps, pitches, families, 2)``; the last one may be shorter.

        Raises:
            BadInput: the request names a composer or an ensemble that the model never met.
        """
        way = latents(request.seed, _count(request), self._latent_dim)
        # Who plays is decided once for a piece; nobody changes instruments at a bar line.
        way[:, : self._orchestrations] = way[0, : self._orchestrations]
        return self._played(request, way)

    def score(self, request: Request, phrases: list[np.ndarray]) -> GridScore:
        """Return the score of a piece's phrases.

        A hold at the start of a phrase carries on the note that ended the phrase before.
        """
        return from_roll(np.concatenate(phrases), request.tempo_qpm or self.tempo_qpm)

    def interpolate(self, request: Request, end_seed: int) -> GridScore:
        """Make a piece that leads from one seed's music to another's, phrase by phrase.

        The first phrase is that of the request's seed, the last that of ``end_seed``; between them
        the latent vectors go the shortest way along the sphere, in equal steps.

        Raises:
            BadInput: the piece is too short for two phrases, or see ``Engine.generate``.
        """
        phrases = _count(request)
        if phrases < 2:
            raise BadInput(
                f"{request.bars} bars are one phrase: to lead from seed to seed takes more than "
                f"{BARS}."
            )
        start, end = (latents(seed, 1, self._latent_dim)[0] for seed in (request.seed, end_seed))
        shares = np.linspace(0, 1, phrases)
        way = np.stack([slerp(start, end, share) for share in shares])
        return self.score(request, list(self._played(request, way.astype(np.float32))))

    def _played(self, request: Request, way: np.ndarray) -> Iterator[np.ndarray]:
        """Play a phrase for each latent vector of ``way``, ``(phrases, latent_dim)``.

        Each is a batch of its own, so that no rounding depends on its company.
        """
        composer = index_of("composer", request.composer, self.composers, self.learned_composers)
        ensemble = index_of("ensemble", request.ensemble, self.ensembles, self.learned_ensembles)
        labels = {"composer": np.array([composer], "i4"), "ensemble": np.array([ensemble], "i4")}
        scale = self.temperature if request.temperature is None else request.temperature
        scaled = np.float32(scale) * way
        steps = request.bars * STEPS_PER_BAR - np.arange(len(way)) * SHAPE[0]
        return (
            self._session.run(None, {"latent": scaled[number : number + 1], **labels})[0][0, :left]
            >= THRESHOLD
            for number, left in enumerate(steps)
        )


def _count(request: Request) -> int:
    return -(-request.bars // BARS)


def latents(seed: int, phrases: int, latent_dim: int) -> np.ndarray:
    """Return the latent vectors of a piece's phrases, ``(phrases, latent_dim)`` float32.

    Each is a step along the great circle from the last towards a fresh draw, so that phrases are
    kin. Two near-orthogonal draws keep their length along it (White 2016, "slerp").
    """
    random = np.random.Generator(np.random.Philox(seed))
    walk = [random.standard_normal(latent_dim)]
    for _ in range(phrases - 1):
        walk.append(slerp(walk[-1], random.standard_normal(latent_dim), STRIDE))
    return np.stack(walk).astype(np.float32)


def slerp(start: np.ndarray, end: np.ndarray, share: float) -> np.ndarray:
    """Return the point at a share of the way from start to end along the sphere.

    Vectors that are almost parallel are mixed in a straight line, which is then the same thing.
    """
    lengths = np.linalg.norm(start) * np.linalg.norm(end)
    angle = np.arccos(np.clip(start @ end / lengths, -1, 1)) if lengths else 0.0
    if np.sin(angle) < 1e-6:
        return (1 - share) * start + share * end
    weights = np.sin([(1 - share) * angle, share * angle]) / np.sin(angle)
    return weights[0] * start + weights[1] * end
