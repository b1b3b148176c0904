"""``import``: what a file of another system becomes on a real API server, and how it is told."""

from pathlib import Path

import pytest
import yaml

from tests.support.cli import Crontask, Done
from tests.support.crontasks import CronTasks
from tests.support.terminal import Terminal

SAMPLES = Path(__file__).parents[2] / "examples" / "import"
ARN = "arn:aws:lambda:eu-central-1:111122223333:function:refresh"
FILES = {
    "crontab": (4, 5, 3),
    "crontab-system": (2, 2, 0),
    "cronjobs.yaml": (2, 0, 1),
    "dkron.json": (2, 2, 1),
    "gcp.json": (2, 1, 1),
    "eventbridge.json": (3, 1, 1),
    "xxl-job.csv": (2, 0, 1),
    "go-crontab.json": (2, 0, 0),
    "go-crontab.sql": (2, 0, 0),
    "pingsources.yaml": (1, 1, 1),
}
"""Tasks, things without an equal, and what is left out."""
FORMATS = {"cronjobs": "cronjob", "pingsources": "knative", "crontab-system": "crontab"}


def imported(person: Crontask, file: str, *options: str) -> Done:
    stem = Path(file).stem
    target = ("--target", f"{ARN}=https://refresh.example.com/run")
    path = str(SAMPLES / file)
    return person.run("import", FORMATS.get(stem, stem), path, *target, *options)


@pytest.mark.parametrize("file", FILES)
def test_a_sample_goes_round(person: Crontask, tasks: CronTasks, namespace: str, file: str) -> None:
    done = imported(person, file)
    count, notes, left_out = FILES[file]
    counted = f"converted {count}, without an equal {notes}, left out {left_out}\n"
    assert done.stderr.endswith(counted)
    assert done.status == (4 if notes or left_out else 0)
    assert done.stdout.count(": not converted: ") == left_out
    assert done.stdout.count(": no equal: ") == notes
    manifests = [each for each in yaml.safe_load_all(done.stdout) if each]
    for each in manifests:
        each["metadata"]["namespace"] = namespace

    person.ok("apply", "-f", "-", stdin=yaml.safe_dump_all(manifests, allow_unicode=True))

    before = {each["metadata"]["name"]: each["spec"] for each in tasks.all()}
    assert len(before) == count
    # Out again, and in: the same tasks.
    exported = person.ok("export")
    person.ok("delete", "--all", "--yes")
    assert tasks.all() == []
    person.ok("apply", "-f", "-", stdin=exported)
    assert {each["metadata"]["name"]: each["spec"] for each in tasks.all()} == before


def test_apply_sends_the_tasks_and_still_tells_what_has_no_equal(
    person: Crontask, tasks: CronTasks
) -> None:
    done = imported(person, "dkron.json", "--apply")

    assert done.status == 4
    assert sorted(done.stdout.splitlines()) == ["close created", "refresh-prices created"]
    assert "dkron.json[2]: not converted: executor: expected http" in done.stderr
    assert "abc" not in done.stdout + done.stderr + str(tasks.all())
    assert imported(person, "go-crontab.json", "--apply").status == 0
    assert len(tasks.all()) == 4


def test_another_namespace_is_not_written_into(person: Crontask, tasks: CronTasks) -> None:
    done = imported(person, "cronjobs.yaml", "--apply")

    assert done.status == 2
    assert "it is for the namespace 'shop'" in done.stderr
    assert tasks.all() == []


def test_a_file_that_cannot_be_read_writes_and_sends_nothing(
    person: Crontask, tasks: CronTasks, tmp_path: Path
) -> None:
    (tmp_path / "bad.json").write_text('[\n{"name": }\n]')
    good = str(SAMPLES / "dkron.json")
    for more in ((), ("--apply",)):
        done = person.run("import", "dkron", good, str(tmp_path / "bad.json"), *more)
        assert (done.status, done.stdout) == (2, "")
        assert "bad.json:2: it is no JSON" in done.stderr
    assert person.run("import", "dkron", str(tmp_path / "none")).status == 2
    assert person.run("import", "cron", good).status == 2
    assert person.run("import", "dkron", good, "--tz", "Berlin").status == 2
    assert person.run("import", "dkron", good, "--target", "x").status == 2
    assert person.run("import", "dkron", good, "-o", "json").status == 2
    assert tasks.all() == []


def test_what_others_wrote_is_harmless_on_a_terminal(person: Crontask, tmp_path: Path) -> None:
    hostile = tmp_path / "jobs.json"
    hostile.write_text(
        '[{"name": "a\\u001b[2J", "executor": "\\u001b[2J"}, {"name": "b\\u202e", '
        '"schedule": "@daily", "executor": "http", "\\u001b[2J": 1, '
        '"executor_config": {"url": "http://a", "method": "GET"}}]'
    )
    command = person.command("import", "dkron", str(hostile))
    with Terminal(command, person.variables()) as terminal:
        assert terminal.end() == 4
    assert "not converted" in terminal.text
    assert "name: b" in terminal.text
    assert "\x1b[2J" not in terminal.text
    assert "\u202e" not in terminal.text
