"""Clients of Google's services over a plain local channel, for the provider's own hooks.

The hooks know no other endpoint than Google's, so this is the one thing about them that tests have
to change; all that they ask and understand stays their own.
"""

import os

import grpc
from google.cloud import dataproc_v1
from google.cloud.aiplatform_v1.services import job_service
from google.cloud.aiplatform_v1.services.job_service import transports as job_transports
from google.cloud.dataproc_v1.services.batch_controller import transports as batch_transports
from google.cloud.dataproc_v1.services.cluster_controller import transports as cluster_transports
from google.cloud.dataproc_v1.services.job_controller import transports as spark_transports

CLIENTS = {
    "get_batch_client": (
        *(dataproc_v1.BatchControllerClient, batch_transports.BatchControllerGrpcTransport),
        *(
            dataproc_v1.BatchControllerAsyncClient,
            batch_transports.BatchControllerGrpcAsyncIOTransport,
        ),
    ),
    "get_cluster_client": (
        *(dataproc_v1.ClusterControllerClient, cluster_transports.ClusterControllerGrpcTransport),
        *(
            dataproc_v1.ClusterControllerAsyncClient,
            cluster_transports.ClusterControllerGrpcAsyncIOTransport,
        ),
    ),
    "get_job_client": (
        *(dataproc_v1.JobControllerClient, spark_transports.JobControllerGrpcTransport),
        *(
            dataproc_v1.JobControllerAsyncClient,
            spark_transports.JobControllerGrpcAsyncIOTransport,
        ),
    ),
    "get_job_service_client": (
        *(job_service.JobServiceClient, job_transports.JobServiceGrpcTransport),
        *(job_service.JobServiceAsyncClient, job_transports.JobServiceGrpcAsyncIOTransport),
    ),
}

# Channels of one process else share their patience with an address that did not answer.
OPTIONS = [("grpc.use_local_subchannel_pool", 1)]


def use(hook_type, async_hook_type) -> None:
    """Give the hooks' clients the address in ``MUSICGEN_TEST_CLOUD``."""
    for name, (client, transport, async_client, async_transport) in CLIENTS.items():
        if hasattr(hook_type, name):
            setattr(hook_type, name, _sync(client, transport))
            setattr(async_hook_type, name, _async(async_client, async_transport))


def _sync(client, transport):
    def get(self, region=None):
        channel = grpc.insecure_channel(os.environ["MUSICGEN_TEST_CLOUD"], OPTIONS)
        return client(transport=transport(channel=channel))

    return get


def _async(client, transport):
    async def get(self, region=None):
        channel = grpc.aio.insecure_channel(os.environ["MUSICGEN_TEST_CLOUD"], OPTIONS)
        return client(transport=transport(channel=channel))

    return get
