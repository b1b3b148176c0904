"""metrics names what the operator measures, for its dashboard and alerts."""

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from crontask_kube.errors import ApiError, NotFoundError

REGISTRY = CollectorRegistry(auto_describe=True)

FIRE_LAG = Histogram(
    "crontask_fire_lag_seconds",
    "Time from the moment a run was due to the start of its first call.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
    registry=REGISTRY,
)
ATTEMPT_DURATION = Histogram(
    "crontask_attempt_duration_seconds",
    "Time from the start of a call to its end.",
    ["protocol"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
    registry=REGISTRY,
)
ATTEMPTS = Counter(
    "crontask_attempts_total",
    "Calls that have ended, by the run's type and by how they ended.",
    ["run_type", "reason"],
    registry=REGISTRY,
)
RUNS = Counter(
    "crontask_runs_total",
    "Runs that have ended, retries included.",
    ["result"],
    registry=REGISTRY,
)
SKIPPED = Counter(
    "crontask_runs_skipped_total",
    "Runs that were due and not begun because of the concurrency policy or bound, and requests"
    " that a later one replaced.",
    registry=REGISTRY,
)
MISSED = Counter(
    "crontask_runs_missed_total",
    "Runs that were due while no operator was there, and not caught up.",
    registry=REGISTRY,
)
SHARE_FULL = Counter(
    "crontask_share_used_up_total",
    "Times that something of a namespace had to wait or was left out, because the namespace had"
    " used up its share of a pool: calls, lookups, reads, reflections or events. The log names it.",
    ["pool"],
    registry=REGISTRY,
)
RECORD_LATENCY = Histogram(
    "crontask_record_latency_seconds",
    "Time from a change of a task's status to its acceptance by the API server; with a history,"
    " the time for which it was held back is a part of it.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
    registry=REGISTRY,
)
HISTORY_ROWS = Counter(
    "crontask_history_rows_total",
    "Attempts that the history has taken.",
    registry=REGISTRY,
)
HISTORY_DROPPED = Counter(
    "crontask_history_rows_dropped_total",
    "Attempts that are lost to the history: full while its database was away, refused by it,"
    " stopped with the process.",
    ["reason"],
    registry=REGISTRY,
)
HISTORY_LATENCY = Histogram(
    "crontask_history_latency_seconds",
    "Time from the end of an attempt to its commit in the history.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
    registry=REGISTRY,
)
HISTORY_UNREAD = Counter(
    "crontask_history_unread_total",
    "Shards that were gone on with by their statuses alone, since the history could not be read"
    " in time.",
    registry=REGISTRY,
)
HANDED_BACK = Counter(
    "crontask_shards_handed_back_total",
    "Shards that were acquired and handed back, since the tasks could not be listed in time.",
    registry=REGISTRY,
)
API_ERRORS = Counter(
    "crontask_api_errors_total",
    "Requests that the API server did not carry out, by what they were about and why.",
    ["operation", "kind"],
    registry=REGISTRY,
)

Gauges = Mapping[str, tuple[str, Callable[[], float]]]


def count_api_error(operation: str, error: ApiError) -> None:
    """Count a request that failed; that something does not exist is no failure."""
    if not isinstance(error, NotFoundError):
        API_ERRORS.labels(operation, error.kind).inc()


class StateCollector(Collector):
    """Gauges that are read when somebody asks for them.

    Parameters
    ----------
    gauges
        Name to help text and function.
    phases
        Returns how many tasks there are in each phase.
    """

    def __init__(self, gauges: Gauges, phases: Callable[[], Mapping[str, int]]) -> None:
        self._gauges = gauges
        self._phases = phases

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Return the gauges as they are now."""
        for name, (text, value) in self._gauges.items():
            yield GaugeMetricFamily(name, text, value=value())
        tasks = GaugeMetricFamily("crontask_tasks", "Tasks that are known.", labels=["phase"])
        for phase, number in self._phases().items():
            tasks.add_metric([phase], number)
        yield tasks
