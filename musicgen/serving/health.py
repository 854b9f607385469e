"""Routes for those who look after the server."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

from musicgen.serving.champions import channel_name
from musicgen.serving.dependencies import Parts

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="Is the process alive?")
async def healthz() -> dict[str, str]:
    """Answer, which is all there is to it: no thread has to be free for that."""
    return {"status": "ok"}


@router.get("/readyz", summary="Can it play?", responses={503: {"description": "Not yet."}})
def readyz(parts: Parts) -> JSONResponse:
    """Return 200 once the overall champion plays, with what keeps any newer one from it."""
    current = parts.champions.current
    ready = None in current
    document = {
        "ready": ready,
        "playing": {channel_name(c): champion.player.version for c, champion in current.items()},
        "problems": parts.champions.problems,
    }
    return JSONResponse(document, 200 if ready else 503, {} if ready else {"Retry-After": "5"})


@router.get("/metrics", summary="Prometheus metrics", response_class=Response)
def metrics(parts: Parts) -> Response:
    """Return the counters in Prometheus' text format."""
    return Response(parts.metrics.exposition(), media_type=CONTENT_TYPE_LATEST)
