"""A tool comes from KUBEBUILDER_ASSETS, from the cache, or is built once."""

import re
import shutil
import threading
from pathlib import Path

import pytest

from dev import processes, tools
from dev.tools import ToolsError
from dev.tools.cache import exclusive
from dev.tools.modules import GoModule, module_of
from tests.support.fake_go import MakeGo, write_script
from tests.support.wait import eventually_sync


def test_kubebuilder_assets_go_first(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    etcd = write_script(tmp_path / "assets" / "etcd", "")
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(etcd.parent))

    assert tools.ensure("etcd") == etcd
    assert not cache.exists(), "nothing was built"


def test_assets_without_a_program_that_belongs_there_are_an_error(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))

    with pytest.raises(ToolsError, match=rf"expected etcd in {tmp_path}, found none"):
        tools.ensure("etcd")


@pytest.mark.parametrize("program", ["helm", "kube-controller-manager"])
def test_what_the_assets_need_not_hold_is_built(
    cache: Path,
    tmp_path: Path,
    go_on_path: MakeGo,
    monkeypatch: pytest.MonkeyPatch,
    program: str,
) -> None:
    go_on_path("go1.26.0")
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))

    assert tools.ensure(program).is_relative_to(cache)


def test_what_the_assets_hold_besides_is_taken(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = write_script(tmp_path / "assets" / "kube-controller-manager", "")
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(manager.parent))

    assert tools.ensure("kube-controller-manager") == manager
    assert not cache.exists(), "nothing was built"


def test_it_is_built_once_and_then_found(cache: Path, go_on_path: MakeGo) -> None:
    go = go_on_path("go1.26.8")

    first, again = tools.ensure("etcd"), tools.ensure("etcd")

    assert first == again == cache / "tools" / module_of("etcd").key / "etcd"
    assert first.read_text() == "built by go1.26.8\n"
    (call,) = go.builds
    assert call.startswith(f"{module_of('etcd').folder}: build")


def test_programs_of_one_module_are_built_together(cache: Path, go_on_path: MakeGo) -> None:
    go = go_on_path("go1.26.8")

    kubectl = tools.ensure("kubectl")

    assert tools.ensure("kube-apiserver").parent == kubectl.parent
    (call,) = go.builds
    assert "k8s.io/component-base/version.gitVersion=v1.36.3" in call
    assert "k8s.io/component-base/version.gitMinor=36" in call


def test_the_controller_manager_is_built_only_when_asked_for(
    cache: Path, go_on_path: MakeGo
) -> None:
    go = go_on_path("go1.26.8")

    manager = tools.ensure("kube-controller-manager")
    tools.ensure("kube-apiserver")

    packages = [call.split(" -o ")[1].split()[1:] for call in go.builds]
    assert packages == [
        ["k8s.io/kubernetes/cmd/kube-controller-manager"],
        ["k8s.io/kubernetes/cmd/kube-apiserver", "k8s.io/kubernetes/cmd/kubectl"],
    ]
    assert manager.parent.name == module_of("kube-controller-manager").key


def test_the_controller_manager_is_pinned_to_what_the_api_server_is() -> None:
    api_server, manager = (
        _pins(module_of(program)) for program in ("kube-apiserver", "kube-controller-manager")
    )

    shared = api_server.keys() & manager.keys()
    assert "k8s.io/kubernetes" in shared
    assert {name: manager[name] for name in shared} == {name: api_server[name] for name in shared}


def _pins(module: GoModule) -> dict[str, str]:
    text = (module.folder / "go.mod").read_text()
    required = re.findall(r"(?m)^\s*(?:require )?([\w./-]+) (v\S+)", text)
    replaced = re.findall(r"(?m)=> (\S+) (v\S+)$", text)
    return {**dict(required), **dict(replaced)}


def test_a_change_of_the_pins_is_another_place_in_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = module_of("etcd")
    before = module.key
    changed = tmp_path / "etcd"
    changed.mkdir()
    (changed / "go.mod").write_text((module.folder / "go.mod").read_text())
    (changed / "go.sum").write_text("")
    monkeypatch.setattr("dev.tools.modules.HERE", tmp_path)

    assert module.key != before
    assert module.key.startswith("etcd-v3.6.16-")


def test_so_is_a_change_of_a_program_of_our_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = module_of("kstatus")
    before = module.key
    shutil.copytree(module.folder, tmp_path / "kstatus")
    monkeypatch.setattr("dev.tools.modules.HERE", tmp_path)
    assert module.key == before

    (tmp_path / "kstatus" / "main.go").write_text("package main\n")

    assert module.key != before


def test_a_program_is_built_with_the_tags_that_it_is_to_have(
    cache: Path, go_on_path: MakeGo
) -> None:
    go = go_on_path("go1.26.8")

    for program in ("promtool", "etcd"):
        tools.ensure(program)

    assert ["-tags remove_all_sd" in call for call in go.builds] == [True, False]


def test_a_failed_build_shows_the_compiler_and_leaves_nothing(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_script(
        tmp_path / "bin" / "go",
        'if [ "$1" = env ]; then echo go1.26.0; else echo "x.go:1: syntax error" >&2; exit 1; fi',
    )
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    # Other tests of the session may have a control plane running.
    before = processes.running()

    with pytest.raises(ToolsError, match=r"(?s)etcd v3.6.16: go build ended with 1.*syntax error"):
        tools.ensure("etcd")

    assert [path.suffix for path in (cache / "tools").iterdir()] == [".lock"]
    assert processes.running() == before


def test_it_waits_for_another_process_that_builds_the_same(
    cache: Path, go_on_path: MakeGo, capsys: pytest.CaptureFixture[str]
) -> None:
    go = go_on_path("go1.26.8")
    folder = cache / "tools" / module_of("etcd").key
    found: list[Path] = []
    waiting = threading.Thread(target=lambda: found.append(tools.ensure("etcd")))

    with exclusive(folder, on_wait=lambda: None):
        waiting.start()
        eventually_sync(lambda: "another process builds it" in capsys.readouterr().err)
        folder.mkdir()
    waiting.join()

    assert found == [folder / "etcd"]
    assert go.builds == []


def test_an_unknown_program_is_refused_with_those_known() -> None:
    with pytest.raises(ToolsError, match=r"expected one of etcd, helm, .*, got 'kubelet'"):
        tools.ensure("kubelet")
