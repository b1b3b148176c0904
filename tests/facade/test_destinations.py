"""Secrets of a task go where whoever may read them has sent them, whatever a client asks."""

from collections.abc import Iterator
from typing import Any, Final

import httpx
import pytest

from dev.control_plane import ControlPlane
from dev.programs import Program
from tests.facade.client import Facade, Json, item
from tests.facade.cluster import CORE, RBAC, create
from tests.facade.objects import Objects
from tests.support.programs import run_facade

URL: Final = "https://bank.test/pay?id=1"
HEADER: Final = {"name": "Authorization", "secretKeyRef": {"name": "bank-token", "key": "value"}}
CA: Final = {"caSecretRef": {"name": "bank-ca", "key": "ca.crt"}}
GRPC: Final = {"address": "bank.test:443", "service": "bank.v1.Pay", "method": "Send"}

WITH_SECRETS: Final[dict[str, Json]] = {
    "a header": {"http": {"url": URL, "headers": [HEADER]}},
    "a header among others": {
        "http": {"url": URL, "headers": [{"name": "Accept", "value": "text/plain"}, HEADER]}
    },
    "a certificate": {"http": {"url": URL, "tls": CA}},
    "metadata": {"grpc": {**GRPC, "metadata": [{**HEADER, "name": "authorization"}]}},
    "a certificate for gRPC": {"grpc": {**GRPC, "tls": CA}},
}
ELSEWHERE: Final = {
    "http": {
        "another host": "https://thief.test/pay",
        "another scheme": "http://bank.test/pay",
        "another port": "https://bank.test:8443/pay",
        "the other scheme's port": "https://bank.test:80/pay",
        "a host below it": "https://bank.test.thief.test/pay",
        "a host above it": "https://test/pay",
        "the host as a user": "https://bank.test@thief.test/pay",
        "the host and a password": "https://bank.test:443@thief.test/pay",
        "a backslash": "https://bank.test\\@thief.test/pay",
        "a final dot": "https://bank.test./pay",
        "an escape": "https://bank%2etest/pay",
        "letters of another script": "https://ban\u212a.test/pay",
    },
    "grpc": {
        "another host": "thief.test:443/bank.v1.Pay.Send",
        "another port": "bank.test:8443/bank.v1.Pay.Send",
        "a host below it": "bank.test.thief.test:443/bank.v1.Pay.Send",
    },
}
AT_HOME: Final = {
    "http": {
        "another path": "https://bank.test/refund",
        "another query": "https://bank.test?id=2",
        "the default port": "https://bank.test:443/pay",
        "upper case": "HTTPS://Bank.TEST/pay",
    },
    "grpc": {
        "another method": "bank.test:443/bank.v1.Pay.Refund",
        "another service": "bank.test:443/bank.v2.Pay.Send",
        "upper case": "Bank.TEST:443/bank.v1.Pay.Send",
    },
}


def _cases(urls: dict[str, dict[str, str]]) -> list[Any]:
    return [
        pytest.param(callback, url, id=f"{what}, {how}")
        for what, callback in WITH_SECRETS.items()
        for kind in callback
        for how, url in urls[kind].items()
    ]


@pytest.mark.parametrize(("callback", "url"), _cases(ELSEWHERE))
def test_secrets_do_not_follow_a_task_elsewhere(
    facade: Facade, objects: Objects, callback: Json, url: str
) -> None:
    objects.create("payday", callback=callback)
    before = objects.get("payday")["spec"]

    (result,) = facade.results("update_task", {"task_id": "payday", "url": url})

    assert result["code"] == 4, result
    assert "the Secret" in result["err"]
    assert "bank-" in result["err"]
    assert objects.get("payday")["spec"] == before


@pytest.mark.parametrize(("callback", "url"), _cases(AT_HOME))
def test_a_task_may_do_something_else_at_its_destination(
    facade: Facade, objects: Objects, callback: Json, url: str
) -> None:
    objects.create("payday", callback=callback)

    (result,) = facade.results("update_task", {"task_id": "payday", "url": url})

    assert result["err"] == ""
    ((kind, before),) = callback.items()
    after = objects.get("payday")["spec"]["callback"][kind]
    for field in ("headers", "metadata"):
        assert after.get(field) == before.get(field)
    assert after.get("tls", {}).get("caSecretRef") == before.get("tls", {}).get("caSecretRef")


