"""Training as custom jobs of Vertex AI."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from airflow.providers.google.cloud.hooks.vertex_ai.custom_job import CustomJobHook
from google.cloud.aiplatform_v1.types import CustomJob, JobState

from musicgen_gcp.cost import training_hours
from musicgen_gcp.job import CloudJob, Found, Took, command_line
from musicgen_gcp.settings import Machine
from musicgen_gcp.triggers import TrainingTrigger, cancel_training

BAD = (
    JobState.JOB_STATE_FAILED,
    JobState.JOB_STATE_CANCELLING,
    JobState.JOB_STATE_CANCELLED,
    JobState.JOB_STATE_EXPIRED,
    JobState.JOB_STATE_PARTIALLY_SUCCEEDED,
)
COMMAND = ["python", "-m", "musicgen.remote"]
PROFILE_OPTION, SETTING_OPTION = "--profile", "--set"


class VertexJob(CloudJob):
    """A custom job. Vertex AI chooses the names, so ours is the display name, and is looked up."""

    @property
    def _hook(self) -> CustomJobHook:
        return CustomJobHook(gcp_conn_id=self.config.connection)

    def find(self, job_id: str) -> Found | None:
        """See ``CloudJob``."""
        job = self._look_up(job_id)
        return job and Found(_number(job), job.state.name, job.state in BAD)

    def create(self, job_id: str, arguments: Sequence[str], environment: Mapping[str, str]) -> str:
        """See ``CloudJob``."""
        machine = Machine.of_profile(self.config.machines, _profile(arguments))
        # Vertex AI tells a lone machine too that it is a cluster, which would only slow it down.
        alone = {"TF_CONFIG": ""} if machine.replicas == 1 else {}
        command = command_line(job_id, arguments, {**environment, **alone})
        job = self._hook.create_custom_job(
            custom_job=self.custom_job(job_id, machine, command), **self.config.where
        )
        return _number(job)

    def custom_job(self, job_id: str, machine: Machine, command: Sequence[str]) -> dict[str, Any]:
        """Describe the job. It ends by itself after the task's time, whatever becomes of us."""
        pool = {
            "machine_spec": _machine_spec(machine),
            "replica_count": 1,
            "container_spec": {
                "image_uri": self.config.training_image,
                "command": COMMAND,
                "args": list(command),
            },
        }
        others = machine.replicas - 1
        spec = {
            "worker_pool_specs": [pool, {**pool, "replica_count": others}] if others else [pool],
            "scheduling": {
                "timeout": {"seconds": self.limit_seconds},
                # A machine that was taken away comes back, and training goes on where it was.
                "restart_job_on_worker_restart": True,
            },
            "service_account": self.config.service_account,
            "network": self.config.network,
        }
        return {"display_name": job_id, "job_spec": spec, "labels": self.identity.labels}

    def cancel(self, name: str) -> None:
        """See ``CloudJob``."""
        cancel_training(self._hook, name, self.config.project, self.config.region)

    def trigger(self, name: str) -> TrainingTrigger:
        """See ``CloudJob``."""
        return TrainingTrigger(
            project_id=self.config.project,
            location=self.config.region,
            custom_job_id=name,
            gcp_conn_id=self.config.connection,
            poll_interval=self.config.poll_seconds,
        )

    def failure(self, event: Mapping[str, Any]) -> str | None:
        """See ``CloudJob``."""
        if event["status"] == "success":
            return None
        return f"The custom job did not succeed: {event['message'] or 'it gave no reason.'}"

    def took(self, job_id: str) -> Took:
        """See ``CloudJob``."""
        job = self._look_up(job_id)
        pool = job.job_spec.worker_pool_specs[0]
        arguments = pool.container_spec.args
        machine = Machine.of_profile(self.config.machines, _profile(arguments))
        seconds = (job.end_time - job.create_time).total_seconds()
        return Took(seconds, machine.priced_as, machine.replicas, expected_hours(arguments))

    def _look_up(self, job_id: str) -> CustomJob | None:
        """Return the job of a display name, a good one if there are several."""
        jobs = self._hook.list_custom_jobs(
            filter=f'display_name="{job_id}"',
            page_size=None,
            page_token=None,
            read_mask=None,
            **self.config.where,
        )
        return min(jobs, key=lambda job: job.state in BAD, default=None)


def _machine_spec(machine: Machine) -> dict[str, Any]:
    spec: dict[str, Any] = {"machine_type": machine.machine_type}
    if machine.accelerator_type:
        spec["accelerator_type"] = machine.accelerator_type
        spec["accelerator_count"] = machine.accelerator_count
    return spec


def _profile(arguments: Sequence[str]) -> str:
    """Return the profile that a command line of ``train`` asks for."""
    given = dict(pairwise(arguments))
    return given.get(PROFILE_OPTION, "quick")


def expected_hours(arguments: Sequence[str]) -> float:
    """Return how long the training of a command line was expected to take."""
    words = list(pairwise(arguments))
    family = next(after for word, after in words if word == "train")
    told = [after for word, after in words if word == SETTING_OPTION]
    return training_hours(family, _profile(arguments), told)


def _number(job: CustomJob) -> str:
    """Return the last part of a job's name, which is all that the hook wants."""
    return job.name.rpartition("/")[2]
