"""What Airflow loads of ours besides operators."""

from typing import ClassVar

import musicgen_run_note
from airflow.plugins_manager import AirflowPlugin


class MusicgenPlugin(AirflowPlugin):
    """Registers the listener that writes a line into the note of each finished run."""

    name = "musicgen"
    listeners: ClassVar = [musicgen_run_note]
