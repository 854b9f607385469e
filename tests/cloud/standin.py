"""All stand-ins of one cloud: a gRPC port for Dataproc and Vertex AI, an HTTP one for buckets."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import grpc
from cloud.batches import Batches
from cloud.bucket_server import BucketServer
from cloud.clusters import Clusters
from cloud.custom_jobs import CustomJobs
from cloud.faults import Faults
from cloud.processes import Jobs
from cloud.service import handler
from google.longrunning import operations_pb2
from google.protobuf import empty_pb2

TESTS_PATH = Path(__file__).resolve().parents[1]
ADDRESS = "MUSICGEN_TEST_CLOUD"
"""Environment variable with the gRPC address, which ``site/sitecustomize.py`` reads."""


class Cloud:
    """A cloud for one test or one session; ``with`` starts and ends it, and all its jobs.

    Attributes:
        environment: what a process needs to find it.
    """

    def __init__(self, work_path: Path, environment: dict[str, str]) -> None:
        self.faults = Faults()
        self.buckets = BucketServer()
        self._server, port = _server(0)
        self.address = f"127.0.0.1:{port}"
        paths = [str(TESTS_PATH / "cloud" / "site"), environment.get("PYTHONPATH", "")]
        self.environment = {
            **environment,
            ADDRESS: self.address,
            "STORAGE_EMULATOR_HOST": self.buckets.address,
            "GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false",
            "GOOGLE_CLOUD_PROJECT": "music",
            "PYTHONPATH": ":".join([*filter(None, paths), str(TESTS_PATH.parent), str(TESTS_PATH)]),
            "AIRFLOW_CONN_GOOGLE_CLOUD_DEFAULT": (
                '{"conn_type": "google_cloud_platform", "extra": {"is_anonymous": true}}'
            ),
            "MUSICGEN_RUNTIME": "gcp",
            "MUSICGEN_BUCKET": "gs://music/house",
            "MUSICGEN_GCP_PROJECT": "music",
            "MUSICGEN_GCP_REGION": "europe-west1",
            "MUSICGEN_GCP_SPARK_IMAGE": "example.com/musicgen:dataproc",
            "MUSICGEN_GCP_TRAINING_IMAGE": "example.com/musicgen:gpu",
            "MUSICGEN_GCP_POLL_SECONDS": "1",
        }
        # A job in the cloud knows nothing of Airflow, and what it needs is in its command.
        shared = {k: v for k, v in self.environment.items() if not k.startswith("MUSICGEN_")}
        self.jobs = Jobs(
            {**shared, "MUSICGEN_HOME": str(work_path / "home")}, work_path / "logs", self.buckets
        )
        self.batches = Batches(self.jobs, self.faults)
        self.clusters = Clusters(self.jobs, self.faults)
        self.custom_jobs = CustomJobs(self.jobs, self.faults)

    def __enter__(self) -> "Cloud":
        self._serve()
        threading.Thread(target=self.buckets.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self._server.stop(None)
        self.jobs.stop_all()
        self.buckets.shutdown()
        self.buckets.server_close()

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Let the services answer nobody for a while; their jobs go on."""
        self._server.stop(None).wait()
        yield
        self._server, _ = _server(int(self.address.rpartition(":")[2]))
        self._serve()

    def _serve(self) -> None:
        services = (self.batches, self.clusters, self.custom_jobs)
        handlers = [each for service in services for each in service.handlers()]
        self._server.add_generic_rpc_handlers([*handlers, self._operations()])
        self._server.start()

    def _operations(self):
        def cancel(request):
            self.batches.cancel_operation(request.name)
            return empty_pb2.Empty()

        def get(request):
            return self.clusters.operations[request.name]

        methods = {
            "CancelOperation": (operations_pb2.CancelOperationRequest, cancel),
            "GetOperation": (operations_pb2.GetOperationRequest, get),
        }
        return handler("google.longrunning.Operations", methods)


def _server(port: int) -> tuple[grpc.Server, int]:
    server = grpc.server(ThreadPoolExecutor(16))
    return server, server.add_insecure_port(f"127.0.0.1:{port}")
