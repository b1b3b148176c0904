"""``run``, ``pause``, ``resume`` and ``delete``, by a kubeconfig and through a facade."""

import httpx
import pytest

from dev.control_plane import ControlPlane
from dev.programs import Program
from tests.support.cli import VIEW, Crontask, plain_user
from tests.support.crontasks import CronTasks, task

NEVER_SOON = "0 0 1 1 *"


def create(tasks: CronTasks, *names: str, **spec: object) -> None:
    for name in names:
        tasks.create(task(**{"schedule": NEVER_SOON, **spec}), name).raise_for_status()


def there(tasks: CronTasks) -> list[str]:
    return [each["metadata"]["name"] for each in tasks.all()]


def test_pause_and_resume(anybody: Crontask, tasks: CronTasks) -> None:
    create(tasks, "a", "b")

    assert anybody.ok("pause", "a") == "a paused\n"
    assert tasks.get("a")["spec"]["suspend"] is True
    assert tasks.get("b")["spec"]["suspend"] is False
    assert sorted(anybody.ok("resume", "--all").splitlines()) == ["a resumed", "b resumed"]
    assert tasks.get("a")["spec"]["suspend"] is False


def test_one_that_fails_keeps_no_other(anybody: Crontask, tasks: CronTasks) -> None:
    create(tasks, "a")

    done = anybody.run("pause", "lost", "a")

    assert (done.status, done.stdout) == (1, "a paused\n")
    first, last = done.stderr.splitlines()
    assert first.startswith("Error: lost: ")
    assert last == "Error: 1 of 2 failed"


def test_more_than_one_is_deleted_only_with_yes(anybody: Crontask, tasks: CronTasks) -> None:
    create(tasks, "a", "b", "c")

    done = anybody.run("delete", "a", "b")
    assert (done.status, done.stdout) == (2, "")
    assert done.stderr == "Error: this would delete 2 tasks and their logs; --yes does\n"
    assert there(tasks) == ["a", "b", "c"]
    assert anybody.ok("delete", "a") == "a deleted\n"
    assert sorted(anybody.ok("delete", "--all", "--yes").splitlines()) == ["b deleted", "c deleted"]
    assert there(tasks) == []


def test_a_dry_run_changes_nothing(person: Crontask, tasks: CronTasks) -> None:
    create(tasks, "a", "b")

    assert person.ok("delete", "--all", "--dry-run=server").count("(server dry run)") == 2
    assert person.ok("pause", "a", "--dry-run=server") == "a paused (server dry run)\n"
    assert person.ok("run", "a", "--dry-run=server") == "a run requested (server dry run)\n"
    assert there(tasks) == ["a", "b"]
    found = tasks.get("a")
    assert found["spec"]["suspend"] is False
    assert "annotations" not in found["metadata"]
    assert person.run("pause", "a", "--dry-run=client").status == 2


@pytest.mark.parametrize("arguments", [[], ["a", "--all"], ["-l", "a=b", "--all"]])
def test_tasks_are_chosen_in_one_way(person: Crontask, arguments: list[str]) -> None:
    done = person.run("pause", *arguments)
    assert (done.status, done.stdout) == (2, "")
    assert done.stderr == "Error: expected one of: names of tasks, -l LABELS, --all\n"


def test_a_run_is_waited_for(
    anybody: Crontask, tasks: CronTasks, operator: Program, url: str
) -> None:
    del operator
    create(tasks, "good", callback={"http": {"url": f"{url}/ok"}}, suspend=True)
    create(
        tasks,
        "retried",
        callback={"http": {"url": f"{url}/fail-then-ok?key=retried"}},
        retry={"delaysSeconds": [1]},
    )
    create(tasks, "bad", callback={"http": {"url": f"{url}/fail"}}, retry={"delaysSeconds": [1]})

    lines = anybody.ok("run", "good", "retried", "--wait").splitlines()
    assert sorted(lines[:2]) == ["good run requested", "retried run requested"]
    assert any(each.startswith("good succeeded after ") for each in lines[2:])
    assert any(each.startswith("retried succeeded") and "attempt 2" in each for each in lines[2:])

    done = anybody.run("run", "bad", "--wait")
    assert done.status == 4
    assert "attempt 2: UnexpectedStatus: " in done.stdout
    assert done.stderr == "Error: 1 of 1 runs did not succeed\n"


def test_a_wait_has_an_end(anybody: Crontask, tasks: CronTasks) -> None:
    create(tasks, "nobody-runs-it")

    done = anybody.run("run", "nobody-runs-it", "--wait", "--timeout", "1s")
    assert done.status == 4
    assert done.stdout.splitlines()[-1] == "nobody-runs-it has not ended"


def test_who_may_only_look_is_told_so(
    control_plane: ControlPlane, kube: httpx.Client, namespace: str, tasks: CronTasks
) -> None:
    create(tasks, "a")
    kubeconfig = plain_user(control_plane, kube, namespace, VIEW, "viewer")
    viewer = Crontask(kubeconfig, ("-n", namespace))

    assert "a" in viewer.ok("list")
    done = viewer.run("pause", "a")
    assert (done.status, done.stdout) == (1, "")
    assert 'cannot patch resource "crontasks"' in done.stderr
    assert done.stderr.count("\n") == 1
