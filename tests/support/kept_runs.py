"""records_of reads a history for the checkers, as records of statuses are."""

import asyncio
from collections import defaultdict
from dataclasses import replace

from crontask_core.status import RunRecord
from crontask_history.errors import HistoryError
from crontask_history.filters import RunFilter
from crontask_history.opening import open_history
from crontask_history.row import RunRow, to_record
from crontask_history.url import parse_history_url


def rows_of(url: str, namespace: str) -> list[RunRow]:
    """Return all rows of `namespace` with their texts, none before there are tables."""

    async def read() -> list[RunRow]:
        store = open_history(parse_history_url(url), connections=1, reads_only=True)
        wanted = RunFilter(namespace=namespace, limit=1000, texts=True)
        found: list[RunRow] = []
        try:
            while True:
                page = await store.query(wanted)
                found += page.rows
                if page.next is None:
                    return found
                wanted = replace(wanted, after=page.next)
        except HistoryError:
            return []
        finally:
            await store.close()

    return asyncio.run(read())


def records_of(url: str, namespace: str) -> dict[str, list[RunRecord]]:
    """Return the attempts of `namespace` by the uid of their tasks."""
    found: dict[str, list[RunRecord]] = defaultdict(list)
    for row in rows_of(url, namespace):
        found[row.uid].append(to_record(row))
    return found
