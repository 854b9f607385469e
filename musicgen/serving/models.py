"""Routes about the models that play."""

from fastapi import APIRouter, Depends

from musicgen.serving.champions import Champions, channel_name
from musicgen.serving.dependencies import Parts, within_rate
from musicgen.serving.documents import FamilyOptions, ModelDocument, Models, Options

router = APIRouter(prefix="/v1", tags=["models"])


@router.get("/options", summary="What there is to choose from")
def options(parts: Parts) -> Options:
    """Return, for each family that has a champion, what it can be asked."""
    current = parts.champions.current
    overall = current.get(None)
    families = [
        FamilyOptions(
            family=family,
            version=champion.player.version,
            is_champion=overall is not None and overall.pointer.family == family,
            composers=champion.player.engine.learned_composers,
            ensembles=champion.player.engine.learned_ensembles,
            shares=champion.player.shares,
            tempo_qpm=champion.player.engine.tempo_qpm,
            temperature=champion.player.engine.temperature,
        )
        for family, champion in current.items()
        if family is not None
    ]
    return Options(families=families)


@router.get("/models", summary="The champions and where they come from")
def models(parts: Parts) -> Models:
    """Return the champions that play."""
    return _described(parts.champions)


@router.post(
    "/models/reload",
    summary="Look for new champions now",
    dependencies=[Depends(within_rate)],
)
async def reload(parts: Parts) -> Models:
    """Look at the bucket at once instead of within seconds; returns the champions that play."""
    await parts.errands.run(parts.champions.refresh)
    return _described(parts.champions)


def _described(champions: Champions) -> Models:
    described = [
        ModelDocument.of(channel_name(channel), champion.pointer, champion.player.provenance)
        for channel, champion in champions.current.items()
    ]
    return Models(models=described, problems=champions.problems)
