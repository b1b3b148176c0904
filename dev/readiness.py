"""Waiting for a program that was started, or for its end if it fails."""

import ssl
import time
from collections.abc import Callable

import httpx

from dev.processes import Child, ChildFailedError

POLL_SECONDS = 0.05
"""Between two looks at a program that is starting."""


def wait_until_ready(child: Child, is_ready: Callable[[], bool], timeout: float) -> None:
    """Ask `is_ready` until it holds, for at most `timeout` seconds.

    Raises
    ------
    ChildFailedError
        If `child` ends first, or is not ready in time.
    """
    deadline = time.monotonic() + timeout
    while not is_ready():
        if (code := child.poll()) is not None:
            raise ChildFailedError(child, f"ended with exit code {code} before it was ready")
        if time.monotonic() >= deadline:
            raise ChildFailedError(child, f"was not ready after {timeout:g} s")
        time.sleep(POLL_SECONDS)


def succeeds(client: httpx.Client, path: str) -> bool:
    """Whether a GET of `path` is answered, and with success."""
    try:
        return client.get(path).is_success
    except httpx.TransportError:
        return False


def loopback_client(
    base_url: str, tls: ssl.SSLContext | None = None, *, timeout: float = 5
) -> httpx.Client:
    """Return a client that goes straight to `base_url`, whatever proxy the user has.

    Without `tls` it trusts no certificate, which also spares it loading the system's.
    `timeout` is in seconds, for each of connecting, sending and reading.
    """
    tls = tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.Client(base_url=base_url, verify=tls, trust_env=False, timeout=timeout)
