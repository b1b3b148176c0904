"""``logs`` of a facade with a history: older than the statuses, and of deleted tasks."""

from collections.abc import Iterator

import pytest

from dev.control_plane import ControlPlane
from tests.facade.kept import keep
from tests.history.rows import failed, row
from tests.support.cli import NO_ATTEMPTS, Crontask, Done
from tests.support.crontasks import CronTasks, task
from tests.support.programs import run_facade


@pytest.fixture(scope="module")
def history_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A history without rows, as an operator makes it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('history') / 'runs.db'}"
    keep(url, [])
    return url


@pytest.fixture(scope="module")
def facade_url(control_plane: ControlPlane, history_url: str) -> Iterator[str]:
    """A facade that reads it."""
    settings = {"CRONTASK_API_ALLOWED_NAMESPACES": "*", "CRONTASK_API_HISTORY_URL": history_url}
    with run_facade(control_plane, "default", settings=settings) as program:
        yield program.url


@pytest.fixture
def reader(facade_url: str, history_url: str, namespace: str) -> Crontask:
    """A user of it, in a namespace whose task failed twice in 1,500 attempts."""
    rows = [
        (failed if number in (3, 1400) else row)(number, namespace=namespace)
        for number in range(1500)
    ]
    rows.append(row(2000, namespace=namespace, name="gone", task_name="gone", uid="other"))
    keep(history_url, rows)
    return Crontask(None, ("-n", namespace, "--server", facade_url))


def test_all_attempts_oldest_first_over_pages(reader: Crontask, tasks: CronTasks) -> None:
    tasks.create(task(taskName="定时改价"), "prices").raise_for_status()

    begins = [line.split()[0] for line in reader.ok("logs", "prices").splitlines()]
    assert len(begins) == 1500
    assert begins == sorted(begins)
    assert len(reader.ok("logs").splitlines()) == 1501
    assert len(reader.ok("logs", "定时改价", "gone").splitlines()) == 1501


def test_failures_and_the_tail(reader: Crontask) -> None:
    failures = reader.ok("logs", "--failed").splitlines()
    assert [line.split()[0][11:19] for line in failures] == ["12:00:03", "12:23:20"]
    assert "expected status 200-299, got 503" in failures[0]
    latest = reader.ok("logs", "--tail", "2").splitlines()
    assert [line.split()[1] for line in latest] == ["定时改价", "gone"]
    assert reader.ok("logs", "--tail", "0") == ""
    assert reader.run("logs", "--since", "1h") == Done(0, "", NO_ATTEMPTS)
    assert '"response":"busy"' in reader.ok("logs", "--failed", "-o", "json")


def test_a_task_that_never_was(reader: Crontask) -> None:
    done = reader.run("logs", "lost")

    assert (done.status, done.stdout) == (1, "")
    assert "lost" in done.stderr


def test_without_a_history_the_statuses_are_read(any_facade: object, namespace: str) -> None:
    url = getattr(any_facade, "url", "")
    somebody = Crontask(None, ("-n", namespace, "--server", url))
    assert somebody.run("logs", "--failed") == Done(0, "", NO_ATTEMPTS)
