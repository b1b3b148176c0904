"""What is read of processes and of their metrics."""

import os

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.metrics import parse_metrics
from benchmarks.usage import parse_usage, usage_of

STATUS = "Name:\tpython\nVmHWM:\t  20480 kB\nVmRSS:\t  10240 kB\nThreads:\t3\n"
# A name with a space and a parenthesis, which a process may give itself.
STAT = "7 (python (a b)) S 1 7 7 0 -1 4194560 900 0 0 0 250 50 0 0 20 0 3 0 99 1 2 3"

METRICS = """\
# HELP crontask_attempts_total Calls that have ended.
# TYPE crontask_attempts_total counter
crontask_attempts_total{reason="OK",run_type="Scheduled"} 1200.0
crontask_attempts_total{reason="Timeout",run_type="Retry"} 3.0
crontask_records_waiting 17.0

"""


def test_memory_and_cpu_of_a_process_are_read_from_proc() -> None:
    usage = parse_usage(STATUS, STAT)

    assert usage.resident == 10 * 1024 * 1024
    assert usage.peak == 20 * 1024 * 1024
    assert usage.cpu_seconds == pytest.approx(300 / os.sysconf("SC_CLK_TCK"))


def test_this_process_uses_memory_and_time() -> None:
    usage = usage_of(os.getpid())

    assert 0 < usage.resident <= usage.peak
    assert usage.cpu_seconds > 0


def test_a_process_that_does_not_exist_is_named() -> None:
    with pytest.raises(BenchmarkError, match="process 0: expected"):
        usage_of(0)


def test_a_metric_is_summed_over_its_labels_and_zero_if_absent() -> None:
    metrics = parse_metrics(METRICS)

    assert metrics["crontask_attempts_total"] == 1203
    assert metrics["crontask_records_waiting"] == 17
    assert metrics["crontask_calls_waiting"] == 0
