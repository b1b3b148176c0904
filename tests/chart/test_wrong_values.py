"""Values that the chart cannot use are refused, each by its name."""

from typing import Any

import pytest

from tests.chart.helm import Helm, HelmError


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"operator": {"replica": 2}}, "additional properties 'replica' not allowed"),
        ({"operator": {"settings": {"shards": 0}}}, "minimum: got 0, want 1"),
        ({"facade": {"auth": {"mode": "tokens"}}}, "value must be one of 'token', 'kubernetes'"),
        ({"facade": {"ingress": {"enabled": True}}}, "minItems: got 0, want 1"),
        (
            {"facade": {"allowedHosts": ["a.example:80"]}},
            "'/facade/allowedHosts/0': 'a.example:80'",
        ),
        ({"facade": {"allowedHosts": ["https://a.example"]}}, "does not match pattern"),
        ({"facade": {"allowedHosts": ["[fd00::1]"]}}, "does not match pattern"),
        (
            {"watchNamespaces": ["a"], "facade": {"namespace": "b"}},
            "expected namespaces among watchNamespaces (a), found b",
        ),
    ],
    ids=[
        "unknown",
        "out of bounds",
        "unknown mode",
        "Ingress without host",
        "a host with a port",
        "a host with a scheme",
        "an address in brackets",
        "not watched",
    ],
)
def test_a_wrong_value_is_refused_by_name(helm: Helm, values: dict[str, Any], message: str) -> None:
    with pytest.raises(HelmError) as refusal:
        helm.template(values)
    assert message in str(refusal.value)
