"""``logs -f`` and ``top`` go on when a connection is lost and there again."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dev.control_plane import ControlPlane
from dev.programs import Program
from tests.support.cli import Crontask
from tests.support.crontasks import CronTasks, task
from tests.support.tcp_proxy import TcpProxy
from tests.support.terminal import Terminal


def ended(execution_id: str, begin: str) -> dict[str, object]:
    """Return the record of an attempt."""
    return {
        "executionId": execution_id, "runType": "Scheduled", "attempt": 1, "status": "Succeeded",
        "scheduledTime": begin, "beginTime": begin, "endTime": begin, "url": "http://a",
        "code": 200,
    }  # fmt: skip


def status(number: int) -> dict[str, object]:
    """Return the status of a task whose latest run is `number`."""
    latest = {"runType": "Scheduled", "status": "Succeeded", "time": RUNS[number]["endTime"]}
    runs = RUNS[number::-1]
    return {"runs": runs, "lastRun": {"executionId": f"run-{number}", **latest}}


RUNS = [ended(f"run-{number}", f"2026-01-01T00:00:0{number}Z") for number in range(3)]


@pytest.fixture(params=["cluster", "facade"])
def far(
    request: pytest.FixtureRequest, control_plane: ControlPlane, namespace: str, tmp_path: Path
) -> Iterator[tuple[TcpProxy, Crontask]]:
    """A user whose connections go through a proxy."""
    if request.param == "facade":
        program: Program = request.getfixturevalue("any_facade")
        with TcpProxy(urlsplit(program.url).port or 0) as proxy:
            server = f"http://127.0.0.1:{proxy.port}"
            yield proxy, Crontask(None, ("-n", namespace, "--server", server))
        return
    person: Crontask = request.getfixturevalue("person")
    port = urlsplit(control_plane.server).port or 0
    with TcpProxy(port) as proxy:
        assert person.kubeconfig is not None
        text = person.kubeconfig.read_text()
        assert f":{port}" in text
        kubeconfig = tmp_path / "kubeconfig"
        kubeconfig.write_text(text.replace(f":{port}", f":{proxy.port}"))
        yield proxy, Crontask(kubeconfig, person.options)


def test_the_log_goes_on(far: tuple[TcpProxy, Crontask], tasks: CronTasks) -> None:
    proxy, person = far
    tasks.create(task(), "a").raise_for_status()
    tasks.merge_status(status(0), "a").raise_for_status()

    command = person.command("logs", "-f", "-o", "wide")
    with Terminal(command, person.variables(), columns=300) as terminal:
        terminal.wait_for("run-0")
        for number in (1, 2):
            # A request may be under way, or the connection between two of them.
            proxy.drop()
            tasks.merge_status(status(number), "a").raise_for_status()
            terminal.wait_for(f"run-{number}")
        terminal.press("\x03")
        terminal.end()
    for number in range(3):
        assert terminal.text.count(f"run-{number}") == 1
    assert "Traceback" not in terminal.text


def test_top_goes_on(far: tuple[TcpProxy, Crontask], tasks: CronTasks) -> None:
    proxy, person = far
    tasks.create(task(), "a").raise_for_status()

    with Terminal(person.command("top"), person.variables()) as terminal:
        terminal.wait_for("1 tasks")
        proxy.drop()
        tasks.merge_status({"phase": "Active", "consecutiveFailures": 7}, "a").raise_for_status()
        terminal.wait_for("7 in a row")
        terminal.press("q")
        assert terminal.end() == 0


def test_a_server_that_was_never_there_is_told_at_once(namespace: str) -> None:
    done = Crontask(None, ("-n", namespace, "--server", "http://127.0.0.1:1")).run("logs", "-f")

    assert done.status == 1
    assert done.stderr == "Error: no answer from http://127.0.0.1:1: Connection refused\n"
