"""Installs pinned packages of PyPI into folders of the cache, for what no environment has."""

import hashlib
import importlib.util
import subprocess
import sys
from pathlib import Path

from dev.guarded import make_folder, remove_folder
from dev.tools.cache import cache_folder, exclusive
from dev.tools.modules import ToolsError
from dev.tools.progress import say

CLIENTS = Path(__file__).parents[2] / "requirements" / "clients.txt"
"""The generator of Python clients, which the tests of the facade's document use."""

INSTALLER = (
    (sys.executable, "-m", "pip", "--disable-pip-version-check", "install")
    if importlib.util.find_spec("pip")
    # An environment that uv made has no pip.
    else (sys.executable, "-m", "uv", "pip", "install", "--python", sys.executable)
)


def ensure_packages(requirements: Path) -> Path:
    """Return the folder with the packages that `requirements` pins, installed if need be.

    To use them, put it on ``PYTHONPATH``: what this interpreter has otherwise stays as it is.

    Raises
    ------
    ToolsError
        With the installer's words, if they cannot be installed.
    """
    digest = hashlib.sha256(requirements.read_bytes() + _interpreter().encode())
    name = requirements.stem
    folder = cache_folder() / f"{name}-{digest.hexdigest()[:12]}"
    # Renamed into place once whole, so one that exists is complete.
    if not folder.exists():
        with exclusive(folder, lambda: say(f"{name}: another process installs it; waiting")):
            if not folder.exists():
                say(f"{name}: installing what {requirements.name} pins from PyPI (once)")
                _install(requirements, folder)
    return folder


def _interpreter() -> str:
    """Return what compiled packages are made for, such as ``cpython-311``."""
    return sys.implementation.cache_tag or sys.version


def _install(requirements: Path, folder: Path) -> None:
    unfinished = make_folder(f"{folder.name}.", parent=folder.parent)
    pins = ["--require-hashes", "--no-deps", "--requirement", str(requirements)]
    try:
        result = subprocess.run(
            [*INSTALLER, "--quiet", *pins, "--target", str(unfinished)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if result.returncode:
            raise ToolsError(f"{requirements} could not be installed:\n{result.stdout}")
        unfinished.rename(folder)
    finally:
        remove_folder(unfinished)
