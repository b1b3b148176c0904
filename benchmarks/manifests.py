"""The tasks that are measured."""

from typing import Any

from crontask_core.constants import API_VERSION, KIND

Manifest = dict[str, Any]

IDLE_SCHEDULE = "0 0 1 1 *"
"""New Year: nothing is due while anything is measured, unless somebody tries hard."""

EVERY_SECOND = "* * * * * *"

BODY = '{"report": "daily", "format": "pdf"}'


def task(name: str, url: str, **spec: Any) -> Manifest:
    """Return a task that posts `BODY` to `url`; `spec` adds fields, one of them the time."""
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {"name": name},
        "spec": {"callback": {"http": {"url": url, "body": BODY}}, **spec},
    }


def tasks(
    count: int, url: str, *, first: int = 0, prefix: str = "task", **spec: Any
) -> list[Manifest]:
    """Return `count` tasks, numbered from `first`."""
    return [task(f"{prefix}-{first + index:05}", url, **spec) for index in range(count)]


def every(seconds: int, *, after: int = 0) -> str:
    """Return the schedule of a number of seconds or minutes that divides the next unit.

    It fires `after` seconds later than that which begins with the minute or the hour.
    """
    if seconds < 60:
        return f"{after}-59/{seconds} * * * * *"
    minute, second = divmod(after, 60)
    return f"{second} {minute}-59/{seconds // 60} * * * *"
