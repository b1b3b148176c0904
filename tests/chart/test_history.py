"""The history: off by default; with a Secret both programs get its URL, and the bounds."""

from typing import Any

import pytest

import crontask_api.settings
import crontask_operator.process.settings
from tests.chart.helm import Helm, Manifest, environment, only

KEPT = {"history": {"existingSecret": "runs"}}


def mounted(manifests: list[Manifest], deployment: str) -> tuple[Any, Any]:
    """Return the volume of a Deployment that holds the URL, and how it is mounted."""
    pod = only(manifests, "Deployment", deployment)["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    (volume,) = (each for each in pod["volumes"] if each["name"] == "history")
    (mount,) = (each for each in container["volumeMounts"] if each["name"] == "history")
    return volume, mount


def test_without_a_secret_none_is_kept(helm: Helm) -> None:
    for component in ("operator", "facade"):
        assert "HISTORY" not in str(environment(helm.template(), f"crontask-{component}"))
    assert "/etc/crontask/history" not in str(helm.template())


@pytest.mark.parametrize(
    ("deployment", "name"),
    [
        ("crontask-operator", "CRONTASK_HISTORY_URL"),
        ("crontask-facade", "CRONTASK_API_HISTORY_URL"),
    ],
)
def test_both_programs_read_the_url_from_the_secret_as_a_file(
    helm: Helm, deployment: str, name: str
) -> None:
    extra = {"extraVolumes": [{"name": "ca"}], "extraVolumeMounts": [{"name": "ca"}]}
    manifests = helm.template(
        {
            "history": {"existingSecret": "runs", "key": "uri"},
            "operator": extra,
            "facade": extra,
        }
    )
    volume, mount = mounted(manifests, deployment)
    assert volume["secret"]["secretName"] == "runs"
    ((item,), folder) = volume["secret"]["items"], mount["mountPath"]
    assert item == {"key": "uri", "path": "url"}
    # A mount by subPath would never show a new password.
    assert mount == {"name": "history", "mountPath": folder, "readOnly": True}
    assert environment(manifests, deployment)[name] == f"file://{folder}/url"


@pytest.mark.parametrize(
    ("settings", "component", "prefix"),
    [
        (crontask_operator.process.settings.Settings, "operator", "CRONTASK_"),
        (crontask_api.settings.Settings, "facade", "CRONTASK_API_"),
    ],
    ids=["operator", "facade"],
)
def test_every_setting_of_it_is_a_value_with_the_same_default(
    helm: Helm, settings: Any, component: str, prefix: str
) -> None:
    rendered = environment(helm.template(KEPT), f"crontask-{component}")
    expected = {
        prefix + name.upper(): str(field.default)
        for name, field in settings.model_fields.items()
        if name.startswith("history_") and name != "history_url"
    }
    found = {name: value for name, value in rendered.items() if "HISTORY" in name}
    del found[f"{prefix}HISTORY_URL"]
    assert found == expected


def test_values_of_it_are_passed_on(helm: Helm) -> None:
    values = {
        "history": {
            "existingSecret": "runs",
            "days": 7,
            "rows": 10_000_000,
            "bodyBytes": 4096,
            "operatorConnections": 3,
            "facadeConnections": 9,
        }
    }
    manifests = helm.template(values)
    operator = environment(manifests, "crontask-operator")
    assert operator["CRONTASK_HISTORY_DAYS"] == "7"
    assert operator["CRONTASK_HISTORY_ROWS"] == "10000000"
    assert operator["CRONTASK_HISTORY_BODY_BYTES"] == "4096"
    assert operator["CRONTASK_HISTORY_CONNECTIONS"] == "3"
    facade = environment(manifests, "crontask-facade")
    assert facade["CRONTASK_API_HISTORY_CONNECTIONS"] == "9"


def test_its_alert_comes_with_it(helm: Helm) -> None:
    monitoring = {"monitoring": {"prometheusRule": {"enabled": True}}}
    without = only(helm.template(monitoring), "PrometheusRule")
    assert "CronTaskHistoryWaits" not in str(without)
    assert "CronTaskHistoryWaits" in str(
        only(helm.template({**monitoring, **KEPT}), "PrometheusRule")
    )
