"""What the headers of a trusted proxy may say, and what a facade makes of it."""

from ipaddress import ip_network
from typing import Any

import msgspec
import pytest
from pydantic import ValidationError

from crontask_api.auth.authenticator import Evidence, Identity, Verb
from crontask_api.auth.proxy import ProxyAuthenticator, ProxyHeaders
from crontask_api.errors import RequestError
from crontask_api.settings import Settings

PEER = "10.1.2.3"
NETWORKS = (ip_network("10.1.0.0/16"), ip_network("fd00::/64"))


class Cluster:
    """Says yes to every question about rights, and keeps it."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    async def request(self, method: str, path: str, *, body: bytes) -> bytes:
        """Answer a review."""
        self.asked.append(msgspec.json.decode(body)["spec"])
        return b'{"status": {"allowed": true}}'


def authenticator(cluster: Cluster | None = None, **headers: str) -> ProxyAuthenticator:
    """Return one that believes `NETWORKS`."""
    session: Any = cluster or Cluster()
    return ProxyAuthenticator(session, NETWORKS, ProxyHeaders(**headers))


def evidence(peer: str = PEER, **headers: str | bytes) -> Evidence:
    """Return what a request with these headers shows, beside its user."""
    given = {"x_forwarded_user": b"ann", **headers}
    raw = tuple(
        (name.replace("_", "-").encode(), value if isinstance(value, bytes) else value.encode())
        for name, value in given.items()
    )
    return Evidence(address="203.0.113.7", peer=peer, headers=raw)


async def test_user_groups_and_address_are_whom_rbac_is_asked_about() -> None:
    cluster = Cluster()
    proxy = authenticator(cluster)
    shown = evidence(
        x_forwarded_user="Ännchen",
        x_forwarded_groups=" staff , shop-ops,,staff",
        x_forwarded_email="ann@x.example",
    )
    identity = await proxy.authenticate(shown)
    assert identity == Identity(
        "Ännchen", groups=("shop-ops", "staff"), extra=(("email", ("ann@x.example",)),)
    )
    await proxy.check_allowed(identity, Verb.LIST, "team")
    (asked,) = cluster.asked
    assert (asked["user"], asked["groups"]) == ("Ännchen", ["shop-ops", "staff"])
    assert asked["extra"] == {"email": ["ann@x.example"]}
    assert asked["resourceAttributes"]["namespace"] == "team"


async def test_headers_are_called_as_the_settings_say_and_none_else_is_read() -> None:
    proxy = authenticator(
        user="X-Auth-Request-User", groups="", user_prefix="oidc:", groups_prefix="g:"
    )
    shown = evidence(
        x_auth_request_user="ann", x_forwarded_user="root", x_forwarded_groups="admins"
    )
    assert await proxy.authenticate(shown) == Identity("oidc:ann")
    shown = evidence(x_forwarded_groups="ops")
    assert (await authenticator(groups_prefix="g:").authenticate(shown)).groups == ("g:ops",)


@pytest.mark.parametrize("peer", ["10.1.255.255", "fd00::1", "::ffff:10.1.0.9"])
async def test_the_addresses_of_the_proxies_are_believed(peer: str) -> None:
    assert (await authenticator().authenticate(evidence(peer))).name == "ann"


@pytest.mark.parametrize("peer", ["10.2.0.1", "127.0.0.1", "::1", "fd00:1::1", "", "x", "10.1"])
async def test_no_other_address_is(peer: str) -> None:
    with pytest.raises(RequestError, match="by way of the proxy") as refused:
        await authenticator().authenticate(evidence(peer))
    assert refused.value.status == 401


@pytest.mark.parametrize(
    ("headers", "status", "said"),
    [
        ({"x_forwarded_user": ""}, 401, "expected the header X-Forwarded-User"),
        ({"x_forwarded_user": "  "}, 401, "expected the header X-Forwarded-User"),
        ({"x_forwarded_user": b"\xff"}, 401, "X-Forwarded-User: expected UTF-8"),
        ({"x_forwarded_user": "a\x00b"}, 401, "expected printable characters"),
        ({"x_forwarded_user": "a\u202eb"}, 401, "expected printable characters"),
        ({"x_forwarded_user": "a\u2028b"}, 401, "expected printable characters"),
        ({"x_forwarded_user": "a" * 257}, 401, "at most 256 characters, found 257"),
        ({"x_forwarded_groups": "ops\x1b[31m"}, 401, "X-Forwarded-Groups: expected printable"),
        ({"x_forwarded_groups": ",".join(map(str, range(201)))}, 401, "found 201"),
        ({"x_forwarded_email": "a\nb"}, 401, "X-Forwarded-Email: expected printable"),
        ({"x_forwarded_groups": "ops,system:masters"}, 403, '"system:masters" is a name'),
        ({"x_forwarded_groups": "System:Masters"}, 403, "is a name of the cluster's own"),
        ({"x_forwarded_groups": "system:authenticated"}, 403, "is a name of the cluster's own"),
        ({"x_forwarded_user": "system:admin"}, 403, "is a name of the cluster's own"),
        ({"x_forwarded_user": "system:serviceaccount:a:b"}, 403, "is a name of the cluster's own"),
    ],
)
async def test_what_no_person_is_called_is_refused(
    headers: dict[str, Any], status: int, said: str
) -> None:
    with pytest.raises(RequestError, match=said) as refused:
        await authenticator().authenticate(evidence(**headers))
    assert refused.value.status == status


async def test_a_prefix_makes_no_name_of_the_clusters_own() -> None:
    with pytest.raises(RequestError, match="cluster's own"):
        await authenticator(user_prefix="sys").authenticate(evidence(x_forwarded_user="tem:admin"))


async def test_one_of_two_headers_is_nobodys() -> None:
    twice = evidence()
    twice = Evidence(peer=PEER, headers=(*twice.headers, (b"X-Forwarded-User", b"root")))
    with pytest.raises(RequestError, match="expected one header of this name, found 2"):
        await authenticator().authenticate(twice)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "CRONTASK_API_AUTH=proxy needs CRONTASK_API_TRUSTED_PROXIES"),
        ({"proxy_user_header": "-"}, "needs CRONTASK_API_PROXY_USER_HEADER"),
        ({"proxy_user_header": "X Y"}, "proxy_user_header"),
        ({"proxy_logout_path": "//evil.example"}, "proxy_logout_path"),
        ({"proxy_logout_path": "https://evil.example"}, "proxy_logout_path"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused(values: dict[str, Any], said: str) -> None:
    trusted = {"trusted_proxies": ("10.0.0.0/8",)} if values else {}
    with pytest.raises(ValidationError, match=said):
        Settings.model_validate({"auth": "proxy", **trusted, **values})


def test_groups_and_address_can_be_left_unread() -> None:
    settings = Settings.model_validate(
        {
            "auth": "proxy",
            "trusted_proxies": ("10.0.0.0/8",),
            "proxy_groups_header": "-",
            "proxy_email_header": "-",
        }
    )
    assert (settings.proxy_groups_header, settings.proxy_email_header) == ("", "")
