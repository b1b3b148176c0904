"""What is written twice is the same: versions, the CRD, values and their description."""

import json
from importlib.metadata import version
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

import crontask_api.settings
import crontask_operator.process.settings
from crontask_core.networks import (
    DENIED_BY_DEFAULT,
    LINK_LOCAL,
    LOOPBACK,
    METADATA,
)
from dev.generate_chart import CHART, generated, package_version, values
from dev.generate_rights import KINDS, is_right
from dev.rights import EVERYWHERE, MANIFESTS, chart_rights
from tests.chart.helm import Helm, Manifest, environment, only


@pytest.mark.parametrize("path", generated(), ids=lambda path: path.name)
def test_a_generated_file_is_what_make_chart_would_write(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == generated()[path]


def test_chart_application_and_package_have_one_version() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    assert {chart["version"], chart["appVersion"]} == {package_version()}
    assert version("crontask-operator") == package_version()


def test_the_rendered_definition_is_the_one_in_crds(helm: Helm) -> None:
    source = yaml.safe_load(generated()[CHART / "files" / "crontasks.crontask.dev.yaml"])
    rendered = only(helm.template(), "CustomResourceDefinition")
    assert rendered["spec"] == source["spec"]
    assert rendered["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}


EVERYWHERE_VALUES = {
    "facade": {"allowedNamespaces": ["*"], "auth": {"mode": "kubernetes"}},
}


@pytest.mark.parametrize(
    ("release", "namespace"), [("crontask-default", "default"), ("crontask-x1", "team-b")]
)
@pytest.mark.parametrize(
    ("manifests", "values"),
    [(MANIFESTS, {}), (EVERYWHERE, EVERYWHERE_VALUES)],
    ids=["default", "everywhere"],
)
def test_the_rights_for_dev_are_those_of_the_chart(
    helm: Helm, release: str, namespace: str, manifests: Path, values: dict[str, Any]
) -> None:
    rendered = helm.template(values, release=release, namespace=namespace)
    granted = chart_rights(release, namespace, manifests)
    assert granted == [manifest for manifest in rendered if is_right(manifest)]
    assert {manifest["kind"] for manifest in granted} == set(KINDS)


def test_the_schema_knows_every_value_and_no_other() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    defaults = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    # `global` is what Helm hands to a chart that is part of another.
    assert _paths(schema, schema["definitions"]) - {"global"} == _leaves(
        defaults, {value.path for value in values()}
    )


HISTORY = {"history_url", "history_connections"}
"""Values of both programs, set where a history is kept alone; see `test_history`."""
OPERATOR_OWN = {"identity", "lease_namespace", "metrics_port", *HISTORY}
OPERATOR_OWN |= {"history_body_bytes", "history_days", "history_rows"}
FACADE_OWN = {
    "host",
    "port",
    "auth",
    "tokens_path",
    "token_audience",
    "namespace",
    "allowed_namespaces",
    "allowed_hosts",
    "console",
    "console_key_path",
    "console_lease_namespace",
    "console_logouts",
    "trusted_proxies",
    "proxy_user_header",
    "proxy_groups_header",
    "proxy_email_header",
    "proxy_user_prefix",
    "proxy_groups_prefix",
    "proxy_logout_path",
    *HISTORY,
}


@pytest.mark.parametrize(
    ("settings", "component", "prefix", "own"),
    [
        (crontask_operator.process.settings.Settings, "operator", "CRONTASK_", OPERATOR_OWN),
        (crontask_api.settings.Settings, "facade", "CRONTASK_API_", FACADE_OWN),
    ],
    ids=["operator", "facade"],
)
def test_every_setting_is_a_value_with_the_same_default(
    helm: Helm, settings: type[BaseSettings], component: str, prefix: str, own: set[str]
) -> None:
    rendered = environment(helm.template(), f"crontask-{component}")
    fields = {name: field for name, field in settings.model_fields.items() if name not in own}
    fixed = {prefix + name.upper() for name in own}
    assert set(rendered) - fixed == {prefix + name.upper() for name in fields}
    chosen = settings.model_validate(
        {name: rendered[prefix + name.upper()] or None for name in fields if name != "proxy"}
    )
    assert {name: getattr(chosen, name) for name in fields} == {
        name: field.get_default(call_default_factory=True) for name, field in fields.items()
    }


@pytest.mark.parametrize("component", ["operator", "facade"])
def test_the_network_policy_excepts_what_the_operator_denies(helm: Helm, component: str) -> None:
    policy = only(helm.template(), "NetworkPolicy", f"crontask-{component}")
    blocks = [peer["ipBlock"] for rule in policy["spec"]["egress"] for peer in rule.get("to", [])]
    excepted = {block["cidr"]: set(map(ip_network, block["except"])) for block in blocks}
    # A pod's own loopback is out of the reach of network policies.
    denied = LINK_LOCAL + METADATA
    assert set(denied) | set(LOOPBACK) == set(DENIED_BY_DEFAULT)
    assert excepted == {
        "0.0.0.0/0": {network for network in denied if network.version == 4},
        "::/0": {network for network in denied if network.version == 6},
    }


def _paths(schema: Manifest, definitions: Manifest, prefix: str = "") -> set[str]:
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    if schema.get("additionalProperties") is not False:
        return {prefix.removesuffix(".")}
    return {
        path
        for name, child in schema["properties"].items()
        for path in _paths(child, definitions, f"{prefix}{name}.")
    }


def _leaves(value: Any, documented: set[str], prefix: str = "") -> set[str]:
    path = prefix.removesuffix(".")
    if path in documented:
        return {path}
    return {
        leaf
        for name, child in value.items()
        for leaf in _leaves(child, documented, f"{prefix}{name}.")
    }
