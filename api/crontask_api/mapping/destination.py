"""destination tells what a change of a callback takes elsewhere, for updates of tasks.

A client of the facade can read neither the Secrets that a task sends nor its headers. If
it could give the task another URL, it would receive them there.
"""

import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from crontask_core.header_names import HARMLESS

_HTTP: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[^\s\x00-\x1f\x7f\\/?#@:%\[\]]+)"
    r"(?::(?P<port>[0-9]{1,5}))?(?=[/?#]|\Z)",
    re.IGNORECASE,
)
"""The begin of a URL of which there are no two opinions: no user name, no backslash, no
escape, which one parser takes for a part of the host and another does not."""

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}

_PLACES: Final = {"http": ("url", "headers"), "grpc": ("address", "metadata")}
"""Of each kind of callback the field that says where it goes, and that of its credentials."""


class SentCredentials(NamedTuple):
    """What may be a credential in a callback."""

    secrets: tuple[str, ...] = ()
    """Names of the Secrets that are sent, or trusted."""
    headers: tuple[str, ...] = ()
    """Names of headers, and of gRPC metadata, whose literal values may be credentials."""


def taken_elsewhere(before: dict[str, Any], after: dict[str, Any]) -> SentCredentials:
    """Return what `after` takes to another destination than that of `before`.

    Both are ``spec.callback``. A destination is the scheme, the host and the port, and for
    gRPC the address; the path, the query and the method are the destination's own matter.
    """
    moved = {
        kind: callback
        for kind, callback in after.items()
        if (old := before.get(kind, {}))
        and not _is_same(kind, old.get(_PLACES[kind][0], ""), callback.get(_PLACES[kind][0], ""))
    }
    sent = sent_by(moved)
    return SentCredentials((*sent.secrets, *_trusted(moved)), sent.headers)


def sent_by(callbacks: dict[str, Any]) -> SentCredentials:
    """Return what may be a credential in what a ``spec.callback`` sends.

    A certificate authority that it trusts is not sent, and so in no answer either.
    """
    secrets: dict[str, None] = {}
    headers: dict[str, None] = {}
    for kind, callback in callbacks.items():
        found = callback.get(_PLACES[kind][1], ())
        secrets |= dict.fromkeys(_names(entry.get("secretKeyRef") for entry in found))
        headers |= dict.fromkeys(
            entry["name"]
            for entry in found
            if "value" in entry and _lower(entry["name"]) not in HARMLESS
        )
    return SentCredentials(tuple(secrets), tuple(headers))


def _trusted(callbacks: dict[str, Any]) -> list[str]:
    return _names(each.get("tls", {}).get("caSecretRef") for each in callbacks.values())


def _names(references: Iterable[dict[str, Any] | None]) -> list[str]:
    return [reference["name"] for reference in references if reference]


def _is_same(kind: str, old: str, new: str) -> bool:
    if old == new:
        return True
    if kind == "grpc":
        return _lower(old) == _lower(new)
    origin = _origin(old)
    return origin is not None and origin == _origin(new)


def _origin(url: str) -> tuple[str, str, int] | None:
    parts = _HTTP.match(url)
    if parts is None:
        return None
    scheme = _lower(parts["scheme"])
    port = _DEFAULT_PORTS[scheme] if parts["port"] is None else int(parts["port"])
    return scheme, _lower(parts["host"]), port


def _lower(text: str) -> str:
    # Python and IDNA lower letters beyond ASCII by different rules.
    return text.lower() if text.isascii() else text
