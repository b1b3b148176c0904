"""``list``, ``get`` and ``logs``, by a kubeconfig and through a facade: the same output.

What a facade does not tell is left out, and not made up.
"""

import json
import subprocess

import yaml

from dev.control_plane import ControlPlane
from dev.programs import Program
from tests.support.cli import NO_ATTEMPTS, Crontask, Done
from tests.support.crontasks import CronTasks, task
from tests.support.wait import eventually_sync

SOON = {"schedule": "0 0 1 1 *"}
LATER = {"schedule": "0 0 2 1 *"}


def statuses(tasks: CronTasks) -> None:
    """Write what an operator would, so that there is something to see."""
    for name, moment, failures in (("later", "2099-01-02T00:00:00Z", 0), ("soon", None, 2)):
        run = {"executionId": "e" * 32, "runType": "Scheduled", "attempt": 1, "code": 503}
        run |= {"scheduledTime": "2026-03-01T02:30:00Z", "beginTime": "2026-03-01T02:30:00.004Z"}
        run |= {
            "endTime": "2026-03-01T02:30:01.504Z",
            "status": "Failed" if failures else "Succeeded",
        }
        run |= {"reason": "UnexpectedStatus", "error": "expected status 200-299, got 503"}
        status = {
            "phase": "Active",
            "nextRunTime": moment or "2098-01-01T00:00:00Z",
            "consecutiveFailures": failures,
            "lastRun": {
                "executionId": "e" * 32,
                "status": run["status"],
                "runType": "Scheduled",
                "time": run["endTime"],
            },
            "runs": [run],
        }
        tasks.merge_status(status, name).raise_for_status()


def create(tasks: CronTasks) -> None:
    tasks.create(task(**LATER, taskName="每日报告", module=3, type="Year"), "later")
    tasks.create(task(**SOON, suspend=True), "soon")
    statuses(tasks)


def names(output: str) -> list[str]:
    return [line.split()[0] for line in output.splitlines()[1:]]


def test_a_list_begins_with_what_runs_next(anybody: Crontask, tasks: CronTasks) -> None:
    create(tasks)

    listed = anybody.ok("list")
    assert listed.startswith("NAME ")
    assert names(listed) == ["soon", "later"]
    assert "每日报告" in listed.splitlines()[2]
    assert names(anybody.ok("list", "--sort", "name")) == ["later", "soon"]
    assert anybody.ok("list", "-o", "name").splitlines() == [
        "crontask.crontask.dev/soon",
        "crontask.crontask.dev/later",
    ]
    assert len(anybody.ok("list", "--no-headers").splitlines()) == 2
    assert "http://127.0.0.1:8099/ok" in anybody.ok("list", "-o", "wide")


def test_a_list_is_filtered(anybody: Crontask, tasks: CronTasks) -> None:
    create(tasks)

    assert names(anybody.ok("list", "--failing")) == ["soon"]
    assert names(anybody.ok("list", "--type", "year")) == ["later"]
    assert names(anybody.ok("list", "--module", "3")) == ["later"]
    assert names(anybody.ok("list", "--phase", "active")) == ["soon", "later"]
    done = anybody.run("list", "--phase", "Invalid")
    assert (done.status, done.stdout, done.stderr) == (0, "", "No tasks found.\n")


def test_labels_select(person: Crontask, tasks: CronTasks) -> None:
    tasks.create(task(), "labelled", labels={"team": "shop"})
    tasks.create(task(), "bare")

    assert names(person.ok("list", "-l", "team=shop")) == ["labelled"]


def test_the_objects_are_whole(anybody: Crontask, tasks: CronTasks) -> None:
    create(tasks)

    listed = json.loads(anybody.ok("list", "-o", "json"))
    assert [item["metadata"]["name"] for item in listed["items"]] == ["soon", "later"]
    assert yaml.safe_load(anybody.ok("list", "-o", "yaml")) == listed
    one = json.loads(anybody.ok("get", "later", "-o", "json"))
    assert one["spec"]["taskName"] == "每日报告"
    assert one["status"]["runs"][0]["code"] == 503
    assert "managedFields" not in one["metadata"]


def test_a_task_is_shown(anybody: Crontask, tasks: CronTasks) -> None:
    create(tasks)

    # By the name that people gave it, and by that of the object.
    shown = anybody.ok("get", "每日报告")
    assert shown == anybody.ok("get", "later")
    assert "at 00:00 on day 2 of the month in January" in shown
    assert "Calls:         POST http://127.0.0.1:8099/ok" in shown
    assert "503    1.5s   UnexpectedStatus: expected status 200-299, got 503" in shown
    assert "none while it is suspended" in anybody.ok("get", "soon")
    assert "2 in a row" in anybody.ok("get", "soon")


def test_a_schedule_reads_the_same_on_both_ways(anybody: Crontask, tasks: CronTasks) -> None:
    tasks.create(task(schedule="*/5 * * * *"), "minutes").raise_for_status()
    tasks.create(task(schedule="30 0 2 * * *"), "seconds").raise_for_status()
    tasks.create(task(schedule="@daily"), "macro").raise_for_status()

    for name, written in {
        "minutes": "*/5 * * * *",
        "seconds": "30 0 2 * * *",
        "macro": "@daily",
    }.items():
        (line,) = (each for each in anybody.ok("list").splitlines() if each.startswith(name))
        assert f"  {written}  " in line
        assert f"Schedule:      {written}  (UTC)" in anybody.ok("get", name)


