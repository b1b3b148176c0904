"""A URL in a file: who gets a new password there needs no restart, and no file ends anybody."""

from pathlib import Path

import pytest

from crontask_history.errors import HistoryAwayError, HistoryUrlError
from crontask_history.filters import RunFilter
from crontask_history.url import parse_history_url
from tests.history.conftest import Opening
from tests.history.rows import row
from tests.history.test_faults import SECONDS, change, check_all, is_away, put_all, server, writing
from tests.support.postgres import PASSWORD, USER, Postgres
from tests.support.wait import eventually

__all__ = ["server"]

NEW_PASSWORD = "another-secret"  # noqa: S105 - of a server that lives for a test


async def test_a_new_password_in_the_file_is_used_by_itself(
    server: Postgres, tmp_path: Path
) -> None:
    database = server.new_database()
    url = server.url(database)
    file = tmp_path / "url"
    file.write_text(f"{url}\n")
    async with writing(file.as_uri()) as (writer, store):
        writer.put(row(0))
        await eventually(lambda: len(writer) == 0, timeout=SECONDS)
        await change(server, database, f"ALTER ROLE {USER} PASSWORD '{NEW_PASSWORD}'")
        await put_all(writer)
        await eventually(is_away(writer), timeout=SECONDS)
        file.write_text(url.replace(PASSWORD, NEW_PASSWORD))
        await check_all(writer, store)


@pytest.mark.parametrize("text", ["", "nonsense", "sqlite:////folder/file.db", None])
async def test_a_file_that_is_of_no_use_any_more_has_rows_wait(
    server: Postgres, tmp_path: Path, text: str | None
) -> None:
    database = server.new_database()
    file = tmp_path / "url"
    file.write_text(server.url(database))
    async with writing(file.as_uri()) as (writer, store):
        writer.put(row(0))
        await eventually(lambda: len(writer) == 0, timeout=SECONDS)
        file.unlink() if text is None else file.write_text(text)
        await change(server, database, "SELECT 1")
        await put_all(writer)
        await eventually(is_away(writer), timeout=SECONDS)
        file.write_text(server.url(database))
        await check_all(writer, store)


async def test_who_reads_is_told_without_the_password(
    postgres_url: str, tmp_path: Path, opened: Opening
) -> None:
    file = tmp_path / "url"
    file.write_text(postgres_url)
    store = opened(parse_history_url(file.as_uri()), reads_only=True)
    file.write_text(f"mysql://me:{PASSWORD}@db/runs")
    with pytest.raises(HistoryAwayError, match="its URL cannot be used any more") as caught:
        await store.query(RunFilter(namespace="shop"))
    assert PASSWORD not in str(caught.value)


def test_a_file_holds_either_kind_of_url(tmp_path: Path) -> None:
    file = tmp_path / "url"
    for text in ("postgresql://me:pw@db:5432/runs?prepared_statement_cache_size=0", "sqlite:////a"):
        file.write_text(f" {text}\n")
        found, expected = parse_history_url(file.as_uri()), parse_history_url(text)
        assert (found.dsn, found.path) == (expected.dsn, expected.path)
        assert found.statement_cache == expected.statement_cache


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (None, "one that cannot be read: FileNotFoundError"),
        (b"\xff\xfe", "one that cannot be read: UnicodeDecodeError"),
        (b"", "no scheme"),
        (b"file:///folder/url", "one that names another file"),
        (b"postgresql://me:pw@db", "no database"),
    ],
)
def test_what_holds_no_url_is_refused(tmp_path: Path, written: bytes | None, found: str) -> None:
    file = tmp_path / "url"
    if written is not None:
        file.write_bytes(written)
    with pytest.raises(HistoryUrlError, match=found) as caught:
        parse_history_url(file.as_uri())
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("text", ["file://host/folder/url", "file:relative", "file:///url?a=b"])
def test_a_file_is_named_by_its_absolute_path(text: str) -> None:
    with pytest.raises(HistoryUrlError, match="no absolute path after file://"):
        parse_history_url(text)
