"""A bucket on Google Cloud Storage's real protocol, for all tests here."""

import os
import threading

import airflow_environment  # noqa: F401 - Airflow reads its environment when it is imported
import pytest
from cloud.bucket_server import BucketServer

from musicgen.registry import atomic

# Read when gcsfs is imported, and without it each call asks for more than a bucket can answer.
os.environ["GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT"] = "false"


@pytest.fixture
def bucket_server(monkeypatch):
    """A server that google-cloud-storage and gcsfs both talk to."""
    import gcsfs

    with BucketServer() as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", running.address)
        monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "music")
        atomic._gcs_client.cache_clear()
        gcsfs.GCSFileSystem.clear_instance_cache()
        yield running
        running.shutdown()
        thread.join()
    atomic._gcs_client.cache_clear()
    gcsfs.GCSFileSystem.clear_instance_cache()


@pytest.fixture
def cloud(monkeypatch, tmp_path):
    """A cloud of this test's own, which the provider's hooks in this process find too."""
    import gcsfs
    from airflow.providers.google.cloud.hooks import dataproc
    from airflow.providers.google.cloud.hooks.vertex_ai import custom_job
    from cloud import local_channels
    from cloud.standin import Cloud
    from musicgen_gcp.settings import gcp_settings

    from musicgen.settings import settings

    local_channels.use(dataproc.DataprocHook, dataproc.DataprocAsyncHook)
    local_channels.use(custom_job.CustomJobHook, custom_job.CustomJobAsyncHook)
    caches = (settings.cache_clear, gcp_settings.cache_clear, atomic._gcs_client.cache_clear)
    with Cloud(tmp_path, dict(os.environ)) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        for clear in (*caches, gcsfs.GCSFileSystem.clear_instance_cache):
            clear()
        yield running
    for clear in (*caches, gcsfs.GCSFileSystem.clear_instance_cache):
        clear()
