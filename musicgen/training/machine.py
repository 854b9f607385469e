"""What a training takes of its machine, under the names that MLflow's own monitor uses."""

import time

PREFIX = "system/"


class Machine:
    """Samples of processor, memory, disk, network and, where there is one, GPU.

    MLflow's monitor sends by itself and drops what a server that is away does not take; here the
    samples become rows of the metric log, which arrive in the end. To them comes the processor time
    that this process took, ``processor_seconds``, which tells of it alone.
    """

    def __init__(self) -> None:
        from mlflow.system_metrics.metrics.cpu_monitor import CPUMonitor
        from mlflow.system_metrics.metrics.disk_monitor import DiskMonitor
        from mlflow.system_metrics.metrics.gpu_monitor import GPUMonitor
        from mlflow.system_metrics.metrics.network_monitor import NetworkMonitor

        self._processor_seconds = time.process_time()
        self._monitors = []
        for kind in (CPUMonitor, DiskMonitor, NetworkMonitor, GPUMonitor):
            try:
                self._monitors.append(kind())
            except (ImportError, RuntimeError):
                continue  # no GPU here

    def sample(self) -> None:
        """Take a sample: of the processor, its use since the sample before."""
        for monitor in self._monitors:
            monitor.collect_metrics()

    def means(self) -> dict[str, float]:
        """Return the samples' means since the last call, after taking one more; times are sums."""
        self.sample()
        before, self._processor_seconds = self._processor_seconds, time.process_time()
        found: dict[str, float] = {"processor_seconds": self._processor_seconds - before}
        for monitor in self._monitors:
            found |= monitor.aggregate_metrics()
            monitor.clear_metrics()
        return {f"{PREFIX}{name}": float(value) for name, value in found.items()}
