"""When the shipped alerts begin and end, by Prometheus' own promtool.

An alert on what once failed never ends by itself (KubeJobFailed of the Kubernetes mixin, while a
failed Job is kept). These are about what runs came to last.
"""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from dev import tools
from tests.chart.helm import Helm, only

SERIES = 'namespace="system", job="crontask-operator"'
PER_MINUTE = 2
"""Samples: Prometheus asks every 30 seconds."""

RUNS_FAIL, TASKS_FAIL = "CronTaskRunsFail", "CronTaskTasksFail"
API_AWAY = "CronTaskApiAway"


@pytest.fixture(scope="module")
def rules(helm: Helm) -> dict[str, Any]:
    """The groups of alerts as Prometheus gets them."""
    manifests = helm.template({"monitoring": {"prometheusRule": {"enabled": True}}})
    return dict(only(manifests, "PrometheusRule")["spec"])


def minutes(*values: tuple[int, str]) -> str:
    """Return samples: for so many minutes each value, or ``START+STEP`` for one that grows."""
    return " ".join(f"{value}x{count * PER_MINUTE - 1}" for count, value in values)


def check(
    folder: Path,
    rules: dict[str, Any],
    series: Mapping[str, str],
    firing: Mapping[float, set[str]],
) -> None:
    """Check which of the three alerts fire at which minute, with `series` from minute 0 on."""
    (folder / "rules.yaml").write_text(yaml.safe_dump(rules))
    expectations = [
        {
            "expr": f'count(ALERTS{{alertname="{alert}", alertstate="firing"}})',
            "eval_time": f"{int(minute * 60)}s",
            "exp_samples": [{"labels": "{}", "value": 1}] if alert in alerts else [],
        }
        for minute, alerts in firing.items()
        for alert in (RUNS_FAIL, TASKS_FAIL, API_AWAY)
    ]
    story = {
        "interval": "30s",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": expectations,
    }
    whole = {"rule_files": ["rules.yaml"], "evaluation_interval": "30s", "tests": [story]}
    (folder / "story.yaml").write_text(yaml.safe_dump(whole))
    result = subprocess.run(
        [tools.ensure("promtool"), "test", "rules", folder / "story.yaml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def runs(result: str) -> str:
    return f'crontask_runs_total{{{SERIES}, pod="a", result="{result}"}}'


def failing(pod: str = "a") -> str:
    return f'crontask_tasks_failing{{{SERIES}, pod="{pod}"}}'


def tasks(phase: str, pod: str = "a") -> str:
    return f'crontask_tasks{{{SERIES}, pod="{pod}", phase="{phase}"}}'


def test_the_next_success_ends_the_alert_on_a_task_of_every_hour(
    tmp_path: Path, rules: dict[str, Any]
) -> None:
    series = {
        runs("failed"): minutes((10, "0"), (80, "1")),
        runs("succeeded"): minutes((70, "0"), (20, "1")),
        failing(): minutes((10, "0"), (60, "1"), (20, "0")),
        tasks("Active"): minutes((90, "1")),
    }
    check(tmp_path, rules, series, {9: set(), 20: {TASKS_FAIL}, 69: {TASKS_FAIL}, 70.5: set()})


def test_after_a_bad_while_both_alerts_are_over_soon(tmp_path: Path, rules: dict[str, Any]) -> None:
    series = {
        runs("failed"): minutes((20, "0+1"), (40, "39")),
        runs("succeeded"): minutes((20, "0"), (40, "0+1")),
        failing(): minutes((20, "1"), (40, "0")),
        tasks("Active"): minutes((60, "1")),
    }
    check(tmp_path, rules, series, {19: {RUNS_FAIL, TASKS_FAIL}, 20.5: {RUNS_FAIL}, 26: set()})


def test_a_task_that_ran_once_and_failed_is_no_alert_for_ever(
    tmp_path: Path, rules: dict[str, Any]
) -> None:
    series = {
        runs("failed"): minutes((10, "0"), (80, "1")),
        runs("succeeded"): minutes((90, "0+1")),
        failing(): minutes((90, "0")),
        tasks("Active"): minutes((90, "1")),
        tasks("Failed"): minutes((10, "0"), (80, "1")),
    }
    check(tmp_path, rules, series, {9: set(), 20: set(), 60: set()})


def test_a_hand_over_does_not_end_an_alert(tmp_path: Path, rules: dict[str, Any]) -> None:
    series = {
        failing("a"): minutes((20, "1"), (40, "0")),
        failing("b"): minutes((20, "0"), (40, "1")),
        tasks("Active", "a"): minutes((60, "4")),
        tasks("Active", "b"): minutes((60, "4")),
    }
    check(tmp_path, rules, series, {19: {TASKS_FAIL}, 20: {TASKS_FAIL}, 30: {TASKS_FAIL}})


def test_one_task_of_many_is_no_alert(tmp_path: Path, rules: dict[str, Any]) -> None:
    series = {failing(): minutes((60, "1")), tasks("Active"): minutes((60, "20"))}
    check(tmp_path, rules, series, {30: set()})


def away(pod: str = "a") -> str:
    return f'crontask_api_away_seconds{{{SERIES}, pod="{pod}"}}'


def test_an_api_server_that_is_away_is_told_before_an_only_replica_stops_firing(
    tmp_path: Path, rules: dict[str, Any]
) -> None:
    series = {away(): minutes((10, "0"), (6, "0+30"), (10, "0"))}
    # It is away from minute 10 on, and the replica would fire until minute 14.
    check(tmp_path, rules, series, {11.5: set(), 13: {API_AWAY}, 15.5: {API_AWAY}, 16.5: set()})


def test_an_api_server_that_is_upgraded_in_a_minute_is_no_alert(
    tmp_path: Path, rules: dict[str, Any]
) -> None:
    gaps = [(10, "0"), (2, "0+30"), (5, "0"), (2, "0+30"), (5, "0")]
    firing: dict[float, set[str]] = {minute / 2: set() for minute in range(48)}
    check(tmp_path, rules, {away(): minutes(*gaps)}, firing)
