"""The API's documents."""

import math
from dataclasses import replace
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictInt, model_validator

from musicgen.generation.request import MAX_BARS, MAX_SEED, UNKNOWN, Request, random_seed
from musicgen.music.family import Family
from musicgen.music.grid import STEPS_PER_QUARTER, GridScore
from musicgen.registry.pointer import Pointer
from musicgen.serving.piece_id import PieceId

FamilyName = Literal["lstm", "gan"]
_FAMILY_NAMES = [family.name.lower() for family in Family]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Wishes(BaseModel):
    """What every piece can be asked to be. Everything has a default."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    composer: Name = Field(UNKNOWN, description="In the manner of; see /v1/options.")
    ensemble: Name = Field(UNKNOWN, description="For these instruments; see /v1/options.")
    seed: StrictInt | None = Field(
        None, ge=0, le=MAX_SEED, description="The same seed, the same music; null: any."
    )
    variations: StrictInt = Field(
        1, ge=1, le=4, description="How many pieces, with this seed and those that follow it."
    )
    bars: StrictInt = Field(8, ge=1, le=MAX_BARS, description="Length in bars, 4/4 if new.")
    seconds: float | None = Field(
        None, gt=0, le=300, description="Length instead of bars, rounded up to whole bars."
    )
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

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if self.seconds is not None and "bars" in self.model_fields_set:
            raise ValueError("Give bars or seconds, not both.")
        return self

    def requests(self, own_tempo_qpm: float, prompt: str | None = None) -> list[Request]:
        """Return what an engine is asked, one for each variation.

        Args:
            own_tempo_qpm: the tempo where none is wished for; it decides how long seconds are.
            prompt: music to go on from.
        """
        seed = random_seed() if self.seed is None else self.seed
        request = Request(
            seed=seed,
            composer=self.composer,
            ensemble=self.ensemble,
            bars=self.bars,
            tempo_qpm=self.tempo_qpm,
            temperature=self.temperature,
            top_k=self.top_k,
            top_p=max(self.top_p, 1e-6),
            prompt=prompt,
        )
        if self.seconds is not None:
            bar_seconds = request.bar_steps / STEPS_PER_QUARTER * 60
            bar_seconds /= self.tempo_qpm or own_tempo_qpm
            bars = math.ceil(self.seconds / bar_seconds - 1e-9)
            request = replace(request, bars=min(max(bars, 1), MAX_BARS))
        return [
            replace(request, seed=(seed + number) % (MAX_SEED + 1))
            for number in range(self.variations)
        ]


class GenerateBody(Wishes):
    """What to make; an empty body asks for any piece."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"composer": "Bach", "bars": 8, "seed": 42},
                {"family": "lstm", "temperature": 0.9, "top_p": 0.95, "tempo_qpm": 96},
                {"seconds": 20, "variations": 2},
            ]
        },
    )

    family: FamilyName | None = Field(None, description="Whose champion; null: the better one.")
    version: str | None = Field(
        None,
        pattern=r"^(lstm|gan)-[1-9][0-9]{0,8}$",
        description="A version instead of a champion.",
    )


class ContinueBody(Wishes):
    """How to go on from an uploaded piece. Values may be text, as forms and queries send them."""

    version: str | None = Field(
        None,
        pattern=r"^lstm-[1-9][0-9]{0,8}$",
        description="A version instead of the LSTM's champion.",
    )
    context_bars: StrictInt = Field(
        8, ge=1, le=16, description="How many of the last bars to go on from; the piece has them."
    )


class JamStart(Wishes):
    """How to play a duet; the first message of one."""

    type: Literal["start"] = "start"
    version: str | None = Field(
        None,
        pattern=r"^lstm-[1-9][0-9]{0,8}$",
        description="A version instead of the LSTM's champion.",
    )
    instrument: Literal["keyboard", "strings", "winds", "voices"] = Field(
        "keyboard", description="What the person plays."
    )
    ahead_steps: StrictInt = Field(
        2, ge=1, le=16, description="How many steps ahead of its sound a frame is planned."
    )


class NoteDocument(BaseModel):
    """A note on the grid."""

    onset_steps: int
    duration_steps: int
    pitch: int = Field(ge=0, le=127, description="MIDI pitch; 60 is middle C.")
    family: Literal["keyboard", "strings", "winds", "voices"]


def note_members(row: tuple[int, int, int, int]) -> dict[str, Any]:
    """Return the members of a note's document from a row of ``GRID_NOTE``."""
    onset, duration, pitch, family = row
    return {
        "onset_steps": onset,
        "duration_steps": duration,
        "pitch": pitch,
        "family": _FAMILY_NAMES[family],
    }


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
        """Describe a piece."""
        request, path = piece_id.request, f"/v1/pieces/{piece_id}"
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
            bar_steps=request.bar_steps,
            length_steps=score.length_steps,
            prompt_steps=request.prompt_steps,
            duration_seconds=score.duration_seconds,
            notes=[NoteDocument(**note_members(row)) for row in score.notes.tolist()],
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
