"""The local control plane is a real one, can be broken on purpose, and leaves nothing."""

import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from dev import tools
from dev.control_plane import ControlPlane, KubectlError
from dev.processes import ChildFailedError
from dev.readiness import loopback_client, succeeds
from tests.support.fake_go import write_script
from tests.support.processes import is_alive
from tests.support.wait import eventually_sync


@pytest.fixture(scope="module")
def second() -> Iterator[ControlPlane]:
    """A control plane beside the session's, for tests that break it."""
    with ControlPlane() as running:
        yield running


def test_two_run_side_by_side(control_plane: ControlPlane, second: ControlPlane) -> None:
    second.kubectl("create", "configmap", "only-here")

    assert "only-here" in second.kubectl("get", "configmaps")
    assert "only-here" not in control_plane.kubectl("get", "configmaps")


def test_it_serves_the_custom_resource(control_plane: ControlPlane, namespace: str) -> None:
    assert control_plane.kubectl("get", "crontasks", "--namespace", namespace, "-o", "name") == ""


def test_server_and_kubectl_are_of_the_pinned_version(control_plane: ControlPlane) -> None:
    versions = control_plane.kubectl("version").splitlines()

    assert "Client Version: v1.36.3" in versions
    assert "Server Version: v1.36.3" in versions


def test_a_service_account_may_do_what_rbac_grants_and_no_more(
    control_plane: ControlPlane, namespace: str
) -> None:
    within = ("--namespace", namespace)
    control_plane.kubectl("create", "serviceaccount", "reader", *within)
    control_plane.kubectl(
        "create", "role", "reader", "--verb=list", "--resource=crontasks.crontask.dev", *within
    )
    control_plane.kubectl(
        "create", "rolebinding", "reader", "--role=reader",
        f"--serviceaccount={namespace}:reader", *within,
    )  # fmt: skip
    kubeconfig = control_plane.service_account_kubeconfig(namespace, "reader")

    def as_reader(*arguments: str) -> str:
        return control_plane.kubectl(*arguments, *within, "--kubeconfig", kubeconfig)

    assert as_reader("get", "crontasks", "-o", "name") == ""
    with pytest.raises(KubectlError, match=rf"{namespace}:reader.*cannot list .*secrets"):
        as_reader("get", "secrets")


def test_without_a_certificate_nobody_gets_in(control_plane: ControlPlane) -> None:
    authority = ssl.create_default_context(cafile=control_plane.ca)
    with loopback_client(control_plane.server, authority) as stranger:
        refused = stranger.get("/api/v1/namespaces")
    with control_plane.client() as administrator:
        granted = administrator.get("/api/v1/namespaces")

    assert (refused.status_code, granted.status_code) == (403, 200)


def test_its_certificate_is_of_its_own_authority(
    control_plane: ControlPlane, second: ControlPlane
) -> None:
    other = ssl.create_default_context(cafile=second.ca)
    with (
        loopback_client(control_plane.server, other) as client,
        pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        client.get("/readyz")


def test_the_api_server_comes_back_on_its_port_with_its_data(second: ControlPlane) -> None:
    server = second.server
    second.kubectl("create", "configmap", "kept")

    for end in (second.stop_api_server, second.kill_api_server):
        end()
        with second.client() as client:
            assert not succeeds(client, "/readyz")
        second.start_api_server()
        assert second.server == server
        assert "kept" in second.kubectl("get", "configmaps")


def test_kubectl_errors_say_which_command_failed_and_why(second: ControlPlane) -> None:
    with pytest.raises(KubectlError, match=r"(?s)kubectl get pod nobody: exit code 1.*NotFound"):
        second.kubectl("get", "pod", "nobody")


def test_stopping_leaves_no_process_and_no_folder() -> None:
    with ControlPlane() as running:
        pids = [child.pid for child in running.components]
        assert len(pids) == 2
        assert all(is_alive(pid) for pid in pids)

    assert not any(is_alive(pid) for pid in pids)
    assert not running.folder.exists()


OWNER = """
import signal
from dev.control_plane import ControlPlane

with ControlPlane() as running:
    print(running.folder, *(child.pid for child in running.components), flush=True)
    signal.pause()
"""


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_when_a_signal_ends_its_owner(end: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as owner:
        assert owner.stdout is not None
        folder, *pids = owner.stdout.readline().split()
        owner.send_signal(end)

    eventually_sync(lambda: not any(is_alive(int(pid)) for pid in pids), describe=f"end of {pids}")
    eventually_sync(lambda: not Path(folder).exists(), describe=f"removal of {folder}")


@pytest.mark.parametrize("broken", ["etcd", "kube-apiserver"])
def test_a_component_that_fails_shows_the_end_of_its_log(
    broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for program in ("etcd", "kube-apiserver"):
        (tmp_path / program).symlink_to(tools.ensure(program))
    (tmp_path / broken).unlink()
    write_script(tmp_path / broken, f"echo {broken}: no such flag >&2; exit 2")
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))

    expected = rf"(?s){broken} ended with exit code 2.*{broken}: no such flag"
    control_plane = ControlPlane()
    with pytest.raises(ChildFailedError, match=expected), control_plane:
        pass

    assert not any(is_alive(child.pid) for child in control_plane.components)
    assert not control_plane.folder.exists()
