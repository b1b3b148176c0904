"""summary sums an `Overview` up in lines, for ``crontask top`` in a pipe."""

from collections.abc import Iterator
from datetime import datetime

from crontask_cli.overview import Overview
from crontask_cli.shown.safe import safe
from crontask_cli.shown.task_rows import until
from crontask_cli.times import length


def summary(overview: Overview, moment: datetime) -> Iterator[str]:
    """Yield a line for each number, and one for each task that is due, in flight or failing."""
    due, flying, failing = overview.due(moment), overview.in_flight(), overview.failing()
    lags = overview.lags()
    yield f"tasks {len(overview)}"
    yield f"due within a minute {len(due)}"
    yield f"in flight {sum(seen.in_flight for seen in flying)}"
    yield f"failing {len(failing)}"
    if lags is not None:
        yield f"lag {length(lags[0])} median, {length(lags[1])} most"
    for word, found in (("due", due), ("in flight", flying), ("failing", failing)):
        for seen in found:
            metadata, status = seen.task.metadata, seen.task.status
            what = {
                "due": until(status.next_run_time, moment).text,
                "in flight": str(seen.in_flight),
                "failing": str(status.consecutive_failures),
            }[word]
            yield f"{word}: {safe(metadata.namespace)}/{safe(seen.task.task_name)}: {what}"
