"""kept reads the history of a story's operators, for the judge, who asks none of them."""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

from chaos.evidence import Account, Key, Seen

WRITTEN_SECONDS: Final = 3.0
"""From the end of an attempt to its row: two while what is due goes first, and a batch."""

_ENDED: Final = """
    SELECT uid, execution_id, attempt, status, reason, end_time FROM runs
    WHERE end_time IS NOT NULL
"""


def url_of(file: Path) -> str:
    """Return the URL of a history in `file`."""
    return f"sqlite:///{file.resolve()}"


def add_kept(accounts: dict[str, Account], file: Path) -> dict[str, Account]:
    """Return `accounts` with the attempts that are in the history, and maybe in no status."""
    for uid, records in _kept(file).items():
        account = accounts.setdefault(uid, Account())
        for key, seen in records.items():
            told = account.records.get(key)
            if told is None or seen.first < told.first:
                account.records[key] = seen
    return accounts


def _kept(file: Path) -> Mapping[str, Mapping[Key, Seen]]:
    if not file.exists():
        return {}
    found: dict[str, dict[Key, Seen]] = defaultdict(dict)
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        for uid, run, attempt, status, reason, end in connection.execute(_ENDED):
            # Microseconds since 1970.
            found[uid][run, attempt] = Seen(status, reason or "", end / 1e6 + WRITTEN_SECONDS)
    return found
