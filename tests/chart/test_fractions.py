"""A fraction may come as text, which is what Helm's ``--set`` makes of it."""

from tests.chart.helm import Helm, environment, only


def test_a_share_that_was_set_on_the_command_line_reaches_the_operator(helm: Helm) -> None:
    manifests = helm.template({"operator": {"settings": {"namespaceShare": "0.5"}}})

    deployments = [each for each in manifests if each["kind"] == "Deployment"]
    (name,) = (
        each["metadata"]["name"]
        for each in deployments
        if each["metadata"]["labels"]["app.kubernetes.io/component"] == "operator"
    )
    assert environment(manifests, name)["CRONTASK_NAMESPACE_SHARE"] == "0.5"


def test_a_ratio_that_was_set_on_the_command_line_is_in_its_alert(helm: Helm) -> None:
    rule = {"enabled": True, "failureRatio": "0.2"}
    manifests = helm.template({"monitoring": {"prometheusRule": rule}})

    (group,) = only(manifests, "PrometheusRule")["spec"]["groups"]
    assert any(each["expr"].strip().endswith("> 0.2") for each in group["rules"])
