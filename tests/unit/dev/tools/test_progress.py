"""A build shows that it is alive, to people and to logs."""

import io

import pytest
from rich.console import Console

from dev.tools.progress import live


@pytest.mark.parametrize(
    ("terminal", "is_terminal"), [("xterm-256color", False), ("dumb", True)], ids=["log", "dumb"]
)
def test_a_log_and_a_dumb_terminal_get_a_plain_line_now_and_then(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    terminal: str,
    *,
    is_terminal: bool,
) -> None:
    now = 1000.0
    monkeypatch.setenv("TERM", terminal)
    monkeypatch.setattr("time.monotonic", lambda: now)
    with live("etcd v3", Console(file=io.StringIO(), force_terminal=is_terminal)) as report:
        for second in range(0, 70, 5):
            now = 1000.0 + second
            report(f"{second} packages")

    assert capsys.readouterr().err.splitlines() == [
        "etcd v3: 0:15, 15 packages",
        "etcd v3: 0:30, 30 packages",
        "etcd v3: 0:45, 45 packages",
        "etcd v3: 1:00, 60 packages",
    ]


def test_a_terminal_gets_one_line_that_changes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    screen = io.StringIO()
    with live("etcd v3", Console(file=screen, force_terminal=True)) as report:
        report("7 packages")

    assert "etcd v3: 0:00, 7 packages" in screen.getvalue()
    assert capsys.readouterr().err == ""
