"""One task: its definition, its next runs, and its history by run."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crontask_api.console.runs.by_run import by_run
from crontask_api.console.runs.finding import FoundRuns
from crontask_api.console.task.definition import definition_of, yaml_of
from crontask_api.console.task.history import TaskHistory, rows_of
from crontask_api.console.task.upcoming import upcoming_runs
from crontask_api.console.words.language import Language
from crontask_history.row import to_record
from tests.history.rows import failed, row, started
from tests.unit.console.tasks import NOW, record, task

ENGLISH = Language("en")
HEADERS = [
    {"name": "Authorization", "secretKeyRef": {"name": "token", "key": "value"}},
    {"name": "X-Api-Key", "value": "k3y-that-is-secret"},
]
CALLBACK = {
    "http": {"url": "http://x.example/y", "headers": HEADERS, "tls": {"insecureSkipVerify": True}}
}


@pytest.mark.parametrize("code", ["en", "zh"])
def test_headers_are_shown_to_those_alone_who_may_read_them(code: str) -> None:
    found = task(callback=CALLBACK)
    for shows in (True, False):
        fields = definition_of(found, found.typed_spec(), Language(code), shows_headers=shows)
        text = "\n".join(field.value for field in fields) + yaml_of(found, shows_headers=shows)
        assert ("k3y-that-is-secret" in text) is shows
        assert "X-Api-Key" in text
    assert found.spec["callback"]["http"]["headers"][1]["value"] == "k3y-that-is-secret"


def test_yaml_can_be_applied_and_holds_nothing_of_the_cluster() -> None:
    text = yaml_of(task(taskName="每日"), shows_headers=True)
    assert text.startswith("apiVersion: crontask.dev/v1\nkind: CronTask\nmetadata:\n  name: a\n")
    assert "taskName: 每日" in text
    for word in ("uid", "resourceVersion", "status", "last-applied"):
        assert word not in text


def test_a_definition_says_what_matters() -> None:
    found = task(callback=CALLBACK, retry={"delaysSeconds": [2, 4]}, timeZone="Asia/Shanghai")
    fields = definition_of(found, found.typed_spec(), ENGLISH, shows_headers=False)
    told = {field.label: field.value for field in fields}
    assert told["Retries"] == "after 2, 4 s"
    assert told["Time zone"] == "Asia/Shanghai"
    assert told["TLS"] == "not verified"
    assert told["Schedule"] == "every 5 minutes\n*/5 * * * *"


def test_the_next_runs_mark_a_change_of_the_clock() -> None:
    found = task(schedule="0 12 * * *", timeZone="Europe/Berlin")
    now = datetime(2026, 3, 27, 15, 0, tzinfo=UTC)
    runs = upcoming_runs(found, found.typed_spec(), found.typed_status(), now)

    assert len(runs) == 10
    assert [(each.local, each.utc) for each in runs[:2]] == [
        ("2026-03-28 12:00:00", "2026-03-28 11:00:00"),
        ("2026-03-29 12:00:00", "2026-03-29 10:00:00"),
    ]
    assert [(each.before, each.after) for each in runs if each.before] == [
        ("UTC+01:00", "UTC+02:00")
    ]


def test_every_counts_from_where_the_operator_does() -> None:
    plan = {"fingerprint": "x", "since": "2026-03-02T11:59:50Z"}
    found = task(schedule="@every 1m", status={"plan": plan})
    runs = upcoming_runs(found, found.typed_spec(), found.typed_status(), NOW)
    assert runs[0].utc == "2026-03-02 12:00:50"


@pytest.mark.parametrize(
    ("spec", "status", "count"),
    [
        ({"suspend": True}, {}, 0),
        ({"schedule": "x"}, {"phase": "Invalid"}, 0),
        ({"schedule": "x"}, {}, 0),
        ({"schedule": None, "at": "2026-03-02T13:00:00Z"}, {}, 1),
        ({"type": "Single"}, {}, 1),
        ({"type": "Single"}, {"phase": "Succeeded"}, 0),
    ],
)
def test_what_runs_once_or_not_at_all_says_so(
    spec: dict[str, Any], status: dict[str, Any], count: int
) -> None:
    found = task(status=status, **spec)
    assert len(upcoming_runs(found, found.typed_spec(), found.typed_status(), NOW)) == count


def test_history_has_a_run_with_its_attempts() -> None:
    retried = record(1, "Failed", executionId="r", attempt=2, runType="Retry", error="no\nroute")
    first = record(1, "Failed", executionId="r", code=503, response="busy")
    # A later run ended before the retry was made.
    found = task(status={"runs": [retried, record(9), first]})
    rows = rows_of(found, found.typed_status())
    runs = by_run(rows, ENGLISH, NOW.timestamp(), found.typed_spec())

    assert [len(run.attempts) for run in runs] == [2, 1]
    assert (runs[0].run_type, runs[0].line, runs[0].took) == ("Scheduled", "no", "2.0 s")
    assert runs[0].attempts[1].code == "503"
    assert runs[1].status == "Succeeded"


def test_the_strip_has_more_runs_than_the_status_holds() -> None:
    # The status knows of the run that goes on, the history of all that have ended.
    held = [started(12), started(11)]
    # The second attempt of a run came after the first of the next one.
    retried = row(8, attempt=2, begin_time=row(9).begin_time + timedelta(seconds=1))
    older = [row(number) for number in (10, 9, 7, 6, 5, 4, 3, 2, 1)]
    lately = [row(11), older[0], retried, *older[1:2], failed(8), *older[2:]]
    history = TaskHistory(
        FoundRuns([], "", "", None), is_whole=True, lately=lately, pictured=lately, held=held
    )

    assert [run.status.value for run in history.latest_runs()] == ["Started", *["Succeeded"] * 9]


def test_a_run_that_makes_another_again_says_which_from_the_status_too() -> None:
    found = task(status={"runs": [record(1, redriveOf="first"), record(2)]})
    rows = rows_of(found, found.typed_status())
    assert [each.redrive_of for each in rows] == ["first", ""]
    assert [to_record(each) for each in rows] == list(found.typed_status().runs)
