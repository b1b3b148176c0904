"""feed keeps a replica's view of the leases up to date, for its keeper."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing

from crontask_kube.errors import ApiError
from crontask_operator.ownership.pace import backoff_seconds
from crontask_operator.ownership.store import LeaseStore, OutageLog
from crontask_operator.ownership.view import LeaseView


async def feed(
    view: LeaseView,
    store: LeaseStore,
    *,
    clock: Callable[[], float],
    outage: OutageLog,
    changed: Callable[[], None],
) -> None:
    """List and watch for ever, telling `changed` after every change to `view`.

    It is told of a failure as well: that the API server is away may carry an owner further,
    which has to know before its lease is over.

    A watch that breaks, ends or falls silent begins anew with a listing; where watches
    do not work at all, this polls.
    """
    failures = 0
    while True:
        try:
            listing = await store.list_all()
            view.list_seen(listing, clock())
            outage.worked()
            changed()
            async with aclosing(store.watch(listing.resource_version)) as changes:
                async for change in changes:
                    failures = 0
                    view.change_seen(change, clock())
                    changed()
        except ApiError as error:
            outage.failed(error)
            changed()
        failures += 1
        await asyncio.sleep(backoff_seconds(failures))
