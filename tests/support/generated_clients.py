"""Makes clients of an OpenAPI document by the generators that its readers use, for tests."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from dev import tools
from dev.tools.go import environment, find_go
from dev.tools.modules import module_of

# A formatter of the generated code would be one more program, for a look that nobody has.
PYTHON_SETTINGS = "post_hooks: []\n"
GO_SETTINGS = "package: crontask\ngenerate: {models: true, client: true}\n"


def make_python_client(document: Path, package: Path) -> None:
    """Write the client that openapi-python-client makes of `document` as `package`.

    Raises
    ------
    AssertionError
        With the generator's words, if it warns of something.
    """
    settings = package.with_name("python.yaml")
    settings.write_text(PYTHON_SETTINGS)
    made = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"),
            *("--path", document, "--config", settings),
            *("--meta", "none", "--output-path", package),
        ],
        env={**os.environ, "PYTHONPATH": str(tools.ensure_packages(tools.CLIENTS))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    assert "WARNING" not in made.stdout + made.stderr, made.stdout + made.stderr


def make_go_client(document: Path, source: Path, scratch: Path) -> Path:
    """Compile the Go module in `source` with the client that oapi-codegen makes of `document`.

    That is the module's package ``crontask``. Returns the program, which is in `scratch`.

    Raises
    ------
    AssertionError
        With their words, if the generator warns of something or the compiler refuses it.
    """
    module = Path(shutil.copytree(source, scratch / "module"))
    settings = scratch / "go.yaml"
    settings.write_text(GO_SETTINGS)
    client = module / "crontask" / "client.gen.go"
    client.parent.mkdir()
    said = _run([tools.ensure("oapi-codegen"), "-config", settings, "-o", client, document])
    assert said == "", said
    go = find_go(module_of("oapi-codegen").go_version)
    program = scratch / "client"
    # With the flags that the tools are built with, so that the standard library is at hand.
    _run([go, "build", "-mod=readonly", "-trimpath", "-o", program, "."], module)
    return program


def _run(command: list[str | Path], folder: Path | None = None) -> str:
    """Return what `command` says; raise AssertionError with that if it fails."""
    done = subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said
