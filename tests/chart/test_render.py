"""What the chart makes of which values, by the real Helm."""

from typing import Any

import pytest

from tests.chart.cases import CASES, EVERYTHING, HA, KUBERNETES_AUTH, NAMESPACED, OPERATOR_ALONE
from tests.chart.helm import Helm, Manifest, environment, only, select


@pytest.mark.parametrize("values", CASES.values(), ids=CASES)
def test_lint_finds_nothing(helm: Helm, values: dict[str, Any]) -> None:
    assert "0 chart(s) failed" in helm.lint(values)


@pytest.mark.parametrize("values", CASES.values(), ids=CASES)
def test_every_object_says_what_it_belongs_to(helm: Helm, values: dict[str, Any]) -> None:
    common = values.get("commonLabels", {})
    for manifest in helm.template(values):
        labels = manifest["metadata"]["labels"]
        assert labels["app.kubernetes.io/part-of"] == "crontask"
        assert labels["app.kubernetes.io/instance"] == "crontask"
        assert common.items() <= labels.items()


@pytest.mark.parametrize("values", CASES.values(), ids=CASES)
def test_every_selector_finds_the_pods_of_its_component_alone(
    helm: Helm, values: dict[str, Any]
) -> None:
    manifests = helm.template(values)
    pods = {
        deployment["metadata"]["name"]: deployment["spec"]["template"]["metadata"]["labels"]
        for deployment in select(manifests, "Deployment")
    }
    for manifest in manifests:
        selector = _pod_selector(manifest)
        if selector is not None:
            found = [name for name, labels in pods.items() if selector.items() <= labels.items()]
            assert found == [manifest["metadata"]["name"]]


def _pod_selector(manifest: Manifest) -> dict[str, str] | None:
    spec = manifest.get("spec", {})
    match manifest["kind"]:
        case "Service":
            return dict(spec["selector"])
        case "Deployment" | "PodDisruptionBudget":
            return dict(spec["selector"]["matchLabels"])
        case "NetworkPolicy":
            return dict(spec["podSelector"]["matchLabels"])
        case _:
            return None


def test_by_default_the_operator_has_its_rights_in_the_whole_cluster(helm: Helm) -> None:
    manifests = helm.template()
    rules = only(manifests, "ClusterRole", "crontask-operator")["rules"]
    assert only(manifests, "ClusterRoleBinding")["subjects"] == [
        {"kind": "ServiceAccount", "name": "crontask-operator", "namespace": "system"}
    ]
    assert {"configmaps", "secrets", "crontasks", "crontasks/status", "events"} == {
        resource for rule in rules for resource in rule["resources"]
    }
    assert "--all-namespaces" in _args(manifests)


def test_namespaced_it_has_the_same_rights_there_and_none_in_the_cluster(helm: Helm) -> None:
    manifests = helm.template(NAMESPACED)
    assert not select(manifests, "ClusterRole")
    assert not select(manifests, "ClusterRoleBinding")
    everywhere = only(helm.template(), "ClusterRole", "crontask-operator")["rules"]
    for namespace in ("team-a", "team-b"):
        (role,) = select(manifests, "Role", "crontask-operator", namespace=namespace)
        (binding,) = select(manifests, "RoleBinding", "crontask-operator", namespace=namespace)
        assert role["rules"] == everywhere
        assert binding["subjects"][0]["namespace"] == "system"
    assert _args(manifests)[1:] == ["--namespace=team-a", "--namespace=team-b"]


def test_leases_are_a_matter_of_its_own_namespace(helm: Helm) -> None:
    for values in (None, NAMESPACED):
        manifests = helm.template(values or {})
        role = only(manifests, "Role", "crontask-operator-leases")
        assert role["metadata"]["namespace"] == "system"
        assert environment(manifests, "crontask-operator")["CRONTASK_LEASE_NAMESPACE"] == "system"


@pytest.mark.parametrize("values", [{}, NAMESPACED], ids=["cluster-wide", "namespaced"])
def test_of_the_api_servers_namespace_it_may_read_its_endpoints_alone(
    helm: Helm, values: dict[str, Any]
) -> None:
    role = only(helm.template(values), "Role", "system-crontask-operator-endpoints")
    assert role["metadata"]["namespace"] == "default"
    (rule,) = role["rules"]
    assert (rule["resources"], rule["resourceNames"], rule["verbs"]) == (
        ["endpointslices"],
        ["kubernetes"],
        ["get"],
    )
    allowed = {"operator": {"settings": {"denyApiServer": False}}}
    names = {found["metadata"]["name"] for found in select(helm.template(allowed), "Role")}
    assert "system-crontask-operator-endpoints" not in names


