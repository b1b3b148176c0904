"""Connections to the API server that die without a word are noticed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from dev.control_plane import ControlPlane
from tests.support.programs import run_operator
from tests.support.stage import IN_BOTH_MODES, PATIENCE_SECONDS, Stage
from tests.support.tcp_proxy import TcpProxy
from tests.support.wait import eventually_sync

STEADY = "steady"
NEW = "new"

UNNOTICED_CALLS = 20
"""Calls of a task of every second that may go out after it was suspended unseen: the
silence is noticed within ten seconds, and a busy machine takes as long to follow."""

pytestmark = IN_BOTH_MODES


@pytest.fixture
def kubeconfig_through(control_plane: ControlPlane, tmp_path: Path) -> tuple[TcpProxy, Path]:
    proxy = TcpProxy(int(control_plane.server.rpartition(":")[2]))
    config = yaml.safe_load(control_plane.kubeconfig.read_text())
    config["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{proxy.port}"
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(config))
    return proxy, path


def test_a_watch_that_dies_silently_is_begun_anew(
    control_plane: ControlPlane, stage: Stage, kubeconfig_through: tuple[TcpProxy, Path]
) -> None:
    proxy, kubeconfig = kubeconfig_through
    every_second = stage.task(schedule="* * * * * *")
    place, settings = (control_plane, stage.namespace), stage.settings
    with proxy, run_operator(*place, settings=settings, kubeconfig=kubeconfig):
        stage.tasks.create(every_second, STEADY).raise_for_status()
        eventually_sync(lambda: len(stage.calls_of(STEADY)) >= 2, PATIENCE_SECONDS)
        assert proxy.silence() > 0
        stage.tasks.merge({"spec": {"suspend": True}}, STEADY).raise_for_status()
        suspended = datetime.now(UTC)
        stage.tasks.create(every_second, NEW).raise_for_status()
        eventually_sync(lambda: stage.calls_of(NEW), 2 * PATIENCE_SECONDS)
        late = [call for call in stage.calls_of(STEADY) if call.scheduled_time > suspended]
        assert len(late) < UNNOTICED_CALLS
        eventually_sync(
            lambda: stage.tasks.status(STEADY)["phase"] == "Suspended", PATIENCE_SECONDS
        )
    assert [name for name in (STEADY, NEW) if not stage.adds_up(name)] == []
