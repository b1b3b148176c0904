"""What is read without typer is read as typer reads it, and anything else is left to typer."""

from collections.abc import Sequence
from typing import Any

import pytest
from typer.main import get_command

from crontask_cli import listing, quick
from crontask_cli.program import Commands, app
from crontask_cli.service.connection import Connection
from crontask_core.enums import Phase

PLAIN = [
    ["list"],
    ["list", "-o", "wide", "-n", "shop"],
    ["-n", "shop", "list", "--output=name"],
    ["--server", "http://a", "list", "--token-file", "f", "--failing"],
    ["list", "--phase", "Active", "--phase=Failed", "--sort", "name", "--no-headers"],
    ["-A", "list", "-l", "a=b,c!=d", "--context", "kind"],
    ["list", "--selector=a=b"],
]
LEFT = [
    [],
    ["list", "--help"],
    ["list", "-nshop"],
    ["list", "-Ao", "wide"],
    ["list", "--fail"],
    ["list", "-o", "json"],
    ["list", "-o", "WIDE"],
    ["list", "--type", "Single"],
    ["list", "--module", "3"],
    ["list", "--phase", "active"],
    ["list", "-o"],
    ["list", "-n", "--failing"],
    ["list", "-n", "a", "-n", "b"],
    ["list", "--", "a"],
    ["list", "list"],
    ["get", "a"],
    ["--version"],
]


def called(monkeypatch: pytest.MonkeyPatch, module: str, action: Any) -> list[Sequence[Any]]:
    """Return what `action` asks to be written."""
    calls: list[Sequence[Any]] = []
    monkeypatch.setattr(f"{module}.write_list", lambda *arguments: calls.append(arguments))
    action()
    return calls


@pytest.mark.parametrize("arguments", PLAIN, ids=" ".join)
@pytest.mark.parametrize("server", [None, "http://by-environment"])
def test_a_plain_line_means_the_same(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], server: str | None
) -> None:
    if server is not None:
        monkeypatch.setenv(quick.SERVER, server)
    ours = called(monkeypatch, "crontask_cli.listing", lambda: quick.run(arguments))
    theirs = called(
        monkeypatch,
        "crontask_cli.commands.list_tasks",
        lambda: app(arguments, standalone_mode=False),
    )

    ((connection, asked),) = theirs
    assert isinstance(connection, Connection)
    assert isinstance(asked, listing.Listing)
    assert ours == theirs


@pytest.mark.parametrize("arguments", LEFT, ids=" ".join)
def test_anything_else_is_typer_s(arguments: list[str]) -> None:
    assert quick.run(arguments) is None


def test_every_option_is_known_here_or_left_on_purpose() -> None:
    group = get_command(app)
    assert isinstance(group, Commands)
    command = group.get_command(group.make_context("crontask", ["list"]), "list")
    names = {name for parameter in command.params for name in parameter.opts}

    assert names - {"--type", "--module", "--help"} == set(quick.OPTIONS) | set(quick.FLAGS)
    assert set(quick._PHASES) == set(Phase)
