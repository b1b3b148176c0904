"""Settings: from the environment, checked, and no name silently ignored."""

import os
from ipaddress import ip_network

import pytest
from pydantic import ValidationError

from crontask_core.networks import DENIED_BY_DEFAULT, LOOPBACK
from crontask_operator.process.settings import load_settings
from dev.programs import LOOPBACK_TARGETS


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("CRONTASK_"):
            monkeypatch.delenv(name)


def test_the_defaults_deny_what_the_list_says() -> None:
    settings = load_settings()
    assert settings.deny_networks == DENIED_BY_DEFAULT
    assert settings.identity


def test_a_developers_operator_allows_loopback_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CRONTASK_DENY_NETWORKS", LOOPBACK_TARGETS)
    assert {*load_settings().deny_networks, *LOOPBACK} == set(DENIED_BY_DEFAULT)


def test_networks_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRONTASK_DENY_NETWORKS", "10.0.0.0/8, fd00::/8")
    assert load_settings().deny_networks == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


def test_a_misspelt_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRONTASK_SHARD", "4")
    with pytest.raises(ValueError, match=r"unknown settings CRONTASK_SHARD; known are .*SHARDS"):
        load_settings()


def test_settings_of_the_facade_are_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRONTASK_API_PORT", "1")
    load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CRONTASK_SHARDS", "0"),
        ("CRONTASK_LEASE_SECONDS", "1"),
        ("CRONTASK_DENY_NETWORKS", "10.0.0.300/8"),
        ("CRONTASK_LOG_FORMAT", "xml"),
        ("CRONTASK_LEASE_NAMESPACE", ".."),
        ("CRONTASK_LEASE_NAMESPACE", "a/b"),
    ],
)
def test_a_wrong_value_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.removeprefix("CRONTASK_").lower()):
        load_settings()
