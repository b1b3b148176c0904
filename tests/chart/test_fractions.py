"""Fractions can be set on the command line, where Helm's ``--set`` makes text of them."""

import pytest

from tests.chart.helm import NO_VALUES, Helm, HelmError, environment, only


@pytest.mark.parametrize(
    ("value", "number", "deployment", "variable"),
    [
        (
            "operator.settings.namespaceShare",
            "0.5",
            "crontask-operator",
            "CRONTASK_NAMESPACE_SHARE",
        ),
        ("operator.settings.namespaceShare", "1", "crontask-operator", "CRONTASK_NAMESPACE_SHARE"),
        ("operator.settings.drainSeconds", "12.5", "crontask-operator", "CRONTASK_DRAIN_SECONDS"),
        (
            "facade.settings.headTimeoutSeconds",
            "0.5",
            "crontask-facade",
            "CRONTASK_API_HEAD_TIMEOUT_SECONDS",
        ),
        (
            "facade.settings.requestTimeoutSeconds",
            "7.5",
            "crontask-facade",
            "CRONTASK_API_REQUEST_TIMEOUT_SECONDS",
        ),
        (
            "facade.settings.kubernetesTimeoutSeconds",
            "2.5",
            "crontask-facade",
            "CRONTASK_API_KUBERNETES_TIMEOUT_SECONDS",
        ),
    ],
)
def test_a_number_reaches_its_program(
    helm: Helm, value: str, number: str, deployment: str, variable: str
) -> None:
    manifests = helm.template(NO_VALUES, "--set", f"{value}={number}")

    assert environment(manifests, deployment)[variable] == number


def test_a_pod_has_time_for_a_fraction_of_a_second(helm: Helm) -> None:
    manifests = helm.template(NO_VALUES, "--set", "operator.settings.drainSeconds=12.5")

    pod = only(manifests, "Deployment", "crontask-operator")["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] == 13 + 35


@pytest.mark.parametrize(("value", "alerts"), [("failureRatio", 2), ("fireLagSeconds", 1)])
def test_a_threshold_is_in_its_alerts(helm: Helm, value: str, alerts: int) -> None:
    rule = "monitoring.prometheusRule"
    manifests = helm.template(
        NO_VALUES, "--set", f"{rule}.enabled=true", "--set", f"{rule}.{value}=0.2"
    )

    (group,) = only(manifests, "PrometheusRule")["spec"]["groups"]
    assert [each["expr"].endswith("> 0.2") for each in group["rules"]].count(True) == alerts


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("operator.settings.namespaceShare", "0.0"),
        ("operator.settings.namespaceShare", "1.5"),
        ("operator.settings.namespaceShare", "half"),
        ("operator.settings.drainSeconds", "3600.5"),
        ("operator.settings.drainSeconds", "-0.5"),
        ("facade.settings.headTimeoutSeconds", "0.0"),
        ("facade.settings.requestTimeoutSeconds", "1e3s"),
        ("monitoring.prometheusRule.failureRatio", "1.1"),
        ("monitoring.prometheusRule.fireLagSeconds", "0.0"),
    ],
)
def test_what_is_no_number_of_the_range_is_refused(helm: Helm, value: str, number: str) -> None:
    with pytest.raises(HelmError, match=value.rpartition(".")[2]):
        helm.template(NO_VALUES, "--set", f"{value}={number}")
