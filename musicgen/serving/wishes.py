"""What the API can be asked."""

import math
from dataclasses import replace
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictInt, model_validator

from musicgen.generation.request import MAX_BARS, MAX_SEED, UNKNOWN, Request, random_seed
from musicgen.music.grid import STEPS_PER_QUARTER
from musicgen.serving.problems import Problem

MAX_SECONDS = 300
"""How long a piece may play: a wave of an hour would be half a gigabyte."""

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
        None,
        gt=0,
        le=MAX_SECONDS,
        description="Length instead of bars: rounded up to whole bars, down where the piece would "
        "last longer than five minutes, the music that it goes on from included.",
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

        Raises:
            Problem: 422, so many seconds are more bars than can be made.
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
            bars = _bars(self.seconds, self.tempo_qpm or own_tempo_qpm, request)
            request = replace(request, bars=bars)
        return [
            replace(request, seed=(seed + number) % (MAX_SEED + 1))
            for number in range(self.variations)
        ]


def _bars(seconds: float, tempo_qpm: float, request: Request) -> int:
    """Return how many of a request's bars last so long without playing for too long."""
    bars_per_second = tempo_qpm / 60 * STEPS_PER_QUARTER / request.bar_steps
    before = request.prompt_steps / request.bar_steps
    wanted = math.ceil(seconds * bars_per_second - 1e-9)
    bars = max(1, min(wanted, math.floor(MAX_SECONDS * bars_per_second - before + 1e-9)))
    if bars > MAX_BARS:
        lengths = f"{seconds:g} s at {tempo_qpm:g} quarter notes a minute are {wanted} bars"
        remedy = "ask for fewer seconds or a slower tempo"
        raise Problem(422, f"{lengths}, at most {MAX_BARS} are made: {remedy}.")
    return bars


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

    family: Literal["lstm", "gan"] | None = Field(
        None, description="Whose champion; null: the better one."
    )
    version: str | None = Field(
        None,
        pattern=r"^(lstm|gan)-[1-9][0-9]{0,8}$",
        examples=["lstm-3"],
        description="A version instead of a champion.",
    )

    @model_validator(mode="after")
    def _of_one_family(self) -> Self:
        if self.family and self.version and not self.version.startswith(f"{self.family}-"):
            raise ValueError(f"{self.version} is no {self.family}: give family or version alone.")
        return self


class ContinueBody(Wishes):
    """How to go on from an uploaded piece. Values may be text, as forms and queries send them."""

    version: str | None = Field(
        None,
        pattern=r"^lstm-[1-9][0-9]{0,8}$",
        examples=["lstm-3"],
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
        examples=["lstm-3"],
        description="A version instead of the LSTM's champion.",
    )
    instrument: Literal["keyboard", "strings", "winds", "voices"] = Field(
        "keyboard", description="What the person plays."
    )
    ahead_steps: StrictInt = Field(
        2, ge=1, le=16, description="How many steps ahead of its sound a frame is planned."
    )
