"""An ephemeral cluster's life, by the provider's own operators."""

import pytest
from cloud import tasks
from cloud.tasks import Instance
from google.api_core.exceptions import ResourceExhausted
from musicgen_gcp.cluster import cluster_config, cluster_name, create_cluster, delete_cluster
from musicgen_gcp.cluster_job import environment
from musicgen_gcp.job import Identity
from musicgen_gcp.settings import GcpSettings, gcp_settings

pytestmark = pytest.mark.slow

CLUSTER = cluster_name("musicgen_pipeline", "manual__1")


def task(maker):
    operator = maker(gcp_settings())
    assert operator.cluster_name.startswith("musicgen-{{")
    operator.cluster_name = CLUSTER
    return operator


def test_the_template_gives_the_name_that_jobs_look_for():
    import uuid
    from types import SimpleNamespace

    from jinja2 import Template
    from musicgen_gcp.cluster import NAME

    context = {
        "macros": SimpleNamespace(uuid=uuid),
        "dag": SimpleNamespace(dag_id="musicgen_pipeline"),
        "run_id": "manual__1",
    }
    assert Template(NAME).render(context) == CLUSTER


def test_a_packed_environment_brings_its_python_to_the_driver_too():
    archive = "gs://music/environment.tar.gz"
    told = environment(GcpSettings("p", "r", cluster_archive=archive))
    assert told["archive_uris"] == [f"{archive}#environment"]
    assert told["properties"]["spark.submit.deployMode"] == "cluster"
    assert told["properties"]["spark.pyspark.python"] == "./environment/bin/python"
    assert told["properties"]["spark.pyspark.driver.python"] == "./environment/bin/python"


def test_a_custom_image_has_its_environment_and_googles_own_a_spark_of_our_age():
    own, googles = GcpSettings("p", "r", cluster_image="projects/p/ours"), GcpSettings("p", "r")
    assert environment(own)["properties"]["spark.pyspark.python"] == "/opt/musicgen/bin/python"
    assert environment(googles) == {}
    assert cluster_config(own)["worker_config"]["image_uri"] == "projects/p/ours"
    assert cluster_config(own)["software_config"] == {}
    assert cluster_config(googles)["software_config"] == {"image_version": "3.0-debian12"}


def test_a_cluster_is_made_found_again_and_deleted(cloud):
    create, delete = task(create_cluster), task(delete_cluster)
    for _ in range(2):
        tasks.run_any(create, Instance())
    (cluster,) = cloud.clusters.clusters.values()
    assert cloud.clusters.created == [CLUSTER]
    assert Identity.of("cluster", {"ti": Instance()}).labels.items() <= dict(cluster.labels).items()
    assert (cluster.labels["app"], cluster.labels["run"]) == ("musicgen", "manual__1")
    assert cluster.config.lifecycle_config.idle_delete_ttl.seconds == 1200
    assert cluster.config.lifecycle_config.auto_delete_ttl.seconds == 6 * 3600
    assert cluster.config.secondary_worker_config.preemptibility.name == "SPOT"
    tasks.run_any(delete, Instance())
    assert not cloud.clusters.clusters


def test_a_cluster_that_cannot_be_made_leaves_nothing(cloud):
    cloud.faults.inject("cluster")
    with pytest.raises(Exception, match="ERROR"):
        tasks.run_any(task(create_cluster), Instance())
    assert not cloud.clusters.clusters


def test_a_cluster_that_there_is_no_quota_for_is_made_by_the_next_try(cloud):
    cloud.faults.inject("quota")
    create = task(create_cluster)
    with pytest.raises(ResourceExhausted):
        tasks.run_any(create, Instance())
    assert not cloud.clusters.clusters
    tasks.run_any(create, Instance(try_number=2))
    assert cloud.clusters.created == [CLUSTER]


def test_a_cluster_that_went_by_itself_needs_no_deleting(cloud):
    tasks.run_any(task(create_cluster), Instance())
    cloud.clusters.clusters.clear()
    tasks.run_any(task(delete_cluster), Instance())
