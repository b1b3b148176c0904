"""That `docs/metrics.md` lists every metric of both programs, with its type and labels."""

import ast
import inspect
import re
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from prometheus_client.metrics import MetricWrapperBase

import crontask_api.metrics
from crontask_operator import application
from crontask_operator.engine import gauges as engine_gauges
from crontask_operator.history import history_writer
from crontask_operator.process import metrics
from tests.support.documented import ROOT

ROW = re.compile(r"^\| `(crontask_\w+)` \| (\w+) \|([^|]*)\| [^|]+ \|$", re.MULTILINE)
DOCUMENTED = [
    (name, kind, tuple(re.findall(r"`(\w+)`", labels)))
    for name, kind, labels in ROW.findall((ROOT / "docs" / "metrics.md").read_text())
]


def test_every_metric_is_listed_once_and_no_other() -> None:
    expected = [
        *measured(vars(metrics).values()),
        *measured(vars(crontask_api.metrics.Metrics()).values()),
        *(
            (name, "gauge", ())
            for module in (engine_gauges, application, history_writer)
            for name in gauges(module)
        ),
        *(
            (family.name, str(family.type), tuple(family._labelnames))
            for family in metrics.StateCollector({}, dict).collect()
        ),
    ]

    assert sorted(DOCUMENTED) == sorted(expected)


def measured(values: Iterable[Any]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return name, type and labels of the metrics among `values`."""
    found = (value for value in values if isinstance(value, MetricWrapperBase))
    return [
        (
            f"{value._name}_total" if value._type == "counter" else value._name,
            str(value._type),
            tuple(value._labelnames),
        )
        for value in found
    ]


def gauges(module: ModuleType) -> list[str]:
    """Return the names of the gauges that `module` hands out, the keys of its dictionaries."""
    return [
        str(key.value)
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant) and str(key.value).startswith("crontask_")
    ]
