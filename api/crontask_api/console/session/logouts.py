"""Logouts ends all sessions of a person at once, on every replica.

A session is in its cookie alone, so there is nothing to delete. What is kept instead is a
moment for each who asked: what began before it counts no more.

::

    sessions    began ────────────┤ not before ──── began
                in any browser      logged out      logged in again
                                    everywhere
"""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from crontask_api.console.live.shared import Shared
from crontask_api.console.session.session import Session
from crontask_kube.errors import ApiError

SECONDS: Final = 5.0
"""For so long what was read counts, however many pages are looked at."""

PATIENCE_SECONDS: Final = 1.0
"""Where it was read before, a page does not wait longer for an API server that hangs."""

SKEW_SECONDS: Final = 300
"""By which the clocks of two replicas may differ before a moment is forgotten too early."""

_ALL: Final = ""
"""The one key of what is read as a whole."""


class LogoutBook(Protocol):
    """Where the moments are kept, in seconds since the epoch by digest of a name."""

    async def read(self) -> Mapping[str, int]:
        """Return them."""

    async def write(self, changes: Mapping[str, int | None]) -> Mapping[str, int]:
        """Put some in, and take those out that are None; return them all."""


class MemoryBook:
    """For a facade that runs alone, without a ConfigMap: they are kept as long as it runs."""

    def __init__(self) -> None:
        self._moments: dict[str, int] = {}

    async def read(self) -> Mapping[str, int]:
        """Return them."""
        return dict(self._moments)

    async def write(self, changes: Mapping[str, int | None]) -> Mapping[str, int]:
        """Put some in, and take those out that are None; return them all."""
        for key, moment in changes.items():
            if moment is None:
                self._moments.pop(key, None)
            else:
                self._moments[key] = moment
        return dict(self._moments)


class Logouts:
    """Knows which sessions their holders have ended.

    Parameters
    ----------
    most_seconds
        A session ends so long after its begin in any case, and a moment is then forgotten.
    now
        Seconds since the epoch.
    """

    def __init__(self, book: LogoutBook, *, most_seconds: int, now: Callable[[], float]) -> None:
        self._book = book
        self._kept_seconds = most_seconds + SKEW_SECONDS
        self._now = now
        self._shared = Shared(self._read, seconds=SECONDS, most=1)
        self._known: dict[str, int] | None = None

    async def is_over(self, name: str, session: Session) -> bool:
        """Return whether `name` has logged out everywhere since `session` began.

        While the API server is away, what was known last counts.

        Raises
        ------
        ApiError
            If it cannot be read and was not since the facade runs: nobody can tell then.
        """
        return session.began < (await self._moments()).get(digest_of(name), 0)

    async def first_moment(self, name: str) -> int:
        """Return when a session of `name` that is to count may have begun; raises as `is_over`.

        It is read anew: a login on another replica than the last logout is to count.
        """
        self._shared.forget(_ALL)
        return (await self._moments()).get(digest_of(name), 0)

    async def end_all(self, name: str) -> None:
        """End all sessions of `name`.

        Raises
        ------
        ApiError
            If the API server refuses or is away. They go on then.
        """
        key, now = digest_of(name), int(self._now())
        known = await self._book.read()
        changes: dict[str, int | None] = {
            other: None for other, moment in known.items() if self._is_past(moment)
        }
        # Those that began in this second end too. A login within it begins at the moment, and
        # so does one on a replica whose clock is behind.
        changes[key] = max(now + 1, known.get(key, 0))
        self._shared.put(_ALL, self._learn(await self._book.write(changes)))

    async def _moments(self) -> Mapping[str, int]:
        patience = None if self._known is None else PATIENCE_SECONDS
        try:
            async with asyncio.timeout(patience):
                return await self._shared.get(_ALL)
        except (ApiError, TimeoutError):
            if self._known is None:
                raise
            return self._known

    async def _read(self, _: str) -> Mapping[str, int]:
        return self._learn(await self._book.read())

    def _learn(self, found: Mapping[str, int]) -> Mapping[str, int]:
        # A moment never goes back: neither by an answer that comes late, nor where somebody
        # deletes the ConfigMap.
        merged = dict(self._known or {})
        for key, moment in found.items():
            merged[key] = max(moment, merged.get(key, 0))
        self._known = {key: each for key, each in merged.items() if not self._is_past(each)}
        return self._known

    def _is_past(self, moment: int) -> bool:
        return moment + self._kept_seconds < self._now()


def digest_of(name: str) -> str:
    """Return what stands for a name where others may read it."""
    return hashlib.sha256(name.encode()).hexdigest()
