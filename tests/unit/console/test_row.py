"""What is kept of a task: what a list shows, each text bounded."""

from crontask_api.console.live import row as rows
from crontask_api.console.live.row import to_row
from tests.unit.console.tasks import NOW, record, task


def test_a_run_is_its_last_attempt() -> None:
    second = record(1, "Succeeded", attempt=2, runType="Retry")
    first = record(1, "Failed", attempt=1)
    kept = to_row(task(status={"runs": [second, first, record(2, "Failed")]}))

    assert [run.status for run in kept.runs] == ["Succeeded", "Failed"]
    assert kept.runs[0].seconds == 2


def test_a_task_fails_since_its_first_failure_after_a_success() -> None:
    status = {
        "phase": "Active",
        "consecutiveFailures": 2,
        "runs": [
            record(1, "Failed", error="refused\nby somebody"),
            record(2, "Failed", error="slow"),
            record(3),
            record(4, "Failed"),
        ],
    }
    kept = to_row(task(status=status))

    assert kept.is_failing
    assert kept.failing_since == NOW.timestamp() - 120
    assert kept.error == "refused"


def test_an_invalid_task_tells_why() -> None:
    condition = {
        "type": "Accepted",
        "status": "False",
        "reason": "BadSchedule",
        "message": "spec.schedule: found 'x'",
        "lastTransitionTime": NOW.isoformat(),
    }
    kept = to_row(task(status={"phase": "Invalid", "conditions": [condition]}))

    assert kept.is_failing
    assert kept.error == "spec.schedule: found 'x'"


def test_whatever_an_author_or_a_target_wrote_is_bounded() -> None:
    status = {
        "consecutiveFailures": 1,
        "runs": [record(each, "Failed", error="e" * 9000) for each in range(90)],
    }
    kept = to_row(
        task(
            taskName="n" * 253,
            callback={"http": {"url": "http://x.example/" + "u" * 8000}},
            status=status,
        )
    )

    assert len(kept.runs) == rows.RUNS_KEPT
    assert len(kept.error) == rows.ERROR_CHARACTERS
    assert len(kept.target) == rows.TARGET_CHARACTERS
    assert len(kept.searched) <= rows.SEARCHED_CHARACTERS


def test_what_cannot_be_read_is_shown_as_such() -> None:
    kept = to_row(task(callback="nothing"))

    assert (kept.name, kept.phase) == ("a", "Invalid")
    assert "spec.callback" in kept.error


def test_it_is_found_by_name_url_and_label() -> None:
    kept = to_row(task(taskName="Preise"))
    for word in ("preise", "x.example", "team=payments"):
        assert word in kept.searched
