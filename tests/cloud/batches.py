"""A stand-in of Dataproc Serverless: batches, and the operations that cancel them."""

from datetime import UTC, datetime

import grpc
from cloud.faults import Faults
from cloud.processes import Jobs
from cloud.service import Refused, handler, packed
from google.cloud import dataproc_v1 as dataproc
from google.longrunning import operations_pb2
from google.protobuf import empty_pb2

State = dataproc.Batch.State
ENDED = (State.SUCCEEDED, State.FAILED, State.CANCELLED)


class Batches:
    """Batches by id; each runs its PySpark job on the local Spark."""

    def __init__(self, jobs: Jobs, faults: Faults) -> None:
        self.jobs = jobs
        self.faults = faults
        self.batches: dict[str, dataproc.Batch] = {}

    def handlers(self):
        """Return the gRPC handlers."""
        return [
            handler(
                "google.cloud.dataproc.v1.BatchController",
                {
                    "CreateBatch": (dataproc.CreateBatchRequest, self.create),
                    "GetBatch": (dataproc.GetBatchRequest, self.get),
                    "ListBatches": (dataproc.ListBatchesRequest, self.list),
                    "DeleteBatch": (dataproc.DeleteBatchRequest, self.delete),
                },
            ),
        ]

    def create(self, request):
        key = request.batch_id
        if key in self.batches:
            raise Refused(grpc.StatusCode.ALREADY_EXISTS, f"Batch {key} exists already.")
        self.faults.refuse()
        batch = self.batches[key] = request.batch
        parent = request.parent.replace("/regions/", "/locations/")
        batch.name = f"{parent}/batches/{key}"
        batch.operation = f"{request.parent}/operations/{key}"
        batch.state = State.RUNNING
        batch.create_time = datetime.now(UTC)
        spark = batch.pyspark_batch
        command = self.jobs.pyspark_command(spark.main_python_file_uri, spark.args)
        self.jobs.start(key, command, lambda code: self._ended(key, code))
        if self.faults.strikes("preempted"):
            self.jobs.stop(key)
        metadata = packed(dataproc.BatchOperationMetadata(batch=batch.name))
        return operations_pb2.Operation(name=batch.operation, metadata=metadata)

    def get(self, request):
        self.faults.trouble()
        return self._found(request.name)

    def list(self, request):
        return dataproc.ListBatchesResponse(batches=list(self.batches.values()))

    def delete(self, request):
        batch = self._found(request.name)
        if batch.state not in ENDED:
            raise Refused(grpc.StatusCode.FAILED_PRECONDITION, "The batch still runs.")
        del self.batches[batch.name.rpartition("/")[2]]
        return empty_pb2.Empty()

    def cancel_operation(self, name: str) -> None:
        """Cancel the batch that an operation is of."""
        batch = self._found(name)
        if batch.state not in ENDED:
            batch.state = State.CANCELLING
            self.jobs.stop(name.rpartition("/")[2])

    def _ended(self, key, code):
        batch = self.batches[key]
        batch.state_time = datetime.now(UTC)
        if batch.state == State.CANCELLING:
            batch.state = State.CANCELLED
        elif code == 0:
            batch.state = State.SUCCEEDED
        else:
            batch.state_message = f"The driver ended with exit code {code}."
            batch.state = State.FAILED

    def _found(self, name):
        batch = self.batches.get(name.rpartition("/")[2])
        if batch is None:
            raise Refused(grpc.StatusCode.NOT_FOUND, f"{name} is not there.")
        return batch
