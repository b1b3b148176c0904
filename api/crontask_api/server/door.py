"""Door counts the connections of clients, in all and by address, for `BoundedProtocol`."""

import resource
from collections import Counter
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final

from prometheus_client import Counter as Metric

KEPT_FILES: Final = 64
"""Files that the facade opens besides its connections: libraries, tokens, the log."""


@dataclass(frozen=True, slots=True)
class ConnectionBounds:
    """What one client may take before anybody knows who it is."""

    connections: int
    """Connections at a time, in all."""
    connections_per_address: int
    """Connections at a time from one address; proxies that are trusted have no such bound."""
    head_bytes: int
    """Bytes of a request's line and headers, and of whatever else is no body."""
    head_seconds: float
    """Time for a head, from the connection's begin or the head's first byte."""
    linger_bytes: int
    """Bytes of a body that nobody reads which are dropped before a connection is closed."""
    linger_seconds: float
    """Time for that, and for a client to take an answer."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()


class Door:
    """Lets connections in as long as there is room."""

    def __init__(self, bounds: ConnectionBounds, refused: Metric) -> None:
        self.bounds = bounds
        self.refused = refused
        self._by_address: Counter[str] = Counter()
        self._inside = 0
        self._most = bounds.connections

    def keep_files_free(self, others: int) -> None:
        """Let in no more than the process may open files, with `others` for other work.

        Without a file left, a server cannot even accept a connection to refuse it.
        """
        allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if allowed != resource.RLIM_INFINITY:
            self._most = max(1, min(self._most, allowed - others - KEPT_FILES))

    def enter(self, address: str) -> bool:
        """Return whether a connection from `address` is let in; if so it must leave."""
        full = self._by_address[address] >= self.bounds.connections_per_address
        if self._inside >= self._most or (full and not self._is_trusted(address)):
            return False
        self._inside += 1
        self._by_address[address] += 1
        return True

    def leave(self, address: str) -> None:
        """Take back what `enter` counted."""
        self._inside -= 1
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]

    def _is_trusted(self, address: str) -> bool:
        try:
            known = ip_address(address)
        except ValueError:
            return False
        return any(known in network for network in self.bounds.trusted_proxies)
