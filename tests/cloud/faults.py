"""What may go wrong in a cloud, injected once each."""

import threading
from collections import Counter

import grpc
from cloud.service import Refused

KINDS = {
    "quota": "a creation is refused for want of quota",
    "creation": "a creation is refused for want of rights",
    "cluster": "a cluster is made and does not get well",
    "preempted": "the machine of a job is taken away",
    "slow": "a training lasts for an hour",
    "trouble": "a look at a job meets an error of the service's own",
}


class Faults:
    """Faults that wait for their moment: those in ``KINDS``."""

    def __init__(self) -> None:
        self._waiting: Counter[str] = Counter()
        self._lock = threading.Lock()

    def inject(self, kind: str, times: int = 1) -> None:
        """Let something go wrong at the next occasion."""
        assert kind in KINDS
        self._waiting[kind] += times

    def strikes(self, kind: str) -> bool:
        """Whether it goes wrong now; each fault strikes as often as it was injected."""
        with self._lock:
            struck = self._waiting[kind] > 0
            self._waiting[kind] -= struck
            return struck

    def trouble(self) -> None:
        """Answer a look at a job by an error if the service is in trouble."""
        if self.strikes("trouble"):
            raise Refused(grpc.StatusCode.INTERNAL, "Internal error encountered.")

    def refuse(self) -> None:
        """Refuse a creation if the quota is used up or the request is not to be had."""
        if self.strikes("quota"):
            raise Refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "Quota 'CPUS' exceeded.")
        if self.strikes("creation"):
            raise Refused(grpc.StatusCode.PERMISSION_DENIED, "The caller may not do this.")
