"""A run's own Dataproc cluster: made before its Spark stages, deleted after them."""

from typing import Any
from uuid import NAMESPACE_OID, uuid5

from airflow.providers.google.cloud.operators.dataproc import (
    DataprocCreateClusterOperator,
    DataprocDeleteClusterOperator,
)
from airflow.sdk import Context

from musicgen_gcp.job import Identity
from musicgen_gcp.settings import GcpSettings

NAME = "musicgen-{{ macros.uuid.uuid5(macros.uuid.NAMESPACE_OID, dag.dag_id ~ run_id).hex[:20] }}"
IDLE_SECONDS = 20 * 60
MAXIMUM_AGE_SECONDS = 6 * 3600


def cluster_name(dag_id: str, run_id: str) -> str:
    """Return the name of a run's cluster, as the template ``NAME`` gives it."""
    return f"musicgen-{uuid5(NAMESPACE_OID, dag_id + run_id).hex[:20]}"


class CreateClusterOperator(DataprocCreateClusterOperator):
    """Makes a cluster that says, as jobs do, which run it costs money for."""

    def execute(self, context: Context) -> Any:
        """Label the cluster, then make it."""
        self.labels = Identity.of("cluster", context).labels
        return super().execute(context)


def create_cluster(config: GcpSettings) -> CreateClusterOperator:
    """Return the task that makes the run's cluster, as a setup."""
    return CreateClusterOperator(
        task_id="create_cluster",
        project_id=config.project,
        region=config.region,
        cluster_name=NAME,
        cluster_config=cluster_config(config),
        gcp_conn_id=config.connection,
        delete_on_error=True,
        use_if_exists=True,
        deferrable=True,
        polling_interval_seconds=config.poll_seconds,
    ).as_setup()


def delete_cluster(config: GcpSettings) -> DataprocDeleteClusterOperator:
    """Return the task that deletes the run's cluster, as a teardown."""
    return DataprocDeleteClusterOperator(
        task_id="delete_cluster",
        project_id=config.project,
        region=config.region,
        cluster_name=NAME,
        gcp_conn_id=config.connection,
        deferrable=True,
        polling_interval_seconds=config.poll_seconds,
    ).as_teardown()


def cluster_config(config: GcpSettings) -> dict[str, Any]:
    """Describe the cluster. It deletes itself when idle or old, though Airflow were dead."""
    disk = {"boot_disk_type": "pd-balanced", "boot_disk_size_gb": 100}
    node = {"machine_type_uri": "n2-standard-4", "disk_config": disk}
    # Left to itself, Dataproc takes an image with a Spark older than ours.
    software = {"image_version": config.cluster_version}
    if config.cluster_image:
        node["image_uri"] = config.cluster_image
        software = {}
    machines: dict[str, Any] = {"internal_ip_only": True}
    if config.service_account:
        machines["service_account"] = config.service_account
    if config.subnetwork:
        machines["subnetwork_uri"] = config.subnetwork
    described: dict[str, Any] = {
        "gce_cluster_config": machines,
        "software_config": software,
        "master_config": {"num_instances": 1, **node},
        "worker_config": {"num_instances": 2, **node},
        "secondary_worker_config": {
            "num_instances": config.spot_workers,
            "preemptibility": "SPOT",
            "disk_config": disk,
        },
        "lifecycle_config": {
            "idle_delete_ttl": {"seconds": IDLE_SECONDS},
            "auto_delete_ttl": {"seconds": MAXIMUM_AGE_SECONDS},
        },
    }
    if config.autoscaling_policy:
        policy = f"locations/{config.region}/autoscalingPolicies/{config.autoscaling_policy}"
        described["autoscaling_config"] = {"policy_uri": f"projects/{config.project}/{policy}"}
    return described
