"""Hosts lets in the requests that were meant for this service, for `create_app`.

A web page may send requests to whatever its reader can reach. It does so to a name of its
own which it has pointed at this service (DNS rebinding), and then ``Host`` tells; or to
this service's name, and then the browser says with ``Origin`` where the page is from. No
preflight is granted, so a page cannot send a token either.
"""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from crontask_api.codes import State
from crontask_api.host_names import ANY, canonical
from crontask_api.settings import PREFIX, AuthMode, Settings
from crontask_api.shown import shown
from crontask_api.web.envelope import Envelope
from crontask_api.web.limit import UNLIMITED

_SETTING: Final = f"facade.allowedHosts of the chart ({PREFIX}ALLOWED_HOSTS) may name it"


def serves_any_host(settings: Settings) -> bool:
    """Return whether `settings` leave it open by which names clients come."""
    if settings.allowed_hosts:
        return ANY in settings.allowed_hosts
    # Without a token in between, the name is all that keeps web pages out.
    return settings.auth is not AuthMode.NONE


class Hosts:
    """ASGI middleware that answers HTTP 403 to what came by another name.

    Parameters
    ----------
    allowed
        Names besides those of loopback, as the settings have them.
    any_host
        Whether other names in ``Host`` are served, too. Pages of another origin are not.
    """

    def __init__(self, app: ASGIApp, *, allowed: Iterable[str], any_host: bool) -> None:
        self._app = app
        self._allowed = frozenset(allowed)
        # As in an Ingress: *.example stands for every name below example.
        self._suffixes = tuple(name[1:] for name in self._allowed if name.startswith("*."))
        self._any_host = any_host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        # Probes and Prometheus ask by the pod's address, and no page learns much there.
        if scope["type"] == "http" and scope["path"] not in UNLIMITED:
            complaint = self._complaint(scope)
            if complaint:
                await Envelope(State.BAD_REQUEST, complaint, status=403)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _complaint(self, scope: Scope) -> str:
        hosts, origins = [], []
        for name, value in scope["headers"]:
            if name == b"host":
                hosts.append(value.decode("latin-1").lower())
            elif name == b"origin":
                origins.append(value.decode("latin-1").lower())
        host = hosts[0] if len(hosts) == 1 else ""
        if not self._any_host and not self._is_ours(host):
            return f"Host: {shown(host)} is not served here; {_SETTING}"
        for origin in origins:
            if not self._is_from_here(origin, host):
                return f"Origin: pages of {shown(origin)} are not served here; {_SETTING}"
        return ""

    def _is_ours(self, host: str) -> bool:
        name = _name(host)
        return self._is_named(name) or _is_loopback(name)

    def _is_named(self, name: str) -> bool:
        return name in self._allowed or name.endswith(self._suffixes)

    def _is_from_here(self, origin: str, host: str) -> bool:
        _, found, authority = origin.partition("://")
        return bool(found) and (authority == host or self._is_named(_name(authority)))


def _name(authority: str) -> str:
    """Return the host of `authority` without its port, or nothing if it has none."""
    if not authority.isascii() or set(authority) & set("@/?#\\ "):
        return ""
    try:
        return canonical(urlsplit(f"//{authority}").hostname or "")
    except ValueError:
        return ""


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
