"""A stand-in of Dataproc's clusters and the jobs on them."""

from datetime import UTC, datetime

import grpc
from cloud.faults import Faults
from cloud.processes import Jobs
from cloud.service import Refused, handler, packed
from google.cloud import dataproc_v1 as dataproc
from google.longrunning import operations_pb2
from google.protobuf import empty_pb2

State = dataproc.JobStatus.State
ENDED = (State.DONE, State.ERROR, State.CANCELLED)


class Clusters:
    """Clusters by name, jobs by id; each job runs on the local Spark."""

    def __init__(self, jobs: Jobs, faults: Faults) -> None:
        self.processes = jobs
        self.faults = faults
        self.clusters: dict[str, dataproc.Cluster] = {}
        self.created: list[str] = []
        self.jobs: dict[str, dataproc.Job] = {}
        self.operations: dict[str, operations_pb2.Operation] = {}

    def handlers(self):
        """Return the gRPC handlers."""
        return [
            handler(
                "google.cloud.dataproc.v1.ClusterController",
                {
                    "CreateCluster": (dataproc.CreateClusterRequest, self.create_cluster),
                    "GetCluster": (dataproc.GetClusterRequest, self.get_cluster),
                    "ListClusters": (dataproc.ListClustersRequest, self.list_clusters),
                    "DeleteCluster": (dataproc.DeleteClusterRequest, self.delete_cluster),
                },
            ),
            handler(
                "google.cloud.dataproc.v1.JobController",
                {
                    "SubmitJob": (dataproc.SubmitJobRequest, self.submit),
                    "GetJob": (dataproc.GetJobRequest, self.get_job),
                    "ListJobs": (dataproc.ListJobsRequest, self.list_jobs),
                    "CancelJob": (dataproc.CancelJobRequest, self.cancel),
                },
            ),
        ]

    def create_cluster(self, request):
        self.faults.refuse()
        cluster = request.cluster
        name = cluster.cluster_name
        if name in self.clusters:
            raise Refused(grpc.StatusCode.ALREADY_EXISTS, f"{name} exists already.")
        cluster.status.state = dataproc.ClusterStatus.State.RUNNING
        cluster.status.state_start_time = datetime.now(UTC)
        if self.faults.strikes("cluster"):
            cluster.status.state = dataproc.ClusterStatus.State.ERROR
            cluster.status.detail = "No machines are to be had in this zone."
        self.clusters[name] = cluster
        self.created.append(name)
        return self._operation(request, f"create-{name}", name, cluster)

    def get_cluster(self, request):
        return self._cluster(request.cluster_name)

    def list_clusters(self, request):
        return dataproc.ListClustersResponse(clusters=list(self.clusters.values()))

    def delete_cluster(self, request):
        cluster = self._cluster(request.cluster_name)
        del self.clusters[cluster.cluster_name]
        for key, job in self.jobs.items():
            if job.placement.cluster_name == cluster.cluster_name:
                self.processes.stop(key)
        name = cluster.cluster_name
        return self._operation(request, f"delete-{name}", name, empty_pb2.Empty())

    def submit(self, request):
        job = request.job
        key = job.reference.job_id
        if key in self.jobs:
            raise Refused(grpc.StatusCode.ALREADY_EXISTS, f"Job {key} exists already.")
        self._cluster(job.placement.cluster_name)
        self.faults.refuse()
        job.status.state = State.RUNNING
        job.status.state_start_time = datetime.now(UTC)
        self.jobs[key] = job
        spark = job.pyspark_job
        command = self.processes.pyspark_command(spark.main_python_file_uri, spark.args)
        self.processes.start(key, command, lambda code: self._ended(key, code))
        if self.faults.strikes("preempted"):
            self.processes.stop(key)
        return job

    def get_job(self, request):
        if request.job_id not in self.jobs:
            raise Refused(grpc.StatusCode.NOT_FOUND, f"Job {request.job_id} is not there.")
        return self.jobs[request.job_id]

    def list_jobs(self, request):
        return dataproc.ListJobsResponse(jobs=list(self.jobs.values()))

    def cancel(self, request):
        job = self.get_job(request)
        if job.status.state not in ENDED:
            job.status.state = State.CANCEL_PENDING
            self.processes.stop(request.job_id)
        return job

    def _ended(self, key, code):
        status = self.jobs[key].status
        self.jobs[key].status_history.append(dataproc.JobStatus(status))
        status.state_start_time = datetime.now(UTC)
        if status.state == State.CANCEL_PENDING:
            status.state = State.CANCELLED
        elif code == 0:
            status.state = State.DONE
        else:
            status.details = f"The driver ended with exit code {code}."
            status.state = State.ERROR

    def _cluster(self, name):
        if name not in self.clusters:
            raise Refused(grpc.StatusCode.NOT_FOUND, f"Cluster {name} is not there.")
        return self.clusters[name]

    def _operation(self, request, key, cluster_name, response):
        name = f"projects/{request.project_id}/regions/{request.region}/operations/{key}"
        metadata = packed(dataproc.ClusterOperationMetadata(cluster_name=cluster_name))
        operation = operations_pb2.Operation(
            name=name, done=True, metadata=metadata, response=packed(response)
        )
        self.operations[name] = operation
        return operation
