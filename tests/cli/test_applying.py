"""``apply`` and ``diff``: files, folders and standard input."""

from pathlib import Path

import pytest
import yaml

from dev.programs import Program
from tests.support.cli import Crontask
from tests.support.crontasks import CronTasks, manifest, task


def text(name: str, **spec: object) -> str:
    return yaml.safe_dump(manifest(task(**spec), name), allow_unicode=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two tasks in three files, one of which is none of YAML's."""
    (tmp_path / "a.yaml").write_text(text("a"))
    (tmp_path / "b.yml").write_text(text("b", at="2099-01-01T00:00:00Z", schedule=None))
    (tmp_path / "README.md").write_text("no: [yaml")
    return tmp_path


def test_a_file_a_folder_and_standard_input(
    person: Crontask, tasks: CronTasks, folder: Path
) -> None:
    assert sorted(person.ok("apply", "-f", str(folder)).splitlines()) == ["a created", "b created"]
    assert person.ok("apply", "-f", str(folder / "a.yaml")) == "a unchanged\n"
    changed = text("a", suspend=True) + "---\n" + text("c")
    lines = sorted(person.ok("apply", "-f", "-", stdin=changed).splitlines())
    assert lines == ["a configured", "c created"]
    assert tasks.get("a")["spec"]["suspend"] is True


def test_what_a_file_no_longer_says_is_removed(person: Crontask, tasks: CronTasks) -> None:
    person.ok("apply", "-f", "-", stdin=text("a", retry={"delaysSeconds": [1]}))
    person.ok("apply", "-f", "-", stdin=text("a"))

    assert "retry" not in tasks.get("a")["spec"]


def test_a_field_of_another_manager_is_a_conflict(person: Crontask, tasks: CronTasks) -> None:
    tasks.create(task(suspend=False), "a").raise_for_status()

    done = person.run("apply", "-f", "-", stdin=text("a", suspend=True))
    assert (done.status, done.stdout) == (1, "")
    assert "conflict" in done.stderr
    forced = person.ok("apply", "-f", "-", "--force-conflicts", stdin=text("a", suspend=True))
    assert forced == "a configured\n"


def test_a_dry_run_changes_nothing(person: Crontask, tasks: CronTasks) -> None:
    printed = person.ok("apply", "-f", "-", "--dry-run=server", stdin=text("a"))

    assert printed == "a created (server dry run)\n"
    assert tasks.all() == []


def test_a_difference(person: Crontask, tasks: CronTasks, namespace: str) -> None:
    person.ok("apply", "-f", "-", stdin=text("a"))
    assert person.ok("diff", "-f", "-", stdin=text("a")) == ""

    done = person.run("diff", "-f", "-", stdin=text("a", suspend=True))
    assert (done.status, done.stderr) == (4, "")
    lines = done.stdout.splitlines()
    assert lines[:2] == [f"--- live/{namespace}/a", f"+++ new/{namespace}/a"]
    assert [each for each in lines[2:] if each[0] in "+-"] == [
        "-  suspend: false",
        "+  suspend: true",
    ]
    assert tasks.get("a")["spec"]["suspend"] is False
    new = person.run("diff", "-f", "-", stdin=text("new"))
    assert new.status == 4
    assert "+  name: new" in new.stdout


def test_what_the_document_can_say_goes_through_a_facade(
    anybody: Crontask, tasks: CronTasks
) -> None:
    spec = {"retry": {"delaysSeconds": [2, 4]}, "timeZone": "Asia/Tokyo", "module": 7}
    assert anybody.ok("apply", "-f", "-", stdin=text("a", **spec)) == "a created\n"
    anybody.ok("apply", "-f", "-", stdin=text("a", **spec, suspend=True))

    (found,) = (each["spec"] for each in tasks.all())
    assert found["retry"] == {"delaysSeconds": [2, 4]}
    assert (found["timeZone"], found["module"], found["suspend"]) == ("Asia/Tokyo", 7, True)


WRONG = {
    "no YAML": ("a: [", "standard input:2: it is no YAML: "),
    "nothing": ("", "there is no CronTask in it"),
    "another kind": (
        "kind: Pod\napiVersion: v1\n",
        "expected crontask.dev/v1 CronTask, got v1 Pod",
    ),
    "no object": ("- a\n", "expected a CronTask, got list"),
    "no name": ("kind: CronTask\napiVersion: crontask.dev/v1\n", "metadata.name: expected a name"),
    "a path": (
        text("a").replace("name: a", "name: a/b"),
        "metadata.name: expected a name of lower",
    ),
    "another namespace": (
        text("a").replace("name: a", "name: a\n  namespace: other"),
        "it is for the namespace 'other'",
    ),
}


@pytest.mark.parametrize(("content", "told"), WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_told_before_anything_is_sent(
    person: Crontask, tasks: CronTasks, tmp_path: Path, content: str, told: str
) -> None:
    (tmp_path / "good.yaml").write_text(text("good") if content else "")
    done = person.run("apply", "-f", str(tmp_path), "-f", "-", stdin=content)

    assert done.status in (1, 2)
    assert done.stdout == ""
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert tasks.all() == []


def test_a_field_that_the_crd_does_not_know_is_refused(person: Crontask, tasks: CronTasks) -> None:
    done = person.run("apply", "-f", "-", stdin=text("a", scedule="x"))

    assert done.status == 1
    assert "spec.scedule" in done.stderr
    assert tasks.all() == []


def test_a_facade_says_what_it_cannot(any_facade: Program, namespace: str) -> None:
    person = Crontask(None, ("-n", namespace, "--server", any_facade.url))

    done = person.run("apply", "-f", "-", stdin=text("a", timeoutSeconds=5))
    assert done.status == 1
    assert done.stderr == (
        "Error: spec.timeoutSeconds: a facade's API has no such field; use a kubeconfig\n"
    )
    assert person.run("diff", "-f", "-", stdin=text("a")).status == 2
    assert person.run("list", "-l", "a=b").status == 2
    assert Crontask(None, ("--server", any_facade.url)).run("list", "-A").status == 2
