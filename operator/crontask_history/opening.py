"""open_history makes the store that a URL asks for, for both programs."""

from crontask_history.store import HistoryStore
from crontask_history.url import HistoryUrl


def open_history(url: HistoryUrl, *, connections: int, reads_only: bool = False) -> HistoryStore:
    """Return the store; nothing is connected before it is asked for something.

    Parameters
    ----------
    connections
        Most connections to the database at a time.
    reads_only
        Whether this program writes nothing, which the database is told.
    """
    # Here, so that who keeps no history loads none of its libraries.
    from crontask_history.sql.sql_history import SqlHistory

    return SqlHistory(url, connections=connections, reads_only=reads_only)
