"""Alerts and dashboard. That the operator has their metrics is in `test_running`."""

import json
import re
from typing import Any

import promql_parser
import pytest

from tests.chart.cases import EVERYTHING
from tests.chart.helm import Helm, dashboard_queries, only

GRAFANA_VARIABLES = {"$__rate_interval": "5m", "$namespace": "system"}


@pytest.fixture(scope="module")
def rules(helm: Helm) -> list[dict[str, Any]]:
    """The alerts."""
    (group,) = only(helm.template(EVERYTHING), "PrometheusRule")["spec"]["groups"]
    return list(group["rules"])


@pytest.fixture(scope="module")
def dashboard(helm: Helm) -> dict[str, Any]:
    """The dashboard as Grafana gets it."""
    config = only(helm.template(EVERYTHING), "ConfigMap", "jobs-dashboard")
    return dict(json.loads(config["data"]["crontask.json"]))


def test_there_is_an_alert_for_each_way_to_fail(rules: list[dict[str, Any]]) -> None:
    assert [rule["alert"] for rule in rules] == [
        "CronTaskOperatorDown",
        "CronTaskFiresLate",
        "CronTaskRunsFail",
        "CronTaskTasksFail",
        "CronTaskRunsMissed",
        "CronTaskApiAway",
        "CronTaskRecordsWait",
        "CronTaskShareUsedUp",
    ]


def test_alerts_carry_the_chosen_thresholds(rules: list[dict[str, Any]]) -> None:
    expressions = {rule["alert"]: rule["expr"] for rule in rules}
    assert expressions["CronTaskOperatorDown"].endswith("< 4")
    assert expressions["CronTaskFiresLate"].endswith("> 0.5")
    assert expressions["CronTaskRunsFail"].endswith("> 0.25")
    assert expressions["CronTaskTasksFail"].endswith("> 0.25")


def test_alerts_are_about_this_release_alone(rules: list[dict[str, Any]]) -> None:
    for rule in rules:
        selectors = re.findall(r"crontask_\w+(\{[^}]*\})?", rule["expr"])
        assert all('namespace="system", job="jobs-operator"' in found for found in selectors)


def test_every_query_is_promql(rules: list[dict[str, Any]], dashboard: dict[str, Any]) -> None:
    for query in [*(rule["expr"] for rule in rules), *dashboard_queries(dashboard)]:
        promql_parser.parse(_without_variables(query))


def test_the_panels_do_not_overlap(dashboard: dict[str, Any]) -> None:
    cells = [
        (x, y)
        for panel in dashboard["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


def _without_variables(query: str) -> str:
    for name, value in GRAFANA_VARIABLES.items():
        query = query.replace(name, value)
    return query
