"""Where things live, read once from the environment."""

import os
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from musicgen.errors import BadInput

PROJECT_PATH = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Settings:
    """Places and addresses. Every field has an environment variable ``MUSICGEN_<FIELD>``.

    Attributes:
        home_path: directory for what this machine keeps: logs, databases, the default bucket.
        bucket_uri: where all data and models live: ``file://`` or ``gs://``.
        tracking_uri: the MLflow server, or an SQLite database when none runs.
        api_url: the API that plays the champion.
        api_key: what it is to be asked with, where it asks for keys.
        soundfont_path: SoundFont 2 file that renders WAV, and that the page plays on.
        scripts_path: what the page takes from npm: a ``node_modules``, which may be missing.
    """

    home_path: Path
    bucket_uri: str
    tracking_uri: str
    api_url: str
    soundfont_path: Path
    scripts_path: Path
    api_key: str = field(default="", repr=False)

    @property
    def api_headers(self) -> dict[str, str]:
        """Return what a request to the API carries.

        Raises:
            BadInput: the key can be none.
        """
        if not self.api_key.isascii():
            raise BadInput("MUSICGEN_API_KEY is no key: copy it again, letter by letter.")
        return {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}

    @classmethod
    def from_environment(cls, environment=os.environ) -> "Settings":
        """Read the environment; what it leaves out gets a default under the project."""
        home_path = Path(environment.get("MUSICGEN_HOME", PROJECT_PATH / "var")).absolute()
        tracking = environment.get("MLFLOW_TRACKING_URI", f"sqlite:///{home_path}/mlflow/mlflow.db")
        return cls(
            home_path=home_path,
            bucket_uri=as_uri(environment.get("MUSICGEN_BUCKET") or str(home_path / "bucket")),
            tracking_uri=environment.get("MUSICGEN_TRACKING_URI", tracking),
            api_url=environment.get("MUSICGEN_API_URL", "http://127.0.0.1:8000").rstrip("/"),
            soundfont_path=Path(environment.get("MUSICGEN_SOUNDFONT_PATH", _packaged_soundfont())),
            scripts_path=Path(environment.get("MUSICGEN_SCRIPTS_PATH", _installed_scripts())),
            api_key=environment.get("MUSICGEN_API_KEY", ""),
        )


@cache
def settings() -> Settings:
    """Return the settings of this process."""
    return Settings.from_environment()


def as_uri(location: str) -> str:
    """Return a URI without trailing slash: a plain path becomes an absolute ``file://`` URI.

    Raises:
        BadInput: it is empty, a scheme alone, no UTF-8, or the home of a user whom nobody knows.
    """
    if not location.strip():
        raise BadInput("An empty text is no place: give a directory, a file:// or a gs:// URI.")
    if "://" in location:
        uri = location.rstrip("/")
        if uri.endswith(":"):
            raise BadInput(f"{location} is a scheme alone: say what place it leads to.")
        return uri
    # Not `Path.as_uri`, whose %20 for a blank is not undone by fsspec.
    return f"file://{expanded(location).absolute()}"


def expanded(location: str) -> Path:
    """Return a path of this machine, ``~`` replaced by the home that it stands for.

    Raises:
        BadInput: there is no such home, or the name is no UTF-8, which no manifest can hold.
    """
    try:
        location.encode()
        return Path(location).expanduser()
    except UnicodeEncodeError:
        legible = os.fsencode(location).decode(errors="replace")
        raise BadInput(f"The name {legible} is no UTF-8: rename it.") from None
    except RuntimeError:
        home = location.split("/")[0]
        raise BadInput(f"There is no home {home}: write the path in full.") from None


def _packaged_soundfont() -> Path:
    """Find the SoundFont inside the pretty_midi package, without importing it."""
    from importlib.util import find_spec

    spec = find_spec("pretty_midi")
    parent = Path(spec.origin).parent if spec and spec.origin else Path()
    return parent / "TimGM6mb.sf2"


def _installed_scripts() -> Path:
    """Return where set-up puts them: into the environment."""
    return Path(sys.prefix) / "share" / "musicgen-studio" / "node_modules"
