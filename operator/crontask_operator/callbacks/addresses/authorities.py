"""authorities reads the ``host:port`` of a gRPC target, for its client."""

from typing import NamedTuple
from urllib.parse import urlsplit

from crontask_operator.callbacks.addresses.hosts import shown, to_ascii
from crontask_operator.callbacks.addresses.urls import LAST_PORT


class Authority(NamedTuple):
    """Whom to call, before it is resolved."""

    host: str
    port: int

    def __str__(self) -> str:
        """Return the text form, an IPv6 address in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_authority(text: str) -> Authority:
    """Return the host and port of `text`, such as ``orders.shop:8443`` or ``[::1]:50051``.

    An international host is in its ASCII form; see `hosts`.

    Raises
    ------
    ValueError
        With what was expected.
    """
    problem = f"expected host:port with a port from 1 to {LAST_PORT}, got {shown(text)}"
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(problem) from error
    if not host or not port or parts.netloc != text or "@" in text:
        raise ValueError(problem)
    if host.isascii():
        return Authority(host, port)
    # As it was written: IDNA lowers case by other rules than Python.
    host = text.rpartition(":")[0]
    try:
        return Authority(to_ascii(host), port)
    except ValueError as error:
        raise ValueError(f"the host {shown(host)} cannot be called: {error}") from error
