"""The API's documents."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from musicgen.generation.request import MAX_BARS, MAX_SEED, UNKNOWN, Request, random_seed
from musicgen.music.family import Family
from musicgen.music.grid import GridScore
from musicgen.registry.pointer import Pointer
from musicgen.serving.piece_id import PieceId

FamilyName = Literal["lstm", "gan"]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class GenerateBody(BaseModel):
    """What to make. Everything has a default; an empty body asks for any piece."""

    model_config = ConfigDict(
        extra="forbid",
        allow_inf_nan=False,
        json_schema_extra={
            "examples": [
                {"composer": "Bach", "bars": 8, "seed": 42},
                {"family": "lstm", "temperature": 0.9, "top_p": 0.95, "tempo_qpm": 96},
            ]
        },
    )

    family: FamilyName | None = Field(None, description="Whose champion; null: the better one.")
    version: str | None = Field(
        None,
        pattern=r"^(lstm|gan)-[1-9][0-9]{0,8}$",
        description="A version instead of a champion.",
    )
    composer: Name = Field(UNKNOWN, description="In the manner of; see /v1/options.")
    ensemble: Name = Field(UNKNOWN, description="For these instruments; see /v1/options.")
    seed: StrictInt | None = Field(
        None, ge=0, le=MAX_SEED, description="The same seed, the same music; null: any."
    )
    bars: StrictInt = Field(8, ge=1, le=MAX_BARS, description="Length in bars of 4/4.")
    tempo_qpm: float | None = Field(
        None, ge=20, le=400, description="Quarter notes a minute; null: the model's own."
    )
    temperature: float | None = Field(
        None, ge=0, le=4, description="Below 1 tamer, above 1 wilder; null: the model's own."
    )
    top_p: float = Field(0.95, gt=0, le=1, description="Share of the likeliest; LSTM only.")
    top_k: StrictInt = Field(
        0, ge=0, le=2**16, description="Number of the likeliest, 0: all; LSTM only."
    )

    def request(self) -> Request:
        """Return what an engine is asked, with a seed in any case."""
        return Request(
            seed=random_seed() if self.seed is None else self.seed,
            composer=self.composer,
            ensemble=self.ensemble,
            bars=self.bars,
            tempo_qpm=self.tempo_qpm,
            temperature=self.temperature,
            top_k=self.top_k,
            top_p=max(self.top_p, 1e-6),
        )


class NoteDocument(BaseModel):
    """A note on the grid."""

    onset_steps: int
    duration_steps: int
    pitch: int = Field(ge=0, le=127, description="MIDI pitch; 60 is middle C.")
    family: Literal["keyboard", "strings", "winds", "voices"]


class PieceDocument(BaseModel):
    """A piece: its notes, what made it, and where to get it in other forms."""

    id: str = Field(description="Names the piece for good: it makes it again.")
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
    length_steps: int
    duration_seconds: float
    notes: list[NoteDocument]
    links: dict[str, str] = Field(examples=[{"midi": "/v1/pieces/….mid"}])

    @classmethod
    def of(cls, piece_id: PieceId, score: GridScore) -> "PieceDocument":
        """Describe a piece."""
        request, path = piece_id.request, f"/v1/pieces/{piece_id}"
        notes = [
            NoteDocument(
                onset_steps=onset,
                duration_steps=duration,
                pitch=pitch,
                family=Family(family).name.lower(),
            )
            for onset, duration, pitch, family in score.notes.tolist()
        ]
        return cls(
            id=str(piece_id),
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
            length_steps=score.length_steps,
            duration_seconds=score.duration_seconds,
            notes=notes,
            links={"self": path, "midi": f"{path}.mid", "wav": f"{path}.wav"},
        )


class FamilyOptions(BaseModel):
    """What a family's champion can be asked."""

    family: FamilyName
    version: str
    is_champion: bool = Field(description="Whether it is what plays when no family is named.")
    composers: list[str]
    ensembles: list[str]
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
