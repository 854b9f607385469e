"""What Google Cloud needs to be told, read from the environment."""

import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache

from musicgen.errors import BadInput

PREFIX = "MUSICGEN_GCP_"
CHOICES = {"spark": ("serverless", "cluster"), "training": ("vertex", "worker")}


@dataclass(frozen=True)
class GcpSettings:
    """Each field has an environment variable ``MUSICGEN_GCP_<FIELD>``.

    Attributes:
        project: id of the project that everything runs in.
        region: where it runs; the bucket should be there too.
        connection: Airflow's connection, for identity and impersonation.
        service_account: e-mail address of the identity of the jobs; the project's default if empty.
        subnetwork: URI of the jobs' subnetwork; the project's default if empty.
        network: full name of the network that Vertex AI's machines peer with, if any.
        spark: ``serverless`` or ``cluster``: where preprocess and validate run.
        spark_version: of Dataproc Serverless' runtime.
        spark_image: container image for Dataproc Serverless, Spark not in it.
        training: ``vertex``, or ``worker`` for Airflow workers that have a GPU.
        training_image: container image for Vertex AI.
        training_queue: Airflow queue of the workers that train, if ``training`` is ``worker``.
        machines: ``PROFILE=MACHINE[:ACCELERATOR:COUNT[:REPLICAS]]``, separated by blanks.
        cluster_version: of Dataproc's own image, for a cluster without a custom one.
        cluster_image: custom image of an ephemeral cluster; Dataproc's own if empty.
        cluster_archive: packed environment (``.tar.gz``) for a cluster without a custom image.
        autoscaling_policy: name of a cluster's autoscaling policy; none if empty.
        spot_workers: secondary workers of a cluster that may be taken away.
        poll_seconds: between looks at a job.
        prices: ``MACHINE[:ACCELERATOR:COUNT]=PRICE`` in US dollars an hour, separated by blanks;
            also for ``serverless`` and ``cluster``. They replace the list prices.
        cost_ceiling_usd: a run whose estimate is above it does not start; 0 for no ceiling.
    """

    project: str
    region: str
    connection: str = "google_cloud_default"
    service_account: str = ""
    subnetwork: str = ""
    network: str = ""
    spark: str = "serverless"
    spark_version: str = "3.0"
    spark_image: str = ""
    training: str = "vertex"
    training_image: str = ""
    training_queue: str = ""
    machines: str = (
        "quick=n1-standard-8:NVIDIA_TESLA_T4:1 standard=g2-standard-12:NVIDIA_L4:1 "
        "full=a2-highgpu-1g:NVIDIA_TESLA_A100:1"
    )
    cluster_version: str = "3.0-debian12"
    cluster_image: str = ""
    cluster_archive: str = ""
    autoscaling_policy: str = ""
    spot_workers: int = 2
    poll_seconds: int = 10
    prices: str = ""
    cost_ceiling_usd: float = 0.0

    @property
    def where(self) -> dict[str, str]:
        """Return what every hook's method asks for: the project and the region."""
        return {"project_id": self.project, "region": self.region}

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "GcpSettings":
        """Read the environment; a variable that is absent or empty leaves the default.

        Raises:
            BadInput: a variable is missing or cannot be used.
        """
        chosen = {}
        for each in fields(cls):
            variable = f"{PREFIX}{each.name.upper()}"
            text = environment.get(variable, "")
            if not text and each.default is MISSING:
                raise BadInput(f"MUSICGEN_RUNTIME is gcp, so {variable} has to be set.")
            if text:
                chosen[each.name] = _read(variable, text, each.type)
        for name, known in CHOICES.items():
            if chosen.get(name, known[0]) not in known:
                variable = f"{PREFIX}{name.upper()}"
                raise BadInput(f"{variable} is {chosen[name]!r}; it can be {' or '.join(known)}.")
        return cls(**chosen)


@dataclass(frozen=True)
class Machine:
    """What Vertex AI trains on.

    Attributes:
        machine_type: of Compute Engine.
        accelerator_type: as Vertex AI names it, empty for none.
        accelerator_count: on each machine.
        replicas: number of machines; several train as one.
    """

    machine_type: str
    accelerator_type: str = ""
    accelerator_count: int = 0
    replicas: int = 1

    @property
    def priced_as(self) -> str:
        """The key of this machine's price."""
        if not self.accelerator_type:
            return self.machine_type
        return f"{self.machine_type}:{self.accelerator_type}:{self.accelerator_count}"

    @classmethod
    def of_profile(cls, machines: str, profile: str) -> "Machine":
        """Pick the machine of a training profile out of ``GcpSettings.machines``.

        Raises:
            BadInput: the profile has none, or it is written wrongly.
        """
        known = dict(each.partition("=")[::2] for each in machines.split())
        if profile not in known:
            raise BadInput(f"{PREFIX}MACHINES names no machine for the profile {profile!r}.")
        machine_type, *rest = known[profile].split(":")
        try:
            accelerator, count, replicas = [*rest, *("", "0", "1")[len(rest) :]]
            return cls(machine_type, accelerator, int(count), int(replicas))
        except ValueError:
            raise BadInput(
                f"{PREFIX}MACHINES has {profile}={known[profile]}; "
                "write it as PROFILE=MACHINE[:ACCELERATOR:COUNT[:REPLICAS]]."
            ) from None


@cache
def gcp_settings() -> GcpSettings:
    """Return the settings of this process."""
    return GcpSettings.from_environment()


def _read(variable: str, text: str, kind: type) -> str | int | float:
    try:
        return kind(text)
    except ValueError:
        raise BadInput(f"{variable} is {text!r}, which is no number.") from None