def test_a_task_without_secrets_goes_anywhere(facade: Facade, objects: Objects) -> None:
    headers = [{"name": "Accept", "value": "text/plain"}]
    tls = {"insecureSkipVerify": True}
    objects.create("free", callback={"http": {"url": URL, "headers": headers, "tls": tls}})

    (result,) = facade.results("update_task", {"task_id": "free", "url": "https://b.test/"})

    assert result["err"] == ""
    assert objects.get("free")["spec"]["callback"]["http"]["headers"] == headers


LITERAL: Final = {"name": "X-Api-Key", "value": "literally"}
WITH_LITERALS: Final[dict[str, Json]] = {
    "https://thief.test/": {"http": {"url": URL, "headers": [LITERAL]}},
    "thief.test:443/bank.v1.Pay.Send": {
        "grpc": {**GRPC, "metadata": [{**LITERAL, "name": "x-api-key"}]}
    },
}


@pytest.mark.parametrize("url", WITH_LITERALS)
def test_neither_do_headers_that_the_client_cannot_read(
    facade: Facade, objects: Objects, url: str
) -> None:
    objects.create("payday", callback=WITH_LITERALS[url])
    before = objects.get("payday")["spec"]

    (result,) = facade.results("update_task", {"task_id": "payday", "url": url})

    assert result["code"] == 4
    assert "the header " in result["err"]
    assert "x-api-key" in result["err"].lower()
    assert "literally" not in result["err"]
    assert objects.get("payday")["spec"] == before


TRUSTING: Final = [call for what, call in WITH_SECRETS.items() if what.startswith("a certificate")]
SENDING: Final = [call for call in WITH_SECRETS.values() if call not in TRUSTING]


@pytest.mark.parametrize("callback", TRUSTING, ids=str)
def test_a_certificate_that_is_trusted_is_not_sent_and_not_found_out(
    facade: Facade, objects: Objects, callback: Json
) -> None:
    objects.create("payday", callback=callback, expect={"bodyRegex": "paid"})

    (result,) = facade.results("update_task", {"task_id": "payday", "resp_regexp": "done"})

    assert result["err"] == ""
    assert objects.get("payday")["spec"]["expect"]["bodyRegex"] == "done"


@pytest.mark.parametrize("callback", [*SENDING, *WITH_LITERALS.values()], ids=str)
def test_nor_are_they_found_out_by_an_expression(
    facade: Facade, objects: Objects, callback: Json
) -> None:
    objects.create("payday", callback=callback, expect={"bodyRegex": "paid"})

    guess, same, cleared = (
        facade.results("update_task", {"task_id": "payday", "resp_regexp": expression})[0]
        for expression in ("token: s3[a-m]", "paid", "")
    )

    assert guess["code"] == 4
    assert guess["err"].startswith("resp_regexp: the task sends the ")
    assert (same["err"], cleared["err"]) == ("", "")
    assert objects.get("payday")["spec"]["expect"].get("bodyRegex", "") == ""


@pytest.mark.parametrize("changes", [{"body": "{}"}, {"body_type": 2}, {"method": "get"}], ids=str)
def test_whatever_else_is_changed_secrets_stay_where_they_are(
    facade: Facade, objects: Objects, changes: Json
) -> None:
    objects.create("payday", callback=WITH_SECRETS["a header"])

    first, moved = (
        facade.results("update_task", {"task_id": "payday", **changes, **more})[0]
        for more in ({}, {"url": "https://thief.test/pay"})
    )

    assert (first["err"], moved["code"]) == ("", 4)
    after = objects.get("payday")["spec"]["callback"]["http"]
    assert (after["url"], after["headers"]) == (URL, [HEADER])


