"""playing runs code blocks of the documents, for the tests of pages."""

import os
import subprocess
import sys
from pathlib import Path

import yaml

from dev import tools
from tests.support.cli import PROGRAM
from tests.support.documents import Block

FACADE = "localhost:6557"
"""Where the pages have the facade."""


def shell_of(kubeconfig: Path, namespace: str, folder: Path) -> dict[str, str]:
    """Return the environment of a user with `kubeconfig`, whose namespace is `namespace`.

    Its programs and its own kubeconfig are written into `folder`.
    """
    programs = folder / "bin"
    programs.mkdir()
    crontask = programs / "crontask"
    crontask.write_text(f"#!{sys.executable}\n{PROGRAM}\n")
    crontask.chmod(0o755)
    for name in ("kubectl", "helm"):
        (programs / name).symlink_to(tools.ensure(name))
    content = yaml.safe_load(kubeconfig.read_text())
    for context in content["contexts"]:
        context["context"]["namespace"] = namespace
    own = folder / "kubeconfig"
    own.write_text(yaml.safe_dump(content))
    own.chmod(0o600)
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("CRONTASK_")},
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "KUBECONFIG": str(own),
        "TERM": "dumb",
        **{f"HELM_{kind}_HOME": str(folder / "helm") for kind in ("CACHE", "CONFIG", "DATA")},
    }


def run(block: Block, folder: Path, environment: dict[str, str]) -> str:
    """Run a block, and return what it printed; fail with that if it fails."""
    script, expected = block.text, None
    if block.kind == "yaml":
        script = (
            f"crontask apply --force-conflicts -f - <<'END_OF_BLOCK'\n{block.text}\nEND_OF_BLOCK\n"
        )
    elif block.kind == "console":
        command, _, expected = block.text.partition("\n")
        script = command.removeprefix("$ ")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    where = f"{block.page}:{block.line}"
    assert done.returncode == 0, f"{where}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr, where
    if expected is not None:
        assert done.stdout.strip() == expected.strip(), where
    return done.stdout


def asked_of(block: Block, url: str) -> Block:
    """Return `block` as somebody writes it whose facade is at `url`."""
    return block._replace(text=block.text.replace(FACADE, url.removeprefix("http://")))
