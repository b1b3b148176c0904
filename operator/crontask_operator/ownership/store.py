"""store says what the protocol asks of the place where leases are kept, for both sides."""

import logging
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from math import inf
from typing import Protocol

from crontask_kube.errors import ApiError, UnavailableError
from crontask_operator.ownership.record import LeaseRecord

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listing:
    """All leases of the protocol at one moment, and where a watch goes on from there."""

    records: tuple[LeaseRecord, ...]
    resource_version: str


@dataclass(frozen=True, slots=True)
class Change:
    """One event of a watch. Of a deleted lease, `record` is the last state."""

    record: LeaseRecord
    deleted: bool = False


class LeaseStore(Protocol):
    """Leases in one namespace. Every method may raise an `ApiError`.

    Writes are linearizable, and each is conditional on a resource version: that alone
    is what the safety of the protocol rests on.
    """

    async def list_all(self) -> Listing:
        """Return the newest state, not a cached one."""

    def watch(self, resource_version: str) -> AsyncGenerator[Change, None]:
        """Yield every change after `resource_version`; end when the server ends it."""

    async def read(self, name: str) -> LeaseRecord:
        """Return the newest state of one lease, or raise `NotFoundError`."""

    async def create(self, record: LeaseRecord) -> LeaseRecord:
        """Create a lease and return it as stored.

        Raises
        ------
        ConflictError
            If one of this name exists.
        """

    async def update(self, record: LeaseRecord) -> LeaseRecord:
        """Overwrite the version that `record` names and return what is stored.

        Raises
        ------
        ConflictError
            If the stored version is another one.
        NotFoundError
            If the lease was deleted.
        """

    async def delete(self, record: LeaseRecord) -> None:
        """Delete the version that `record` names; same errors as `update`."""


class OutageLog:
    """Tells once that the store goes away, and once that it is back.

    It is shared by all parts of the protocol that use the store.

    Parameters
    ----------
    clock
        Seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.trouble = ""
        """Why the last request was not carried out; empty if it was."""
        self.worked_at = -inf
        """When a request was last carried out."""
        self.away_at = -inf
        """When a request last showed that the store serves nobody; -inf if one was answered
        since then."""

    def failed(self, error: ApiError) -> None:
        """Note a request that failed."""
        if not self.trouble:
            logger.warning("leases cannot be read or written, trying again: %s", error)
        self.trouble = str(error) or type(error).__name__
        is_away = isinstance(error, UnavailableError) and error.away
        self.away_at = self._clock() if is_away else -inf

    def worked(self) -> None:
        """Note a request that was answered."""
        if self.trouble:
            logger.warning("leases can be read and written again")
        self.trouble = ""
        self.worked_at = self._clock()
        self.away_at = -inf
