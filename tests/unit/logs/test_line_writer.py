"""A log that nobody reads: what is written to it waits in bounds, and stops nothing."""

import json
import subprocess
import sys
from collections.abc import Iterator
from threading import Timer

import pytest

from crontask_logs.line_writer import WAITING_CHARACTERS

LINES = 3 * WAITING_CHARACTERS // 1000
PROGRAM = f"""
import logging
from crontask_logs import configure_logs, lines_dropped

configure_logs("json", "info")
for number in range({LINES}):
    logging.info("%d %s", number, "x" * 1000)
print(lines_dropped(), flush=True)
input()  # which fails when stdin is closed: the last line is an error
"""


@pytest.fixture
def talker() -> Iterator[subprocess.Popen[str]]:
    """A program that has logged more than a pipe holds, and says so on stdout."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        # What stands still ends in an error, not in a test that does.
        watchdog = Timer(60, process.kill)
        watchdog.start()
        yield process
        watchdog.cancel()
        process.kill()


def test_a_log_that_nobody_reads_stops_nothing(talker: subprocess.Popen[str]) -> None:
    assert talker.stdout is not None
    assert talker.stderr is not None
    dropped = int(talker.stdout.readline())
    assert LINES // 2 < dropped < LINES

    numbers = []
    for line in iter(talker.stderr.readline, ""):
        event = json.loads(line)["event"]
        if "dropped" in event:
            assert event == f"{dropped} log lines were dropped: nobody took them in time."
            break
        numbers.append(int(event.partition(" ")[0]))
    assert numbers == list(range(LINES - dropped))


def test_nor_does_it_keep_the_process_from_its_end(talker: subprocess.Popen[str]) -> None:
    assert talker.stdout is not None
    assert talker.stdin is not None
    talker.stdout.readline()
    talker.stdin.close()
    assert talker.wait(timeout=30) == 1
