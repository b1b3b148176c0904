"""The API server is away for longer than a lease lasts, and an only operator goes on."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from dev.control_plane import ControlPlane
from dev.processes import Child
from dev.programs import Program, held_shards
from dev.readiness import loopback_client
from dev.rights import chart_kubeconfig
from tests.support.programs import run_operator
from tests.support.stage import IN_BOTH_MODES, PATIENCE_SECONDS, SHORT_LEASE, Stage
from tests.support.tcp_proxy import TcpProxy
from tests.support.wait import eventually_sync

STEADY = "steady"

HANGING_LEASE = {"CRONTASK_LEASE_SECONDS": "8"}
"""Settings for an API server that answers nobody. It takes six tenths of a lease until the first
request has failed, and after nine tenths its owner stops: it cannot know by then that its own
process was not what stood still. A busy machine's event loop is late by the other three of a
lease of four seconds, and not so easily of these."""

CALLS = 12
"""Calls of a task of every second that take three times as long as a short lease lasts, and
half as long again as that above."""

pytestmark = [IN_BOTH_MODES, pytest.mark.usefixtures("api_server_comes_back")]


@pytest.fixture
def api_server(control_plane: ControlPlane) -> Iterator[Child]:
    """The API server. While it is stopped it keeps its connections open."""
    _, running = control_plane.components
    yield running
    running.resume()


@pytest.fixture
def kubeconfig_through(
    control_plane: ControlPlane, namespace: str, tmp_path: Path
) -> Iterator[tuple[TcpProxy, Path]]:
    """The kubeconfig of an operator whose way to the API server is a proxy."""
    config = yaml.safe_load(chart_kubeconfig(control_plane, namespace, "operator").read_text())
    with TcpProxy(int(control_plane.server.rpartition(":")[2])) as proxy:
        config["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{proxy.port}"
        path = tmp_path / "kubeconfig"
        path.write_text(yaml.safe_dump(config))
        yield proxy, path


def wait_for_calls(stage: Stage, more: int) -> None:
    before = len(stage.calls_of(STEADY))
    eventually_sync(lambda: len(stage.calls_of(STEADY)) >= before + more, PATIENCE_SECONDS)


def wait_for_line(operator: Program, text: str) -> None:
    log = operator.child.log
    eventually_sync(lambda: text in log.read_text(), PATIENCE_SECONDS, operator.child.tail)


def test_an_api_server_that_hangs(
    control_plane: ControlPlane, stage: Stage, api_server: Child
) -> None:
    every_second = stage.task(schedule="* * * * * *")
    settings = {**HANGING_LEASE, **stage.settings}
    with run_operator(control_plane, stage.namespace, settings=settings) as operator:
        stage.tasks.create(every_second, STEADY).raise_for_status()
        wait_for_calls(stage, 2)
        api_server.pause()
        wait_for_calls(stage, CALLS)
        with loopback_client(operator.metrics_url) as client:
            answer = client.get("/readyz")
        with loopback_client(operator.url) as client:
            healthz = client.get("/healthz")
        assert answer.status_code == 503
        assert "The Leases cannot be read or written" in answer.text
        assert "gave no answer in time" in answer.text
        assert healthz.is_success, "the pod is not to be restarted"
        assert held_shards(operator) == 1
        api_server.resume()
        until = stage.end(STEADY, after=datetime.now(UTC))
        report = stage.judge(until)
        log = operator.child.log.read_text()
    assert report.findings == ()
    assert report.repeated == 0
    assert "shard 0: lost" not in log
    assert stage.tasks.status(STEADY)["counters"]["missed"] == 0


def test_an_api_server_that_is_killed(control_plane: ControlPlane, stage: Stage) -> None:
    every_second = stage.task(schedule="* * * * * *", missedRunPolicy="Latest")
    settings = {**SHORT_LEASE, **stage.settings}
    with run_operator(control_plane, stage.namespace, settings=settings) as operator:
        stage.tasks.create(every_second, STEADY).raise_for_status()
        wait_for_calls(stage, 2)
        control_plane.kill_api_server()
        wait_for_calls(stage, CALLS)
        control_plane.start_api_server()
        until = stage.end(STEADY, after=datetime.now(UTC))
        report = stage.judge(until)
        assert "shard 0: lost" not in operator.child.log.read_text()
    assert report.findings == ()
    assert report.repeated == 0


def test_one_that_is_cut_off_alone_has_stopped_when_its_successor_begins(
    control_plane: ControlPlane, stage: Stage, kubeconfig_through: tuple[TcpProxy, Path]
) -> None:
    proxy, kubeconfig = kubeconfig_through
    place = (control_plane, stage.namespace)
    every_second = stage.task(schedule="* * * * * *")
    bounded = {**SHORT_LEASE, **stage.settings, "CRONTASK_OUTAGE_FIRING_SECONDS": "10"}
    with run_operator(*place, settings=bounded, kubeconfig=kubeconfig) as parted:
        stage.tasks.create(every_second, STEADY).raise_for_status()
        wait_for_calls(stage, 2)

        def part() -> None:
            proxy.cut_off()
            wait_for_line(parted, "shard 0: fired without the API server")
            wait_for_line(parted, "shard 0: lost")

        # What it fired without an API server is not recorded.
        crash = stage.cut_off(part)
        # As Kubernetes replaces the pod of a node that it has lost.
        with run_operator(*place, settings=bounded):
            wait_for_calls(stage, 2)
            proxy.let_through()
            wait_for_line(parted, "written again")
            until = stage.end(STEADY, after=datetime.now(UTC))
            report = stage.judge(until, [crash])
            assert parted.child.log.read_text().count("shard 0: acquired") == 1
    assert report.findings == ()


def test_one_that_is_told_to_end_says_what_it_could_not_write(
    control_plane: ControlPlane, stage: Stage, api_server: Child
) -> None:
    every_second = stage.task(schedule="* * * * * *")
    settings = {**HANGING_LEASE, **stage.settings}
    with run_operator(control_plane, stage.namespace, settings=settings) as operator:
        stage.tasks.create(every_second, STEADY).raise_for_status()
        wait_for_calls(stage, 2)
        api_server.pause()
        wait_for_calls(stage, CALLS)
        # Ten seconds for the records, and some for each of its Leases.
        assert operator.child.stop(PATIENCE_SECONDS) == 0
        log = operator.child.log.read_text()
    assert "1 tasks are handed over with news that could not be written" in log
