"""A stand-in of Vertex AI's custom jobs."""

import re
from collections import Counter
from datetime import UTC, datetime

import grpc
from cloud.faults import Faults
from cloud.processes import Jobs, container_command
from cloud.service import Refused, handler
from google.cloud.aiplatform_v1 import types as vertex
from google.longrunning import operations_pb2
from google.protobuf import empty_pb2
from google.rpc import status_pb2

State = vertex.JobState
ENDED = (State.JOB_STATE_SUCCEEDED, State.JOB_STATE_FAILED, State.JOB_STATE_CANCELLED)


class CustomJobs:
    """Custom jobs by resource name; each runs its first container's command as a process.

    Attributes:
        asked: how often somebody looked at each job.
    """

    def __init__(self, jobs: Jobs, faults: Faults) -> None:
        self.processes = jobs
        self.faults = faults
        self.jobs: dict[str, vertex.CustomJob] = {}
        self.asked: Counter[str] = Counter()

    def handlers(self):
        """Return the gRPC handlers."""
        return [
            handler(
                "google.cloud.aiplatform.v1.JobService",
                {
                    "CreateCustomJob": (vertex.CreateCustomJobRequest, self.create),
                    "GetCustomJob": (vertex.GetCustomJobRequest, self.get),
                    "ListCustomJobs": (vertex.ListCustomJobsRequest, self.list),
                    "CancelCustomJob": (vertex.CancelCustomJobRequest, self.cancel),
                    "DeleteCustomJob": (vertex.DeleteCustomJobRequest, self.delete),
                },
            )
        ]

    def create(self, request):
        self.faults.refuse()
        number = 1000 + len(self.jobs)
        job = request.custom_job
        job.name = f"{request.parent}/customJobs/{number}"
        job.state = State.JOB_STATE_RUNNING
        job.create_time = datetime.now(UTC)
        self.jobs[job.name] = job
        container = job.job_spec.worker_pool_specs[0].container_spec
        command = container_command(container.command, container.args)
        if self.faults.strikes("slow"):
            command = ["sleep", "3600"]
        self.processes.start(job.display_name, command, lambda code: self._ended(job, code))
        if self.faults.strikes("preempted"):
            self.processes.stop(job.display_name)
        return job

    def get(self, request):
        self.asked[request.name] += 1
        self.faults.trouble()
        return self._found(request)

    def _found(self, request):
        if request.name not in self.jobs:
            raise Refused(grpc.StatusCode.NOT_FOUND, f"{request.name} is not there.")
        return self.jobs[request.name]

    def list(self, request):
        wanted = re.search(r'display_name="([^"]*)"', request.filter)
        found = [j for j in self.jobs.values() if not wanted or j.display_name == wanted[1]]
        return vertex.ListCustomJobsResponse(custom_jobs=found)

    def cancel(self, request):
        job = self._found(request)
        if job.state in ENDED:
            raise Refused(grpc.StatusCode.FAILED_PRECONDITION, "The job has ended.")
        job.state = State.JOB_STATE_CANCELLING
        self.processes.stop(job.display_name)
        return empty_pb2.Empty()

    def delete(self, request):
        job = self._found(request)
        if job.state not in ENDED:
            raise Refused(grpc.StatusCode.FAILED_PRECONDITION, "The job still runs.")
        del self.jobs[request.name]
        return operations_pb2.Operation(name=f"{request.name}/operations/1", done=True)

    def _ended(self, job, code):
        job.end_time = datetime.now(UTC)
        if job.state == State.JOB_STATE_CANCELLING:
            job.state = State.JOB_STATE_CANCELLED
        elif code == 0:
            job.state = State.JOB_STATE_SUCCEEDED
        else:
            words = f"The replica workerpool0-0 exited with a non-zero status of {code}."
            job.error = status_pb2.Status(code=3, message=words)
            job.state = State.JOB_STATE_FAILED
