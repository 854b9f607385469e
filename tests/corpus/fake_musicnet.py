"""A MusicNet of four recordings, in the official layout, made here."""

import io
import tarfile
from pathlib import Path

import numpy as np

from musicgen.music.grid import GRID_NOTE, GridScore
from musicgen.music.midi import write_midi

METADATA = """\
"id","composer","composition","movement","ensemble","source","transcriber","catalog_name","seconds"
1759,"Schubert","Piano Sonata in C minor","3. Menuetto","Solo Piano","x","y","D958",200
1760,"Schubert","Piano Sonata in C minor","4. Allegro","Solo Piano","x","y","D958",500
2194,"Bach","WTK I, No. 13","1. Prelude","Solo Piano","x","y","BWV858",90
2195,"Bach","WTK I, No. 3","2. Fugue","Solo Piano","x","y","BWV848",100
"""
MIDI_NAMES = {
    "1759": "musicnet_midis/Schubert/1759_d958-3.mid",
    "1760": "musicnet_midis/Schubert/1760_d958-4.mid",
    "2194": "musicnet_midis/Bach/2194_prelude13.mid",
}
LABEL_NAMES = {"1759": "test_labels/1759.csv", "2195": "train_labels/2195.csv"}
LABELS = b"""\
start_time,end_time,instrument,note,start_beat,end_beat,note_value
44100,66150,1,60,0.0,1.0,Quarter
66150,88200,1,64,1.0,1.0,Quarter
88200,110250,1,67,2.0,1.0,Quarter
"""


def midi(pitch: int = 60) -> bytes:
    """A MIDI file of four quarter notes."""
    rows = [(4 * beat, 4, pitch + beat, 0) for beat in range(4)]
    return write_midi(GridScore(np.array(rows, GRID_NOTE), 16))


def files() -> dict[str, bytes]:
    """All files by their path in the official layout; each MIDI is another."""
    midis = {name: midi(60 + place) for place, name in enumerate(MIDI_NAMES.values())}
    labels = {f"musicnet/{name}": LABELS for name in LABEL_NAMES.values()}
    return {"musicnet_metadata.csv": METADATA.encode(), **midis, **labels}


def write(folder: Path) -> Path:
    """Write it below a folder."""
    for name, data in files().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def archives() -> dict[str, bytes]:
    """The three files of the official download; the audio is some zeros."""
    found = files()
    midis = {name: data for name, data in found.items() if name.endswith(".mid")}
    labels = {name: data for name, data in found.items() if name.endswith("s/1759.csv")}
    more = {name: data for name, data in found.items() if name.endswith("s/2195.csv")}
    audio = {"musicnet/train_data/1760.wav": bytes(300_000)}
    return {
        "musicnet_metadata.csv": found["musicnet_metadata.csv"],
        "musicnet_midis.tar.gz": targz(midis),
        "musicnet.tar.gz": targz({**labels, **audio, **more}),
    }


def targz(members: dict[str, bytes]) -> bytes:
    """Pack files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as tar:
        for name, data in members.items():
            header = tarfile.TarInfo(name)
            header.size = len(data)
            tar.addfile(header, io.BytesIO(data))
    return buffer.getvalue()
