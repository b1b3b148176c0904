"""PastRuns reads from the history, for the engine, what ended of a shard that comes.

Nobody is served while it is read, so it is asked once and for a short time. Where it does
not answer the shard is served by its statuses alone: attempts that ended within the last
seconds of a crashed owner are then made again, under the same execution ids.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Final

from crontask_core.status import RunRecord
from crontask_history.errors import HistoryError, SchemaError
from crontask_history.row import to_record
from crontask_history.store import HistoryStore
from crontask_operator.process.metrics import HISTORY_UNREAD

logger = logging.getLogger(__name__)

READ_SECONDS: Final = 3.0
"""How long a shard waits for the history. A run that begins so late is still on time."""


class PastRuns:
    """What the history has.

    Parameters
    ----------
    is_away
        Whether the database is known to take nothing; then it is not waited for.
    """

    def __init__(self, store: HistoryStore, is_away: Callable[[], bool]) -> None:
        self._store = store
        self._is_away = is_away

    async def since(self, shard: int, moment: datetime) -> dict[str, list[RunRecord]]:
        """Return the ended attempts of `shard` that began at `moment` or later, by uid."""
        if self._is_away():
            return self._unread(shard, "its database is away")
        try:
            async with asyncio.timeout(READ_SECONDS):
                rows = await self._store.since(shard, moment)
        except SchemaError:
            # Nothing was ever kept.
            rows = []
        except TimeoutError:
            return self._unread(shard, f"it gave no answer within {READ_SECONDS:g} s")
        except HistoryError as error:
            return self._unread(shard, str(error))
        except Exception as error:
            logger.exception("The history failed within the operator.")
            return self._unread(shard, f"of {type(error).__name__}")
        found: dict[str, list[RunRecord]] = defaultdict(list)
        for row in rows:
            found[row.uid].append(to_record(row))
        return found

    def _unread(self, shard: int, why: str) -> dict[str, list[RunRecord]]:
        HISTORY_UNREAD.inc()
        logger.warning(
            "shard %d: gone on with by its statuses alone; the history was not read: %s", shard, why
        )
        return {}
