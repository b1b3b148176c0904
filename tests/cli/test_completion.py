"""Completion as people have it: the Tab key, in each shell, on a real terminal."""

import os
import shlex
import shutil
from pathlib import Path

import pytest

from tests.support.cli import Crontask
from tests.support.crontasks import CronTasks, task
from tests.support.terminal import Terminal

MISSING = "expected the shell: apt-get install zsh fish"

START = {
    "bash": ["--norc", "--noprofile", "-i"],
    "zsh": ["-f", "-i"],
    "fish": ["--no-config", "-i"],
}
BEFORE = {
    "bash": "bind 'set enable-bracketed-paste off'; source <(crontask completion bash)",
    "zsh": "autoload -Uz compinit && compinit -u -D; source <(crontask completion zsh)",
    "fish": "crontask completion fish | source",
}
"""What docs/cli.md has for the start file of each, after the shell's own."""

COUNT = dict.fromkeys(START, "echo begin-$((40 + 2))") | {"fish": "echo begin-(math 40 + 2)"}
"""Prints what is in no line that was typed."""


@pytest.fixture
def programs(anybody: Crontask, tmp_path: Path) -> str:
    """A PATH with `crontask` on it."""
    interpreter, option, program = anybody.command()[:3]
    script = f'#!/bin/sh\nexec {interpreter} {option} "{program}" "$@"\n'
    (tmp_path / "crontask").write_text(script)
    (tmp_path / "crontask").chmod(0o755)
    return f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin"


@pytest.mark.parametrize("shell", START)
def test_tab_completes_a_command_and_the_name_of_a_task(
    shell: str, anybody: Crontask, programs: str, tasks: CronTasks, tmp_path: Path
) -> None:
    tasks.create(task(taskName="$(touch hostile)"), "completed-by-tab").raise_for_status()
    tasks.create(task(), "other").raise_for_status()
    program = shutil.which(shell)
    assert program is not None, MISSING
    home = {"HOME": str(tmp_path), "PS1": "> ", "NO_COLOR": "1", "XDG_CONFIG_HOME": str(tmp_path)}
    environment = anybody.variables(PATH=programs, **home)

    with Terminal([program, *START[shell]], environment, columns=200) as terminal:
        terminal.press(f"{BEFORE[shell]}; {COUNT[shell]}\n")
        terminal.wait_for("begin-42")
        # What a shell draws differs; that the whole line was run does not.
        terminal.press("crontask resu\t--help\n")
        terminal.wait_for("Usage: crontask resume")
        terminal.press(f"crontask get {shlex.join(anybody.options)} comp\t\n")
        terminal.wait_for("Name:          completed-by-tab")
        terminal.press("exit\n")
        terminal.end()
    assert not (tmp_path / "hostile").exists()
