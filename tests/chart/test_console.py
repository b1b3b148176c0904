"""What the chart does for the console, and that it does nothing where there is none."""

from tests.chart.cases import Values
from tests.chart.helm import Helm, Manifest, environment, only, select

OFF: Values = {"facade": {"console": {"enabled": False}}}
NAME = "crontask-console-key"
LOGOUTS = "crontask-facade-logouts"


def _verbs(manifests: list[Manifest]) -> set[str]:
    rules = only(manifests, "Role", "crontask-facade")["rules"]
    return {verb for rule in rules for verb in rule["verbs"]}


def _volumes(manifests: list[Manifest]) -> dict[str, Manifest]:
    pod = only(manifests, "Deployment", "crontask-facade")["spec"]["template"]["spec"]
    return {volume["name"]: volume for volume in pod["volumes"]}


def test_by_default_it_is_served_with_a_key_of_its_own(helm: Helm) -> None:
    manifests = helm.template()
    secret = only(manifests, "Secret", NAME)

    assert set(secret["data"]) == {"key"}
    assert "pre-install" in secret["metadata"]["annotations"]["helm.sh/hook"]
    assert _volumes(manifests)["console-key"]["secret"]["secretName"] == NAME
    assert "watch" in _verbs(manifests)
    assert only(manifests, "Role", "crontask-facade-leases")["metadata"]["namespace"] == "system"
    variables = environment(manifests, "crontask-facade")
    assert variables["CRONTASK_API_CONSOLE"] == "true"
    assert variables["CRONTASK_API_CONSOLE_KEY_PATH"] == "/etc/crontask/console/key"
    assert variables["CRONTASK_API_CONSOLE_SESSION_SECONDS"] == "86400"
    leases = environment(manifests, "crontask-operator")["CRONTASK_LEASE_NAMESPACE"]
    assert variables["CRONTASK_API_CONSOLE_LEASE_NAMESPACE"] == leases


def test_switched_off_it_leaves_nothing_behind(helm: Helm) -> None:
    manifests = helm.template(OFF)
    assert [each["metadata"]["name"] for each in select(manifests, "Secret")] == [
        "crontask-facade-token"
    ]
    assert "watch" not in _verbs(manifests)
    assert "events" not in str(only(manifests, "Role", "crontask-facade"))
    roles = [each["metadata"]["name"] for each in select(manifests, "Role")]
    assert not {"crontask-facade-leases", "crontask-facade-logouts"} & set(roles)
    assert not select(manifests, "ConfigMap", "crontask-facade-logouts")
    assert "console" not in str(only(manifests, "Deployment", "crontask-facade"))


def test_who_logged_out_everywhere_is_kept_in_a_configmap_where_people_log_in(helm: Helm) -> None:
    for mode in ("token", "kubernetes"):
        manifests = helm.template({"facade": {"auth": {"mode": mode}}})
        assert only(manifests, "ConfigMap", LOGOUTS)["metadata"]["namespace"] == "system"
        (rule,) = only(manifests, "Role", LOGOUTS)["rules"]
        assert (rule["resources"], rule["resourceNames"]) == (["configmaps"], [LOGOUTS])
        assert rule["verbs"] == ["get", "patch"]
        variables = environment(manifests, "crontask-facade")
        assert variables["CRONTASK_API_CONSOLE_LOGOUTS"] == f"system/{LOGOUTS}"
    proxy: Values = {"auth": {"mode": "proxy"}, "trustedProxies": ["10.0.0.0/8"]}
    for facade in ({"auth": {"mode": "none"}}, proxy):
        manifests = helm.template({"facade": facade})
        assert LOGOUTS not in str(manifests)
        assert "CRONTASK_API_CONSOLE_LOGOUTS" not in environment(manifests, "crontask-facade")


def test_a_secret_of_ones_own_is_taken(helm: Helm) -> None:
    manifests = helm.template({"facade": {"console": {"existingSecret": "keys"}}})
    assert _volumes(manifests)["console-key"]["secret"]["secretName"] == "keys"
    assert NAME not in [each["metadata"]["name"] for each in select(manifests, "Secret")]


def test_it_is_published_with_the_facade_and_not_without_it(helm: Helm) -> None:
    facade = {"ingress": {"enabled": True, "hosts": ["cron.example"]}}
    assert "/console" in str(only(helm.template({"facade": facade}), "Ingress"))
    without = helm.template({"facade": facade | OFF["facade"]})
    assert "/console" not in str(only(without, "Ingress"))
