"""Resolver finds the addresses of names, for `AddressGuard`, and remembers them shortly."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv6Address, ip_address
from itertools import islice
from time import monotonic
from typing import Final

from crontask_core.enums import Reason
from crontask_core.tenant import TENANT
from crontask_operator.callbacks.errors import CallError
from crontask_operator.sharing.fair_gate import FairGate, GateError
from crontask_operator.sharing.loading_cache import LoadingCache
from crontask_operator.sharing.share_watch import ShareWatch

Address = IPv4Address | IPv6Address
Lookup = Callable[[str], Awaitable[tuple[Address, ...]]]
"""Returns the addresses of a name, preferred first; raises `OSError` if it has none."""

RESOLVED_SECONDS: Final = 15.0
"""How long an answer is used: short beside a rolling update of a headless Service,
long beside a burst of runs. The system's resolver does not tell the record's own TTL."""

UNRESOLVED_SECONDS: Final = 2.0
"""How long a failure is used: it spares the resolver a burst, and the first retry
after it asks again."""

NAMES_BYTES: Final = 8 * 1024 * 1024
"""Memory for answers."""

ENTRY_BYTES: Final = 256
"""What an answer takes beside its name and addresses, about."""

LONGEST_NAME: Final = 253
"""Characters of a DNS name (RFC 1035, 2.3.4), without a dot at its end."""

ADDRESSES_KEPT: Final = 32
"""Addresses of a name that are looked at. Whoever answers for a name could send thousands."""

ADDRESS_BYTES: Final = 128
"""What one takes in memory, about."""

LOOKUP_THREADS: Final = 24
"""getaddrinfo blocks a thread, for seconds if a name server is silent. Threads of our
own, so that dead names delay nothing else; of which each namespace has a share, so that
they delay no living name of another."""

LOOKUP_SHARE: Final = 0.75
"""Part of the threads that one namespace may use; see `FairQueue`. That is as many as there
were for all before there were shares."""


class SystemLookup:
    """Looks names up with ``getaddrinfo``, ordered by RFC 6724, in turns of namespaces."""

    def __init__(self, threads: int = LOOKUP_THREADS, share: float = LOOKUP_SHARE) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="resolve")
        self._gate = FairGate(threads, share, ShareWatch("lookups").full)

    async def __call__(self, name: str) -> tuple[Address, ...]:
        """Return the addresses of `name`."""
        tenant = TENANT.get()
        try:
            await self._gate.enter(tenant)
        except GateError as error:
            raise OSError(f"look-ups are refused: {error}") from error
        found = asyncio.get_running_loop().run_in_executor(self._pool, _getaddrinfo, name)
        # The thread is busy until it ends, even if nobody waits for it any more.
        found.add_done_callback(lambda _: self._gate.leave(tenant))
        return await asyncio.shield(found)

    def close(self) -> None:
        """Let the threads end; a look-up that still blocks is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class Resolver:
    """Addresses of names, from `lookup`, at most once in `RESOLVED_SECONDS` a name."""

    def __init__(self, lookup: Lookup, *, clock: Callable[[], float] = monotonic) -> None:
        self._lookup = lookup
        self._cache = LoadingCache[str, tuple[Address, ...] | str](
            self._load, _ttl, weigh=_weigh, limit=NAMES_BYTES, clock=clock
        )

    async def addresses(self, name: str) -> tuple[Address, ...]:
        """Return the addresses of `name`, at least one, preferred first.

        Raises
        ------
        CallError
            If the name has no address or the name server did not answer.
        """
        if len(name.rstrip(".")) > LONGEST_NAME:
            raise CallError(
                Reason.CONNECTION_ERROR,
                f"the name {name[:LONGEST_NAME]!r}... did not resolve: "
                f"it has {len(name)} characters, and {LONGEST_NAME} are the most that one can have",
            )
        answer = await self._cache.get(TENANT.get(), name)
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
    addresses = dict.fromkeys(ip_address(sockaddr[0]) for *_, sockaddr in found)
    return tuple(islice(addresses, ADDRESSES_KEPT))


def _weigh(name: str, answer: tuple[Address, ...] | str) -> int:
    length = len(answer) if isinstance(answer, str) else ADDRESS_BYTES * len(answer)
    return ENTRY_BYTES + len(name) + length