@pytest.mark.parametrize(
    ("values", "first", "further", "roles"),
    [
        ({}, "system", "system", {"system"}),
        ({"facade": {"namespace": "jobs"}}, "jobs", "jobs", {"jobs"}),
        ({"facade": {"allowedNamespaces": ["b"]}}, "system", "system,b", {"system", "b"}),
        ({"facade": {"allowedNamespaces": ["*"]}}, "system", "*", {None}),
        (NAMESPACED, "team-a", "team-a,team-b", {"team-a", "team-b"}),
        ({"watchNamespaces": ["team-a", "team-b"]}, "team-a", "team-a", {"team-a"}),
    ],
    ids=["default", "another", "further", "all", "all that are watched", "first watched"],
)
def test_the_facade_has_rights_where_its_tasks_may_be(
    helm: Helm, values: dict[str, Any], first: str, further: str, roles: set[str | None]
) -> None:
    manifests = helm.template(values)
    variables = environment(manifests, "crontask-facade")
    assert variables["CRONTASK_API_NAMESPACE"] == first
    assert variables["CRONTASK_API_ALLOWED_NAMESPACES"] == further
    found = select(manifests, "Role", "crontask-facade")
    found += select(manifests, "ClusterRole", "crontask-facade")
    assert {role["metadata"].get("namespace") for role in found} == roles


def test_kubernetes_authentication_adds_two_reviews_and_mounts_no_tokens(helm: Helm) -> None:
    manifests = helm.template(KUBERNETES_AUTH)
    rules = only(manifests, "ClusterRole", "system-crontask-facade-reviews")["rules"]
    assert [(rule["resources"], rule["verbs"]) for rule in rules] == [
        (["tokenreviews"], ["create"]),
        (["subjectaccessreviews"], ["create"]),
    ]
    assert not select(manifests, "Secret", "crontask-facade-token")
    volumes = _pod(manifests, "crontask-facade")["volumes"]
    assert [volume["name"] for volume in volumes] == ["console-key"]
    variables = environment(manifests, "crontask-facade")
    expected = {"CRONTASK_API_AUTH": "kubernetes", "CRONTASK_API_TOKEN_AUDIENCE": "crontask"}
    assert expected.items() <= variables.items()


def test_a_proxy_is_believed_with_one_review_and_no_token(helm: Helm) -> None:
    proxy = {"groupsHeader": "", "userPrefix": "oidc:", "logoutPath": "/oauth2/sign_out"}
    facade = {"auth": {"mode": "proxy", "proxy": proxy}, "trustedProxies": ["10.0.0.7/32"]}
    manifests = helm.template({"facade": facade})
    rules = only(manifests, "ClusterRole", "system-crontask-facade-reviews")["rules"]
    assert [rule["resources"] for rule in rules] == [["subjectaccessreviews"]]
    assert not select(manifests, "Secret", "crontask-facade-token")
    expected = {
        "CRONTASK_API_AUTH": "proxy",
        "CRONTASK_API_TRUSTED_PROXIES": "10.0.0.7/32",
        "CRONTASK_API_PROXY_USER_HEADER": "X-Forwarded-User",
        "CRONTASK_API_PROXY_GROUPS_HEADER": "-",
        "CRONTASK_API_PROXY_USER_PREFIX": "oidc:",
        "CRONTASK_API_PROXY_LOGOUT_PATH": "/oauth2/sign_out",
    }
    assert expected.items() <= environment(manifests, "crontask-facade").items()


def test_without_authentication_the_facade_answers_to_its_own_names(helm: Helm) -> None:
    def hosts(**facade: Any) -> set[str]:
        variables = environment(helm.template({"facade": facade}), "crontask-facade")
        return set(filter(None, variables.get("CRONTASK_API_ALLOWED_HOSTS", "").split(",")))

    service = "crontask-facade"
    names = {service, *(f"{service}.system{end}" for end in ("", ".svc", ".svc.cluster.local"))}
    nobody = {"mode": "none"}
    published = {"enabled": True, "hosts": ["cron.example"]}
    assert hosts() == set()
    assert hosts(auth=nobody) == names
    assert hosts(auth=nobody, allowedHosts=["x"]) == names | {"x"}
    assert hosts(auth=nobody, ingress=published) == names | {"cron.example"}
    forms = {"A.example", "a.example.", "*.b.example", "10.0.0.1", "fd00::1", "*", "x_y"}
    assert hosts(auth=nobody, allowedHosts=sorted(forms)) == names | forms
    assert hosts(allowedHosts=["x"]) == names | {"x"}


def test_proxies_that_are_trusted_are_told_to_the_facade(helm: Helm) -> None:
    manifests = helm.template({"facade": {"trustedProxies": ["10.0.0.0/8", "fd00::/8"]}})
    variables = environment(manifests, "crontask-facade")
    assert variables["CRONTASK_API_TRUSTED_PROXIES"] == "10.0.0.0/8,fd00::/8"


