"""What ``musicgen evaluate`` may be given: runs, models, trainings, and music of any kind."""

import re
from dataclasses import replace
from itertools import chain, count

from musicgen import manifest, storage
from musicgen.evaluation.candidate import Candidate, candidates_of_runs
from musicgen.evaluation.given_music import GivenMusic, given_music
from musicgen.settings import as_uri
from musicgen.training.checkpoints import checkpoint_names, checkpoint_uri

_RUN_ID = re.compile(r"[0-9a-f]{32}")

Contestant = Candidate | GivenMusic


def contestants(sources: list[str]) -> list[Contestant]:
    """Find what sources name; all have different names.

    Args:
        sources: each an MLflow run id; or a path or URI of a model's bundle, of a training (its
            checkpoints and its model), of a MIDI file, a folder of them, a corpus or a dataset.

    Raises:
        BadInput: a source is none of these, or holds too little music.
    """
    runs = [source for source in sources if _is_run(source)]
    found: list[Contestant] = [*candidates_of_runs(runs)]
    for source in sources:
        if not _is_run(source):
            found += _at(as_uri(source))
    return told_apart(found)


def _is_run(source: str) -> bool:
    if _RUN_ID.fullmatch(source):
        return True
    # A mistyped run is told from a folder that is not there by how it looks.
    return "/" not in source and "." not in source and not storage.exists(as_uri(source))


def _at(uri: str) -> list[Contestant]:
    checkpoints = checkpoint_names(uri)
    if checkpoints:
        models = [_model(checkpoint_uri(uri, name)) for name in checkpoints]
        kept = f"{uri}/bundle"
        return [*models, *([_model(kept)] if manifest.exists(kept) else [])]
    if manifest.exists(uri) and "family" in manifest.load(uri):
        return [_model(uri)]
    return [given_music(_name(uri), uri)]


def _model(uri: str) -> Candidate:
    family = manifest.load(uri)["family"]
    return Candidate(f"{family}-{_name(uri)}", family, uri)


def _name(uri: str) -> str:
    """Return the last part of a URI that says something."""
    parts = [part for part in uri.split("/") if part not in ("", "bundle")]
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", parts[-1])[:40]


def told_apart(found: list[Contestant]) -> list[Contestant]:
    """Number those whose name another has before them."""
    named: dict[str, Contestant] = {}
    for each in found:
        numbered = (f"{each.name}-{number}" for number in count(2))
        name = next(name for name in chain([each.name], numbered) if name not in named)
        named[name] = each if name == each.name else replace(each, name=name)
    return list(named.values())
