"""What a command imports: it is done sooner than some libraries are loaded."""

import os
import subprocess
import sys

import pytest
from typer.main import get_command

from crontask_cli.program import Commands, app
from crontask_cli.registry import COMMANDS

HEAVY = (
    "aiohttp",
    "asyncio",
    "kubernetes",
    "pydantic",
    "structlog",
    "rich",
    "croniter",
    "typer.cli",
)


def imported(*arguments: str) -> set[str]:
    """Return the modules that ``crontask`` has imported by its end."""
    program = (
        "import sys, atexit\n"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
        "from crontask_cli.start import main; main()"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    environment |= {"KUBECONFIG": "/nowhere"}
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return set(done.stderr.splitlines()[-1].split())


def test_the_help_imports_no_command_and_nothing_to_ask_or_show_with() -> None:
    modules = imported("--help")

    heavy = (*HEAVY, "ssl", "http.client", "yaml", "msgspec", "crontask_kube")
    assert [name for name in heavy if name in modules] == []
    assert [name for name in modules if name.startswith("crontask_cli.commands.")] == []


@pytest.mark.parametrize("arguments", [("list",), ("--server", "http://127.0.0.1:1", "list")])
def test_a_list_imports_no_command_and_no_heavy_library(arguments: tuple[str, ...]) -> None:
    modules = imported(*arguments)

    assert [name for name in HEAVY if name in modules] == []
    assert "typer" not in modules
    assert [name for name in modules if name.startswith("crontask_cli.commands.")] == []


def test_the_registry_says_what_the_commands_say() -> None:
    group = get_command(app)
    assert isinstance(group, Commands)
    context = group.make_context("crontask", ["list"])
    for name, entry in COMMANDS.items():
        help_text = group.get_command(context, name).help
        assert help_text.splitlines()[0] == entry.help, name
