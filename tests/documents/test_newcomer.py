"""A newcomer clones the project, and does "the first task in five minutes" word by word."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dev.ports import free_port
from tests.support.documents import ROOT, blocks_of


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh clone of what is checked out here, with no environment and nothing built in it."""
    folder = tmp_path_factory.mktemp("newcomer") / "crontask"
    git("clone", "--quiet", "--no-hardlinks", str(ROOT), str(folder))
    # What is not committed yet is to be tried as well.
    for name in git("ls-files", "-z", "--modified", "--others", "--exclude-standard").split("\0"):
        if name and (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
        elif name:
            (folder / name).unlink(missing_ok=True)
    assert not (folder / ".venv").exists()
    return folder


def git(*arguments: str) -> str:
    """Run git on the checkout, whoever owns it."""
    command = ["git", "-c", f"safe.directory={ROOT}", "-c", f"safe.directory={ROOT}/.git"]
    return subprocess.run(
        [*command, *arguments], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout


def newcomer(**variables: str) -> dict[str, str]:
    """Return the environment of somebody who has nothing of this checkout's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CRONTASK_")}
    for name in ("VIRTUAL_ENV", "PYTHONPATH", "KUBECONFIG", "MAKEFLAGS", "MFLAGS", "VENV"):
        kept.pop(name, None)
    return kept | {"TERM": "dumb"} | variables


def test_word_by_word_in_english_and_in_chinese(clone: Path) -> None:
    # One after the other: a second clone would have everything installed once more.
    for page in ("docs/first-task.md", "docs/zh/first-task.md"):
        play(page, clone)


def play(page: str, clone: Path) -> None:
    """Do all that a page says, and see what it promises."""
    blocks = blocks_of(ROOT / page)
    assert all(block.kind == "sh" and not block.reason for block in blocks)
    # The ports alone are others: those of the page may be taken on this machine. And Python is
    # the one that is tested.
    echo_port = str(free_port())
    script = "\n".join(block.text for block in blocks).replace("8099", echo_port)

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"{script}\nwait"],
        cwd=clone,
        env=newcomer(ECHO_PORT=echo_port, API_PORT=str(free_port()), PYTHON=sys.executable),
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
        stdin=subprocess.DEVNULL,
    )

    assert done.returncode == 0, done.stdout + done.stderr + (clone / "dev.log").read_text()
    assert "first created" in done.stdout
    assert "first succeeded after" in done.stdout
    assert "first deleted" in done.stdout
    assert "Succeeded" in done.stdout
