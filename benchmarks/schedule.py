"""How long ten thousand ``next()`` calls take, on one core.

The goal is under a second: a replica that takes over ten thousand tasks must know when
each of them is due before the first of them is late.

Run ``python -m benchmarks.schedule``; ``--json`` prints the figures for a program.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

from crontask_core.schedule import Schedule, compile_schedule

CALLS = 10_000
ROUNDS = 7
START = datetime(2026, 3, 1, 12, 3, 7, tzinfo=UTC)

TYPICAL = {
    "every five minutes": ("*/5 * * * *", "UTC"),
    "hourly": ("@hourly", "UTC"),
    "hourly, minute hashed": ("H * * * *", "UTC"),
    "daily": ("30 2 * * *", "Europe/Berlin"),
    "daily, hashed": ("H H(1-5) * * *", "America/New_York"),
    "working days": ("0 9 * * MON-FRI", "Asia/Tokyo"),
    "weekly": ("@weekly", "Australia/Sydney"),
    "monthly": ("0 6 1 * *", "Europe/Berlin"),
    "every ten seconds": ("*/10 * * * * *", "UTC"),
    "every 90 minutes": ("@every 1h30m", "UTC"),
}


def _compile(expression: str, time_zone: str) -> Schedule:
    return compile_schedule(expression, time_zone=time_zone, seed="6f1c0f6e", anchor=START)


def _walk(schedule: Schedule, calls: int) -> None:
    moment: datetime | None = START
    for _ in range(calls):
        moment = schedule.next(moment or START)


def _median_seconds(work: Callable[[], None]) -> float:
    """Return the median CPU time of several rounds, after one that fills the caches."""
    work()
    rounds = []
    for _ in range(ROUNDS):
        # CPU time of this process: what other work does to the wall clock is not ours.
        begin = time.process_time()
        work()
        rounds.append(time.process_time() - begin)
    return statistics.median(rounds)


def measure() -> dict[str, float]:
    """Return seconds per `CALLS` calls for each typical expression, and for all mixed."""
    schedules = {name: _compile(*question) for name, question in TYPICAL.items()}
    share = CALLS // len(schedules)

    def mixed() -> None:
        for schedule in schedules.values():
            _walk(schedule, share)

    figures = {"all of them, mixed": _median_seconds(mixed)}
    for name, schedule in schedules.items():
        figures[name] = _median_seconds(partial(_walk, schedule, share)) * CALLS / share
    return figures


def main(arguments: Sequence[str]) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    as_json = parser.parse_args(arguments).json
    figures = measure()
    if as_json:
        sys.stdout.write(json.dumps({name: round(s, 4) for name, s in figures.items()}) + "\n")
        return
    sys.stdout.write(f"{CALLS:,} next() calls, CPU seconds, median of {ROUNDS} rounds\n")
    for name, seconds in figures.items():
        expression = " ".join(TYPICAL.get(name, ()))
        sys.stdout.write(f"{name:24} {seconds:6.3f} s  {expression}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
