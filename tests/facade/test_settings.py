"""Settings: every typing error is told, at the start."""

import os
import re
from pathlib import Path

import pytest

from crontask_api.__main__ import main
from crontask_api.auth.tokens import Token, TokensError, read_tokens
from crontask_api.settings import AuthMode, load_settings

NO_HOST_NAMES = (
    "https://cron.example",
    "cron.example:6557",
    "[2001:db8::1]",
    "[2001:db8::1]:80",
    "10.0.0.1:80",
    "cron.example/path",
    "user@cron.example",
    "*cron.example",
    "a.*.example",
    ".example",
    "münchen.example",
)


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("CRONTASK_API_"):
            monkeypatch.delenv(name)


def test_the_defaults_suit_a_developers_machine() -> None:
    settings = load_settings()

    assert (settings.host, settings.port) == ("127.0.0.1", 6557)
    assert (settings.auth, settings.namespace) == (AuthMode.NONE, "default")
    assert settings.max_batch == 1000


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("CRONTASK_API_PROT", "1", "CRONTASK_API_PROT: no such setting; did you mean"),
        ("CRONTASK_API_QQQQQQQQQQQQQ", "1", "no such setting; "),
        ("CRONTASK_API_PORT", "65536", "less than or equal to 65535"),
        ("CRONTASK_API_PORT", "http", "valid integer"),
        ("CRONTASK_API_AUTH", "basic", "'none', 'token', 'kubernetes' or 'proxy'"),
        ("CRONTASK_API_AUTH", "token", "needs CRONTASK_API_TOKENS_PATH"),
        ("CRONTASK_API_TIME_ZONE", "Mars/Base", "expected an IANA time zone"),
        ("CRONTASK_API_TIME_ZONE", "right/Europe/Berlin", "expected an IANA time zone"),
        ("CRONTASK_API_MAX_BATCH", "0", "greater than or equal to 1"),
        ("CRONTASK_API_LOG_FORMAT", "xml", "'json' or 'console'"),
        ("CRONTASK_API_HISTORY_URL", "mysql://db/runs", "expected postgresql://host:5432/database"),
        *(
            ("CRONTASK_API_ALLOWED_HOSTS", f"a.example, {name}", words)
            for name in NO_HOST_NAMES
            for words in ("(?s)allowed_hosts.*without scheme, port and brackets", re.escape(name))
        ),
    ],
)
def test_a_wrong_setting_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ValueError, match=words):
        load_settings()


def test_lists_and_empty_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRONTASK_API_ALLOWED_NAMESPACES", "a, b,,c ")
    monkeypatch.setenv("CRONTASK_API_PORT", "")

    settings = load_settings()

    assert settings.allowed_namespaces == ("a", "b", "c")
    assert settings.port == 6557


def test_names_of_hosts_have_one_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRONTASK_API_ALLOWED_HOSTS", "Cron.Example., *.Jobs, 2001:DB8:0::1, *")

    assert load_settings().allowed_hosts == ("cron.example", "*.jobs", "2001:db8::1", "*")


def test_the_program_ends_with_2_and_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CRONTASK_API_PROT", "1")

    with pytest.raises(SystemExit) as ended:
        main([])

    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("crontask-api: CRONTASK_API_PROT: no such setting")


def test_tokens_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    path.write_text("# of the shop\nshop:a:b\n\n  ops:c  \n")

    assert read_tokens(path) == (Token("shop", b"a:b"), Token("ops", b"c"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "no token in it"),
        ("# none\n", "no token in it"),
        ("shop", "line 1: expected name:token"),
        ("a:b\n:c", "line 2: expected name:token"),
        ("a:", "line 1: expected name:token"),
    ],
)
def test_tokens_that_cannot_be_used(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "tokens"
    path.write_text(content)

    with pytest.raises(TokensError, match=words):
        read_tokens(path)


def test_tokens_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(TokensError, match="No such file"):
        read_tokens(tmp_path / "none")
    with pytest.raises(TokensError, match="no token in it"):
        read_tokens(tmp_path)
