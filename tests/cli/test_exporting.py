"""``export``: tasks as files, from which the same tasks are made again."""

import json

import yaml

from dev.programs import Program
from tests.support.cli import Crontask
from tests.support.crontasks import CronTasks, manifest, task


def test_yaml_makes_the_same_task_again(person: Crontask, tasks: CronTasks) -> None:
    text = yaml.safe_dump(manifest(task(taskName="每日报告", retry={"delaysSeconds": [1]}), "a"))
    person.ok("apply", "-f", "-", stdin=text)
    tasks.merge_status({"phase": "Active"}, "a").raise_for_status()
    before = tasks.get("a")["spec"]

    exported = person.ok("export")

    assert "status" not in exported
    assert person.ok("diff", "-f", "-", stdin=exported) == ""
    person.ok("delete", "a")
    person.ok("apply", "-f", "-", stdin=exported)
    assert tasks.get("a")["spec"] == before


def test_a_task_list_says_what_it_leaves_out(anybody: Crontask, tasks: CronTasks) -> None:
    spec = task(taskName="每日报告", module=7, type="Daily")
    tasks.create(spec, "17").raise_for_status()

    done = anybody.run("export", "-o", "task-list")
    exported = done.stdout
    assert done.status == 0
    # A facade does not tell what its API cannot say: that much is told.
    told = done.stderr.splitlines()
    assert len(told) == ("--server" in anybody.options)
    assert all("a facade tells only" in line.lower() for line in told)
    (item,) = json.loads(exported)["task_list"]
    assert (item["task_id"], item["name"], item["module"]) == ("17", "每日报告", 7)
    imported = anybody.run("import", "go-crontab", "-", stdin=exported)
    assert imported.status == 0
    assert yaml.safe_load(imported.stdout)["metadata"]["name"] == "17"


def test_what_the_document_cannot_say(person: Crontask, tasks: CronTasks) -> None:
    spec = task(timeoutSeconds=5, concurrencyPolicy="Forbid", taskName="每日报告")
    tasks.create(spec, "a").raise_for_status()
    # Its name is told as the name of the task.
    tasks.create(task(timeoutSeconds=5), "b").raise_for_status()

    done = person.run("export", "a", "-o", "task-list")
    assert done.status == 4
    assert sorted(done.stderr.splitlines()) == [
        "a: left out: metadata.name",
        "a: left out: spec.concurrencyPolicy",
        "a: left out: spec.timeoutSeconds",
    ]
    assert len(json.loads(done.stdout)["task_list"]) == 1
    assert person.run("export", "b", "-o", "task-list").stderr == (
        "b: left out: spec.timeoutSeconds\n"
    )


def test_a_facade_cannot_tell_all_of_a_task(
    any_facade: Program, namespace: str, tasks: CronTasks
) -> None:
    tasks.create(task(concurrencyPolicy="Forbid"), "a").raise_for_status()
    somebody = Crontask(None, ("-n", namespace, "--server", any_facade.url))

    done = somebody.run("export", "a")

    assert (done.status, done.stdout) == (2, "")
    assert "use a kubeconfig, or -o task-list" in done.stderr


def test_what_was_asked_for_once_is_not_asked_for_again(person: Crontask, tasks: CronTasks) -> None:
    asked = ("run-requested-at", "redrive-requested", "add-request")
    annotations = {f"crontask.dev/{name}": "then" for name in asked} | {"team": "shop"}
    body = manifest(task(), "a")
    body["metadata"]["annotations"] = annotations
    person.ok("apply", "-f", "-", stdin=yaml.safe_dump(body))

    exported = yaml.safe_load(person.ok("export", "a"))

    assert exported["metadata"]["annotations"] == {"team": "shop"}