def test_a_facade_tells_nothing_that_it_does_not_know(
    person: Crontask, any_facade: Program, namespace: str, tasks: CronTasks
) -> None:
    retry = {"backoff": {"attempts": 2}}
    expect = {"statusCodes": ["404"], "bodyRegex": "gone"}
    tasks.create(task(retry=retry, expect=expect), "a").raise_for_status()

    whole = person.ok("get", "a")
    assert "Expects:       status 404, and a body that matches gone" in whole
    assert "Retries:       2 times" in whole
    told = Crontask(None, ("-n", namespace, "--server", any_facade.url)).ok("get", "a")
    assert "Expects:       a body that matches gone" in told
    assert "Retries" not in told


def test_next_runs_are_told_here_and_there(anybody: Crontask, tasks: CronTasks) -> None:
    tasks.create(task(schedule="30 9 * * *", timeZone="Asia/Tokyo"), "tokyo")
    tasks.merge_status({"phase": "Active", "nextRunTime": "2098-01-01T00:30:00Z"}, "tokyo")

    shown = anybody.ok("get", "tokyo")
    times = [line for line in shown.splitlines() if "T09:30:00+09:00" in line]
    assert len(times) == 5
    assert all("T00:30:00Z" in line for line in times)


def test_a_log(anybody: Crontask, tasks: CronTasks) -> None:
    create(tasks)

    lines = anybody.ok("logs").splitlines()
    assert lines == [
        "2026-03-01T02:30:00.004Z  每日报告  Succeeded  503  1.5s  Scheduled/1  "
        "UnexpectedStatus: expected status 200-299, got 503",
        "2026-03-01T02:30:00.004Z  soon  Failed  503  1.5s  Scheduled/1  "
        "UnexpectedStatus: expected status 200-299, got 503",
    ]
    assert anybody.ok("logs", "--failed").splitlines() == lines[1:]
    assert anybody.ok("logs", "soon").splitlines() == lines[1:]
    assert anybody.run("logs", "--since", "1h") == Done(0, "", NO_ATTEMPTS)
    assert anybody.ok("logs", "--since", "1h", "-o", "json") == ""
    assert anybody.ok("logs", "--tail", "0") == ""
    assert anybody.ok("logs", "--tail", "1").splitlines() == lines[1:]
    assert json.loads(anybody.ok("logs", "later", "-o", "json"))["taskName"] == "每日报告"


def test_all_namespaces(person: Crontask, tasks: CronTasks) -> None:
    create(tasks)

    # A plain user has rights in one alone.
    done = Crontask(person.kubeconfig).run("list", "-A")
    assert (done.status, done.stdout) == (1, "")
    assert "cannot list resource" in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_administrator_lists_all_namespaces(
    control_plane: ControlPlane, tasks: CronTasks, namespace: str
) -> None:
    create(tasks)

    listed = Crontask(control_plane.kubeconfig).ok("list", "-A")
    assert listed.startswith("NAMESPACE ")
    mine = [line.split()[1] for line in listed.splitlines() if line.startswith(f"{namespace} ")]
    assert mine == ["soon", "later"]


def test_what_is_not_there(anybody: Crontask) -> None:
    for arguments in (["get", "lost"], ["logs", "lost"], ["pause", "lost"], ["get", "没有"]):
        done = anybody.run(*arguments)
        assert (done.status, done.stdout) == (1, "")
        assert done.stderr.startswith("Error: ")
        assert done.stderr.count("\n") == 1


def test_hostile_text_reaches_no_terminal(anybody: Crontask, tasks: CronTasks) -> None:
    tasks.create(task(taskName="a\u202eb[red]c\x9b2J"), "hostile").raise_for_status()
    run = {"executionId": "e" * 32, "runType": "Scheduled", "attempt": 1, "status": "Failed"}
    run |= {"scheduledTime": "2026-03-01T02:30:00Z", "beginTime": "2026-03-01T02:30:00.004Z"}
    run |= {"response": "\x1b]0;owned\x07\r\n", "error": "\x1b[2J", "reason": "BodyMismatch"}
    last = {"executionId": "e" * 32, "status": "Failed", "runType": "Scheduled"}
    last |= {"time": "2026-03-01T02:30:01Z"}
    status = {"phase": "Active", "runs": [run], "lastRun": last, "consecutiveFailures": 1}
    tasks.merge_status(status, "hostile").raise_for_status()

    for arguments in (
        ["list", "-o", "wide"],
        ["list", "-o", "json"],
        ["list", "-o", "yaml"],
        ["get", "hostile", "-o", "wide"],
        ["logs", "-o", "wide"],
        ["logs", "-o", "json"],
        ["top"],
    ):
        printed = anybody.ok(*arguments)
        assert all(line.isprintable() for line in printed.splitlines()), arguments
        assert "hostile" in printed or "[red]" in printed


def test_a_log_is_followed(
    anybody: Crontask, tasks: CronTasks, operator: Program, url: str
) -> None:
    del operator
    tasks.create(
        task(schedule="0 0 1 1 *", callback={"http": {"url": f"{url}/fail"}}), "followed"
    ).raise_for_status()
    with subprocess.Popen(
        anybody.command("logs", "-f"),
        env=anybody.variables(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as follower:
        try:
            assert follower.stdout is not None
            tasks.request_run("1", "followed")
            line = follower.stdout.readline()
            assert "followed  Failed  500" in line
            tasks.request_run("2", "followed")
            assert "followed  Failed  500" in follower.stdout.readline()
        finally:
            follower.terminate()
    eventually_sync(lambda: len(tasks.runs("followed")) == 2)
