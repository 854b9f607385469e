"""What the API answers."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from musicgen.music.family import Family
from musicgen.music.grid import GridScore
from musicgen.registry.pointer import Pointer
from musicgen.serving.piece_id import PieceId

FamilyName = Literal["lstm", "gan"]
_FAMILY_NAMES = [family.name.lower() for family in Family]


class NoteDocument(TypedDict):
    """A note on the grid."""

    onset_steps: int
    duration_steps: int
    pitch: Annotated[int, Field(ge=0, le=127, description="MIDI pitch; 60 is middle C.")]
    family: Literal["keyboard", "strings", "winds", "voices"]


def note_document(row: tuple[int, int, int, int]) -> NoteDocument:
    """Return a note's document from a row of ``GRID_NOTE``."""
    onset, duration, pitch, family = row
    return {
        "onset_steps": onset,
        "duration_steps": duration,
        "pitch": pitch,
        "family": _FAMILY_NAMES[family],
    }


class PieceDocument(BaseModel):
    """A piece: its notes, what made it, and where to get it in other forms."""

    id: str = Field(description="Names the piece and, while its version is kept, makes it.")
    version: str
    family: FamilyName
    seed: int
    composer: str
    ensemble: str
    bars: int
    temperature: float | None
    top_p: float
    top_k: int
    tempo_qpm: float = Field(description="Quarter notes a minute.")
    steps_per_quarter: int
    bar_steps: int = Field(description="Length of a bar.")
    length_steps: int
    prompt_steps: int = Field(description="How much of it was there to go on from.")
    duration_seconds: float
    notes: list[NoteDocument]
    links: dict[str, str] = Field(examples=[{"midi": "/v1/pieces/….mid"}])
    variations: list["PieceDocument"] = Field(
        description="The other pieces, where several were asked for."
    )

    @classmethod
    def of(cls, piece_id: PieceId, score: GridScore) -> "PieceDocument":
        """Describe a piece; checking what is known to be right would take five times as long."""
        request, name = piece_id.request, str(piece_id)
        path = f"/v1/pieces/{name}"
        return cls.model_construct(
            id=name,
            version=piece_id.version,
            family=piece_id.version.partition("-")[0],
            seed=request.seed,
            composer=request.composer,
            ensemble=request.ensemble,
            bars=request.bars,
            temperature=request.temperature,
            top_p=request.top_p,
            top_k=request.top_k,
            tempo_qpm=score.tempo_qpm,
            steps_per_quarter=score.steps_per_quarter,
            bar_steps=request.bar_steps,
            length_steps=score.length_steps,
            prompt_steps=request.prompt_steps,
            duration_seconds=score.duration_seconds,
            notes=[note_document(row) for row in score.notes.tolist()],
            links={
                "self": path,
                "midi": f"{path}.mid",
                "wav": f"{path}.wav",
                "musicxml": f"{path}.musicxml",
                "svg": f"{path}.svg",
            },
            variations=[],
        )


class FamilyOptions(BaseModel):
    """What a family's champion can be asked."""

    family: FamilyName
    version: str
    is_champion: bool = Field(description="Whether it is what plays when no family is named.")
    composers: list[str]
    ensembles: list[str]
    shares: dict[str, dict[str, float]] = Field(
        description="How much of what it learned from each composer and ensemble was; may be {}.",
        examples=[{"composers": {"Bach": 0.8, "Haydn": 0.2}, "ensembles": {"Chorale": 1.0}}],
    )
    tempo_qpm: float
    temperature: float


class Options(BaseModel):
    """What there is to choose from."""

    families: list[FamilyOptions]


class ModelDocument(BaseModel):
    """A champion: which version, since when, on what grounds, made of what."""

    channel: str = Field(description="overall, lstm or gan.")
    version: str
    family: FamilyName
    generation: int = Field(description="How often the channel's pointer has moved.")
    previous: str | None
    score: float
    run_id: str | None
    dataset_id: str
    provenance: dict

    @classmethod
    def of(cls, channel: str, pointer: Pointer, provenance: dict) -> "ModelDocument":
        """Describe a champion."""
        return cls(
            channel=channel,
            version=pointer.version,
            family=pointer.family,
            generation=pointer.generation,
            previous=pointer.previous,
            score=pointer.score,
            run_id=pointer.run_id,
            dataset_id=pointer.dataset_id,
            provenance=provenance,
        )


class Models(BaseModel):
    """The champions, and what keeps a newer one from playing."""

    models: list[ModelDocument]
    problems: dict[str, str]


class ProblemDocument(BaseModel):
    """An error (RFC 9457), media type ``application/problem+json``."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = Field(description="The cause and the remedy in a sentence.")
    errors: list[dict[str, str]] | None = Field(
        None, description="With 422: which values, as JSON pointers."
    )
