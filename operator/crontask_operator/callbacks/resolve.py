"""Names to addresses, by the system's resolver, remembered for a short time."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv6Address, ip_address
from time import monotonic
from typing import Final

from crontask_core.enums import Reason
from crontask_operator.callbacks.errors import CallError
from crontask_operator.callbacks.ttl_cache import TtlCache

Address = IPv4Address | IPv6Address
Lookup = Callable[[str], Awaitable[tuple[Address, ...]]]
"""Returns the addresses of a name, preferred first; raises `OSError` if it has none."""

RESOLVED_SECONDS: Final = 15.0
"""How long an answer is used: short beside a rolling update of a headless Service,
long beside a burst of runs. The system's resolver does not tell the record's own TTL."""

UNRESOLVED_SECONDS: Final = 2.0
"""How long a failure is used: it spares the resolver a burst, and the first retry
after it asks again."""

NAMES_KEPT: Final = 8192
LOOKUP_THREADS: Final = 16
"""getaddrinfo blocks a thread, for seconds if a name server is silent. Threads of our
own, so that dead names delay neither living ones for long nor anything else."""


class SystemLookup:
    """Looks names up with ``getaddrinfo``, ordered by RFC 6724."""

    def __init__(self, threads: int = LOOKUP_THREADS) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="resolve")

    async def __call__(self, name: str) -> tuple[Address, ...]:
        """Return the addresses of `name`."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, _getaddrinfo, name)

    def close(self) -> None:
        """Let the threads end; a look-up that still blocks is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class Resolver:
    """Addresses of names, from `lookup`, at most once in `RESOLVED_SECONDS` a name."""

    def __init__(self, lookup: Lookup, *, clock: Callable[[], float] = monotonic) -> None:
        self._lookup = lookup
        self._cache = TtlCache(self._load, _ttl, size=NAMES_KEPT, clock=clock)

    async def addresses(self, name: str) -> tuple[Address, ...]:
        """Return the addresses of `name`, at least one, preferred first.

        Raises
        ------
        CallError
            If the name has no address or the name server did not answer.
        """
        answer = await self._cache.get(name)
        if isinstance(answer, str):
            raise CallError(Reason.CONNECTION_ERROR, f"the name {name!r} did not resolve: {answer}")
        return answer

    async def close(self) -> None:
        """Stop waiting for answers."""
        await self._cache.close()

    async def _load(self, name: str) -> tuple[Address, ...] | str:
        try:
            addresses = await self._lookup(name)
        except OSError as error:
            return error.strerror or str(error)
        return addresses or "it has no address"


def _ttl(answer: tuple[Address, ...] | str) -> float:
    return UNRESOLVED_SECONDS if isinstance(answer, str) else RESOLVED_SECONDS


def _getaddrinfo(name: str) -> tuple[Address, ...]:
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        # The idna codec, for a label that is empty or longer than 63 characters.
        raise OSError(f"it is no valid name: {error}") from error
    return tuple(dict.fromkeys(ip_address(sockaddr[0]) for *_, sockaddr in found))