def test_a_generated_token_is_long_and_another_each_time(helm: Helm) -> None:
    tokens = {
        only(helm.template(), "Secret", "crontask-facade-token")["data"]["token"] for _ in range(2)
    }
    assert len(tokens) == 2
    assert all(len(token) > 50 for token in tokens)


def test_an_existing_secret_is_mounted_and_none_is_made(helm: Helm) -> None:
    manifests = helm.template(EVERYTHING)
    assert not select(manifests, "Secret", "jobs-facade-token")
    volumes = {volume["name"]: volume for volume in _pod(manifests, "jobs-facade")["volumes"]}
    assert volumes["tokens"]["secret"]["secretName"] == "facade-tokens"


def test_a_pod_has_longer_to_end_than_its_calls(helm: Helm) -> None:
    manifests = helm.template(EVERYTHING)
    pod = _pod(manifests, "jobs-operator")
    # 12.5 s for calls, rounded up, and what the hand-over takes.
    assert pod["terminationGracePeriodSeconds"] == 13 + 35
    assert environment(manifests, "jobs-operator")["CRONTASK_DRAIN_SECONDS"] == "12.5"


def test_large_numbers_are_written_in_full(helm: Helm) -> None:
    manifests = helm.template({"operator": {"settings": {"responseCapBytes": 67108864}}})
    variables = environment(manifests, "crontask-operator")
    assert variables["CRONTASK_RESPONSE_CAP_BYTES"] == "67108864"


def test_high_availability_keeps_pods_apart_and_evicts_one_at_a_time(helm: Helm) -> None:
    manifests = helm.template(HA)
    assert only(manifests, "Deployment", "crontask-operator")["spec"]["replicas"] == 3
    assert environment(manifests, "crontask-operator")["CRONTASK_SHARDS"] == "12"
    (spread,) = _pod(manifests, "crontask-operator")["topologySpreadConstraints"]
    assert spread["labelSelector"]["matchLabels"]["app.kubernetes.io/component"] == "operator"
    budget = only(manifests, "PodDisruptionBudget", "crontask-operator")
    assert budget["spec"]["maxUnavailable"] == 1


def test_a_spread_of_ones_own_keeps_its_selector(helm: Helm) -> None:
    first, second = _pod(helm.template(EVERYTHING), "jobs-operator")["topologySpreadConstraints"]
    assert first["labelSelector"]["matchLabels"]["app.kubernetes.io/component"] == "operator"
    assert second["labelSelector"] == {"matchLabels": {"tier": "backend"}}


def test_secrets_can_be_limited_to_names_or_left_out(helm: Helm) -> None:
    (rule,) = _secret_rules(only(helm.template(EVERYTHING), "ClusterRole", "jobs-operator"))
    assert rule["resourceNames"] == ["callback-token"]
    role = only(helm.template(OPERATOR_ALONE), "ClusterRole", "crontask-operator")
    assert _secret_rules(role) == []


def test_probes_and_metrics_are_not_published(helm: Helm) -> None:
    manifests = helm.template(EVERYTHING)
    (rule,) = only(manifests, "Ingress")["spec"]["rules"]
    published = [(path["path"], path["pathType"]) for path in rule["http"]["paths"]]
    exact = [("/docs", "Exact"), ("/openapi.json", "Exact")]
    assert published == [("/crontab", "Prefix"), *exact, ("/console", "Prefix")]
    assert {path["backend"]["service"]["name"] for path in rule["http"]["paths"]} == {"jobs-facade"}
    (rule,) = only(manifests, "HTTPRoute")["spec"]["rules"]
    matches = [(match["path"]["value"], match["path"]["type"]) for match in rule["matches"]]
    assert matches == [("/crontab", "PathPrefix"), *exact, ("/console", "PathPrefix")]


def test_switched_off_is_gone(helm: Helm) -> None:
    kinds = {manifest["kind"] for manifest in helm.template(OPERATOR_ALONE)}
    assert kinds == {
        "ServiceAccount",
        "ClusterRole",
        "ClusterRoleBinding",
        "Role",
        "RoleBinding",
        "Service",
        "Deployment",
    }


def test_the_digest_goes_before_the_tag(helm: Helm) -> None:
    (container,) = _pod(helm.template(EVERYTHING), "jobs-operator")["containers"]
    assert container["image"].startswith("registry.example.com/crontask@sha256:0123")


def _pod(manifests: list[Manifest], deployment: str) -> Manifest:
    return dict(only(manifests, "Deployment", deployment)["spec"]["template"]["spec"])


def _args(manifests: list[Manifest]) -> list[str]:
    (container,) = _pod(manifests, "crontask-operator")["containers"]
    return list(container["args"])


def _secret_rules(role: Manifest) -> list[Manifest]:
    return [rule for rule in role["rules"] if "secrets" in rule["resources"]]