def test_no_way_round_takes_the_secrets_along(facade: Facade, objects: Objects) -> None:
    """Another protocol and back, the same name again: what arrives there has no secrets."""
    objects.create("payday", taskName="payday", callback=WITH_SECRETS["a header"])
    thief = "https://thief.test/pay"

    (added,) = facade.add(item(name="payday", url=thief))
    assert added["code"] in (0, 6)
    assert objects.get("payday")["spec"]["callback"]["http"]["url"] == URL
    rpc = {"method": "rpc", "url": "thief.test:443/bank.v1.Pay.Send"}
    for changes in (rpc, {"method": "post", "url": thief}):
        (result,) = facade.results("update_task", {"task_id": "payday", **changes})
        assert result["err"] == ""
        assert "bank-token" not in str(objects.get("payday")["spec"])


def test_a_token_of_the_facade_is_no_right_to_read_secrets(
    guarded: Program, namespace: str, objects: Objects
) -> None:
    objects.create("payday", callback=WITH_SECRETS["a header"])
    with Facade(guarded.url, namespace, Authorization="Bearer shop-secret") as facade:
        (result,) = facade.results("update_task", {"task_id": "payday", "url": "https://t.test/"})
    assert result["code"] == 4


@pytest.fixture(scope="module")
def reviewing(control_plane: ControlPlane) -> Iterator[Program]:
    """A facade with auth=kubernetes."""
    settings = {"CRONTASK_API_ALLOWED_NAMESPACES": "*", "CRONTASK_API_AUTH": "kubernetes"}
    with run_facade(control_plane, "default", settings=settings) as program:
        yield program


@pytest.mark.parametrize(
    ("secrets", "code"),
    [
        ([], 4),
        (["bank-token"], 4),
        (["bank-ca"], 4),
        (["bank-token", "bank-ca"], 0),
        (None, 0),
    ],
    ids=["none", "the token", "the certificate", "both", "all"],
)
def test_who_may_read_the_secrets_may_send_them_elsewhere(
    control_plane: ControlPlane,
    reviewing: Program,
    kube: httpx.Client,
    namespace: str,
    objects: Objects,
    secrets: list[str] | None,
    code: int,
) -> None:
    rule = {"apiGroups": ["crontask.dev"], "resources": ["crontasks"], "verbs": ["get", "patch"]}
    reads: Json = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}
    rules = [rule, reads | ({} if secrets is None else {"resourceNames": secrets})]
    _grant(kube, namespace, rules if secrets != [] else [rule])
    token = control_plane.kubectl("create", "token", "client", "--namespace", namespace).strip()
    objects.create("payday", callback={"http": {"url": URL, "headers": [HEADER], "tls": CA}})

    with Facade(reviewing.url, namespace, Authorization=f"Bearer {token}") as facade:
        (result,) = facade.results("update_task", {"task_id": "payday", "url": "https://b.test/"})

    assert result["code"] == code, result
    moved = objects.get("payday")["spec"]["callback"]["http"]["url"] == "https://b.test/"
    assert moved is (code == 0)


@pytest.mark.parametrize(("verbs", "code"), [(["patch"], 4), (["get", "patch"], 0)], ids=str)
def test_who_may_read_the_headers_may_send_them_elsewhere(
    control_plane: ControlPlane,
    reviewing: Program,
    kube: httpx.Client,
    namespace: str,
    objects: Objects,
    verbs: list[str],
    code: int,
) -> None:
    _grant(
        kube,
        namespace,
        [{"apiGroups": ["crontask.dev"], "resources": ["crontasks"], "verbs": verbs}],
    )
    token = control_plane.kubectl("create", "token", "client", "--namespace", namespace).strip()
    objects.create("payday", callback={"http": {"url": URL, "headers": [LITERAL]}})

    with Facade(reviewing.url, namespace, Authorization=f"Bearer {token}") as facade:
        (result,) = facade.results("update_task", {"task_id": "payday", "url": "https://b.test/"})

    assert result["code"] == code, result


def _grant(kube: httpx.Client, namespace: str, rules: list[Json]) -> None:
    metadata = {"metadata": {"name": "client"}}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "client"}
    subject = {"kind": "ServiceAccount", "name": "client", "namespace": namespace}
    create(kube, f"{CORE}/{namespace}/serviceaccounts", metadata)
    create(kube, f"{RBAC}/{namespace}/roles", {**metadata, "rules": rules})
    binding = {**metadata, "roleRef": role, "subjects": [subject]}
    create(kube, f"{RBAC}/{namespace}/rolebindings", binding)
