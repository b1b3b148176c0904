"""parse_history_url reads the setting that says where the history is kept.

::

    postgresql://user:password@host:5432/database?sslmode=verify-full
    sqlite:////folder/file.db
    file:///folder/url

The first is what libpq takes, TLS and several hosts included. The password is a part of it,
so no message of an error repeats anything of a URL. The last names a file that holds one of
the others, such as a mounted Secret: it is read for each connection, so a new password needs
no restart.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit

from crontask_history.errors import HistoryUrlError

# Without user and password, which a log line would hide as those of somebody.
EXPECTED: Final = (
    "expected postgresql://host:5432/database or sqlite:////folder/file.db, "
    "or file:///folder/file of a file that holds one of them"
)

STATEMENT_CACHE: Final = "prepared_statement_cache_size"
"""Parameter of the URL: 0 where a pool such as PgBouncer stands between, which knows no
prepared statements."""

_POSTGRESQL: Final = ("postgresql", "postgres")


@dataclass(frozen=True, slots=True)
class HistoryUrl:
    """Where the history is kept.

    `dsn` is for PostgreSQL, with its password; `path` is the file of SQLite. One of the two
    is empty. `source` is the file that holds the URL, if it does not stand in the setting.
    """

    dsn: str = field(default="", repr=False)
    path: str = ""
    statement_cache: int = 100
    source: Path | None = None

    def as_of_now(self) -> "HistoryUrl":
        """Return what the file says by now, or this itself if the URL is in none.

        Raises
        ------
        HistoryUrlError
            If the file holds no URL, or one of another kind of database.
        """
        if self.source is None:
            return self
        now = _in_file(self.source)
        if bool(now.path) != bool(self.path):
            raise HistoryUrlError("expected a URL of the same kind of database as at the start")
        return now


def parse_history_url(text: str) -> HistoryUrl:
    """Return what `text` says.

    Raises
    ------
    HistoryUrlError
        If it cannot be used, whatever the database is.
    """
    try:
        parts = urlsplit(text.strip())
        if "," not in parts.netloc:
            # Several hosts have a port each, which libpq's form knows and this one does not.
            _ = parts.port
    except ValueError:
        # The message of a ValueError shows what it could not read.
        raise HistoryUrlError(f"{EXPECTED}, found what is no URL") from None
    if parts.scheme in _POSTGRESQL:
        return _postgresql(parts)
    if parts.scheme == "sqlite":
        return _sqlite(parts)
    if parts.scheme == "file":
        return _file(parts)
    found = "another scheme" if parts.scheme else "no scheme"
    raise HistoryUrlError(f"{EXPECTED}, found {found}")


def _file(parts: SplitResult) -> HistoryUrl:
    path = unquote(parts.path)
    if parts.netloc or parts.query or not path.startswith("/"):
        raise HistoryUrlError(f"{EXPECTED}, found no absolute path after file://")
    return _in_file(Path(path))


def _in_file(path: Path) -> HistoryUrl:
    try:
        text = path.read_text()
    except (OSError, ValueError) as error:
        raise HistoryUrlError(
            f"{EXPECTED}, found one that cannot be read: {type(error).__name__}"
        ) from None
    if text.strip().startswith("file:"):
        raise HistoryUrlError(f"{EXPECTED}, found one that names another file")
    return replace(parse_history_url(text), source=path)


def _postgresql(parts: SplitResult) -> HistoryUrl:
    parameters = parse_qsl(parts.query, keep_blank_values=True)
    if not parts.hostname and "," not in parts.netloc and "host" not in dict(parameters):
        raise HistoryUrlError(f"{EXPECTED}, found no host")
    if not parts.path.strip("/") and not {"dbname", "database"} & dict(parameters).keys():
        raise HistoryUrlError(f"{EXPECTED}, found no database")
    cache = dict(parameters).get(STATEMENT_CACHE, "100")
    if not (cache.isascii() and cache.isdecimal() and len(cache) < 5):
        raise HistoryUrlError(f"{STATEMENT_CACHE}: expected a number from 0 to 9999")
    rest = urlencode([(name, value) for name, value in parameters if name != STATEMENT_CACHE])
    dsn = f"postgresql://{parts.netloc}{parts.path}{rest and f'?{rest}'}"
    return HistoryUrl(dsn=dsn, statement_cache=int(cache))


def _sqlite(parts: SplitResult) -> HistoryUrl:
    path = unquote(parts.path)
    if parts.netloc or parts.query or not path.startswith("//"):
        raise HistoryUrlError(f"{EXPECTED}, found no absolute path after sqlite://")
    if not Path(path[1:]).name:
        raise HistoryUrlError(f"{EXPECTED}, found no file")
    return HistoryUrl(path=path[1:])
