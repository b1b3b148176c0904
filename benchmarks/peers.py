"""From what was measured of peers to rows, the project's own burst beside them."""

from benchmarks.figures import Figure, figure
from benchmarks.measures.burst import Burst
from benchmarks.measures.cronjob import CronJobs
from benchmarks.outcome import Outcome
from benchmarks.rows import Baseline, Row
from benchmarks.usage import MIB

CRONJOB_NOTE = (
    "the lag of a CronJob is that until its Job object exists; no pod is scheduled, pulled or "
    "started, while the project's own is that of a call at its target"
)


def add_cronjobs(outcome: Outcome, theirs: CronJobs, ours: Burst) -> None:
    """Add a minute of CronJobs beside the project's own burst of as many tasks."""
    group = f"{len(theirs.lags):,} CronJobs, {theirs.flags}"
    arrived = "own calls"

    def row(
        measure: str, unit: str, reached: float, baseline: Baseline | None, note: str = ""
    ) -> None:
        outcome.rows.append(
            Row(
                group,
                measure,
                unit,
                Figure.of(reached),
                baseline=baseline,
                note=note,
                load=theirs.load,
            )
        )

    row("lag p50", "s", theirs.p50, Baseline(arrived, figure(ours.p50)), CRONJOB_NOTE)
    row("lag p99", "s", theirs.p99, Baseline(arrived, figure(ours.p99)))
    row("lag max", "s", max(theirs.lags), Baseline(arrived, figure(ours.highest)))
    row("Jobs created", "1/s", theirs.rate, Baseline(arrived, figure(ours.rates(ours.highest))))
    row("Jobs before the next minute", "", theirs.in_time, None)
    row(
        "controller CPU",
        "ms a Job",
        theirs.cpu_each,
        Baseline("own operator", figure(ours.milliseconds_each(ours.cpu))),
    )
    row(
        "peak memory",
        "MiB",
        theirs.peak_bytes / MIB,
        Baseline("own operator", Figure.of(ours.peak_bytes / MIB)),
    )
