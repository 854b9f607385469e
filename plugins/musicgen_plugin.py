"""What Airflow loads of ours besides operators."""

from typing import Any, ClassVar

import musicgen_run_note
from airflow.plugins_manager import AirflowPlugin
from musicgen_web import app


class MusicgenPlugin(AirflowPlugin):
    """Registers the notes of finished runs, the pages of the bucket, and the listening page."""

    name = "musicgen"
    listeners: ClassVar = [musicgen_run_note]
    fastapi_apps: ClassVar[list[dict[str, Any]]] = [
        {"app": app, "url_prefix": "/musicgen", "name": "musicgen"}
    ]
    external_views: ClassVar[list[dict[str, Any]]] = [
        {
            "name": "Listening",
            "href": "/musicgen/listening",
            "destination": "nav",
            "url_route": "listening",
        }
    ]
