"""What may change on a task that exists: everything but its name."""

from collections.abc import Iterator

import pytest

from dev.control_plane import ControlPlane
from tests.support.crontasks import NAME, CronTasks, causes, task

MOMENT = "2026-03-29T08:30:00Z"


@pytest.fixture
def crontasks(control_plane: ControlPlane, namespace: str) -> Iterator[CronTasks]:
    with control_plane.client() as client:
        yield CronTasks(client, namespace)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        pytest.param("Report", "Rapport", 'from "Report" to "Rapport"', id="changed"),
        pytest.param("Report", None, f'from "Report" to "{NAME}"', id="removed"),
        pytest.param(None, "Report", f'from "{NAME}" to "Report"', id="added"),
    ],
)
def test_the_name_stays(
    crontasks: CronTasks, before: str | None, after: str | None, change: str
) -> None:
    assert crontasks.create(task(taskName=before)).status_code == 201

    response = crontasks.merge({"spec": {"taskName": after}})

    assert response.status_code == 422
    assert causes(response) == [
        (
            "spec.taskName",
            f"Forbidden: the name of a task cannot be changed {change}; create a new task instead",
        )
    ]


@pytest.mark.parametrize(
    ("before", "after"), [(None, NAME), (NAME, None)], ids=["written", "left out"]
)
def test_a_name_that_is_the_objects_own_may_be_written_or_left_out(
    crontasks: CronTasks, before: str | None, after: str | None
) -> None:
    crontasks.create(task(taskName=before))

    response = crontasks.merge({"spec": {"taskName": after}})

    assert response.status_code == 200, response.text
    assert response.json()["spec"].get("taskName") == after


def test_a_repeated_task_can_become_one_that_runs_once(crontasks: CronTasks) -> None:
    crontasks.create(task(taskName="Report"))

    response = crontasks.merge({"spec": {"schedule": None, "at": MOMENT}})

    assert response.status_code == 200, response.text


def test_a_change_that_breaks_a_rule_is_refused(crontasks: CronTasks) -> None:
    crontasks.create(task())

    response = crontasks.merge({"spec": {"at": MOMENT}})

    assert response.status_code == 422
    assert causes(response) == [
        ("spec", "Forbidden: set only one of schedule and at; found both"),
    ]


def test_the_operators_status_is_out_of_reach_of_a_change_of_the_task(crontasks: CronTasks) -> None:
    crontasks.create(task())

    response = crontasks.merge({"status": {"phase": "Succeeded"}})

    assert response.status_code == 200
    assert "phase" not in response.json().get("status", {})
