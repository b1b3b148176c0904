"""Sessions: encrypted, bounded in time, good on every replica."""

from pathlib import Path

import pytest

from crontask_api.console.session.attempts import MOST_HOLDERS, Attempts
from crontask_api.console.session.keys import Keys, KeysError, read_keys
from crontask_api.console.session.session import Session, Sessions, TooLongError

NEW, OLD = "n" * 40, "o" * 40
NOW = 1_700_000_000


def _sessions(*keys: str) -> Sessions:
    return Sessions(Keys(list(keys)), idle_seconds=600, most_seconds=3600)


def test_the_token_is_nowhere_to_be_read() -> None:
    sessions = _sessions(NEW)
    cookie = sessions.seal(sessions.begin("secret-token", NOW), NOW)

    assert "secret-token" not in cookie
    opened = _sessions(NEW).open(cookie, NOW + 1)
    assert opened is not None
    assert opened.token == "secret-token"  # noqa: S105 - made up


def test_another_key_or_a_changed_cookie_opens_nothing() -> None:
    sessions = _sessions(NEW)
    cookie = sessions.seal(sessions.begin("t", NOW), NOW)

    assert _sessions(OLD).open(cookie, NOW) is None
    for place in (0, 20, 60, len(cookie) - 4):
        changed = "A" if cookie[place] != "A" else "B"
        assert sessions.open(cookie[:place] + changed + cookie[place + 1 :], NOW) is None
    for nonsense in ("", "x", "ü", cookie[:-1]):
        assert sessions.open(nonsense, NOW) is None


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    before = _sessions(OLD)
    session = before.begin("t", NOW)
    cookie, mark = before.seal(session, NOW), before.form_mark(session)
    after = _sessions(NEW, OLD)

    assert after.open(cookie, NOW) == session
    assert after.is_form_mark(mark, session)
    assert before.open(after.seal(session, NOW), NOW) is None


def test_it_ends_by_idleness_and_in_any_case() -> None:
    sessions = _sessions(NEW)
    session = sessions.begin("t", NOW)
    cookie = sessions.seal(session, NOW)
    assert sessions.open(cookie, NOW + 600) == session
    assert sessions.open(cookie, NOW + 601) is None
    assert not sessions.is_due(cookie, NOW + 29)
    assert sessions.is_due(cookie, NOW + 30)
    # However often it is sealed anew.
    late = sessions.seal(session, NOW + 3500)
    assert sessions.open(late, NOW + 3599) == session
    assert sessions.open(late, NOW + 3600) is None


def test_a_form_mark_is_that_of_one_session() -> None:
    sessions = _sessions(NEW)
    mine, yours = sessions.begin("t", NOW), sessions.begin("t", NOW)

    assert sessions.is_form_mark(sessions.form_mark(mine), mine)
    for mark in (sessions.form_mark(yours), "", "ü", sessions.form_mark(mine)[:-1]):
        assert not sessions.is_form_mark(mark, mine)


def test_a_token_that_no_cookie_can_hold_is_refused() -> None:
    sessions = _sessions(NEW)
    sessions.seal(Session("i", NOW, "t" * 2800), NOW)
    with pytest.raises(TooLongError):
        sessions.seal(Session("i", NOW, "t" * 3000), NOW)


def test_keys_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(f"{NEW}\n\n{OLD}\n")
    cookie = Keys([OLD]).seal(b"data", NOW)
    assert read_keys(path).open(cookie, within_seconds=1, now=NOW) == b"data"
    for text in ("", "\n", "short\n", f"{NEW}\nshort"):
        path.write_text(text)
        with pytest.raises(KeysError, match="32 characters"):
            read_keys(path)
    with pytest.raises(KeysError, match="cannot be read"):
        read_keys(tmp_path / "none")


def test_without_a_file_keys_are_made_up() -> None:
    cookie = read_keys(None).seal(b"data", NOW)
    assert read_keys(None).open(cookie, within_seconds=1, now=NOW) is None


def test_logins_that_fail_are_slowed_down_by_address() -> None:
    now = [0.0]
    attempts = Attempts(lambda: now[0], most=10, refill_seconds=30)
    for _ in range(10):
        assert attempts.wait_seconds("a") == 0
        attempts.count("a")
    assert attempts.wait_seconds("a") == 30
    assert attempts.wait_seconds("b") == 0
    now[0] += 30
    assert attempts.wait_seconds("a") == 0
    attempts.count("a")
    assert attempts.wait_seconds("a") == 30
    attempts.forget("a")
    assert attempts.wait_seconds("a") == 0


def test_addresses_are_forgotten_when_there_are_too_many() -> None:
    attempts = Attempts(lambda: 0.0, most=10, refill_seconds=30)
    for _ in range(10):
        attempts.count("first")
    for number in range(MOST_HOLDERS):
        attempts.count(str(number))
    assert attempts.wait_seconds("first") == 0
