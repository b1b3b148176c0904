"""The URL of a history: what can be used, and that no message repeats a password."""

import pytest

from crontask_history.errors import HistoryUrlError
from crontask_history.url import HistoryUrl, parse_history_url

SECRET = "hunter2-is-secret"  # noqa: S105 - of no database


@pytest.mark.parametrize(
    ("text", "dsn"),
    [
        ("postgresql://me:pw@db:5432/runs", "postgresql://me:pw@db:5432/runs"),
        ("postgres://me@db/runs", "postgresql://me@db/runs"),
        (
            "postgresql://me:p%40w@db/runs?sslmode=verify-full&sslrootcert=/ca.pem",
            "postgresql://me:p%40w@db/runs?sslmode=verify-full&sslrootcert=%2Fca.pem",
        ),
        ("postgresql://me:pw@one:5432,two:5433/runs", "postgresql://me:pw@one:5432,two:5433/runs"),
        ("postgresql:///runs?host=/run/pg", "postgresql:///runs?host=%2Frun%2Fpg"),
    ],
)
def test_what_libpq_takes_is_passed_on(text: str, dsn: str) -> None:
    assert parse_history_url(f" {text}\n") == HistoryUrl(dsn=dsn)


def test_prepared_statements_can_be_done_without() -> None:
    url = parse_history_url("postgresql://db/runs?prepared_statement_cache_size=0&ssl=1")
    assert url == HistoryUrl(dsn="postgresql://db/runs?ssl=1", statement_cache=0)


def test_sqlite_takes_a_path() -> None:
    assert parse_history_url("sqlite:////var/a%20b.db") == HistoryUrl(path="/var/a b.db")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (SECRET, "no scheme"),
        (f"mysql://me:{SECRET}@db/runs", "another scheme"),
        (f"{SECRET}://db/runs", "another scheme"),
        (f"postgresql://me:{SECRET}@db:port/runs", "what is no URL"),
        (f"postgresql://me:{SECRET}@[db/runs", "what is no URL"),
        (f"postgresql://me:{SECRET}@db", "no database"),
        (f"postgresql:///runs?password={SECRET}", "no host"),
        (f"postgresql://me:{SECRET}@db/r?prepared_statement_cache_size=x", "a number from"),
        ("sqlite:///relative.db", "no absolute path"),
        ("sqlite://", "no absolute path"),
        ("sqlite:///:memory:", "no absolute path"),
        ("sqlite:////", "no file"),
        (f"sqlite://me:{SECRET}@host//file.db", "no absolute path"),
        ("sqlite:////file.db?mode=memory", "no absolute path"),
    ],
)
def test_what_cannot_be_used_is_refused_without_repeating_it(text: str, found: str) -> None:
    with pytest.raises(HistoryUrlError, match=found) as caught:
        parse_history_url(text)
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_its_representation_hides_the_password() -> None:
    assert SECRET not in repr(parse_history_url(f"postgresql://me:{SECRET}@db/runs"))
