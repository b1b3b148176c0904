"""redrive_runs: failed runs are asked for again, each once, and what came of it is told."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from crontask_api.routes.redrive_runs import ANSWER, REQUEST
from crontask_core.constants import REDRIVE_ANNOTATION
from crontask_core.redrive import format_redrives, parse_redrives, redrive_execution_id
from crontask_core.times import rfc3339
from crontask_history.row import RunRow
from dev.control_plane import ControlPlane
from tests.facade.client import Facade, Json
from tests.facade.cluster import create_reader
from tests.facade.kept import keep
from tests.facade.objects import Objects
from tests.facade.redrives import asked_for, errors, redrive, run_ids
from tests.history.rows import NOON, failed, row, started
from tests.support.programs import run_facade

Keep = Callable[..., list[RunRow]]


@pytest.fixture
def kept(objects: Objects, history_url: str, namespace: str) -> Keep:
    """Keeps rows as those of a task of the test's namespace, which is there."""

    def keep_of(name: str, *rows: RunRow) -> list[RunRow]:
        uid = objects.get(name)["metadata"]["uid"]
        own = [replace(each, namespace=namespace, name=name, uid=uid) for each in rows]
        keep(history_url, own)
        return own

    return keep_of


def test_without_saying_so_nothing_is_done(reader: Facade, objects: Objects, kept: Keep) -> None:
    objects.create("a")
    (own,) = kept("a", failed(1))
    data = reader.post("redrive_runs", {})["data"]
    assert data == {
        "dry_run": True,
        "task_result": [
            {
                "task_id": "a",
                "name": "定时改价",
                "err": "",
                "code": 0,
                "execution_id": f"{1:032x}",
                "scheduled_time": "2026-03-10T12:00:01Z",
                "redrive_execution_id": redrive_execution_id(own.uid, own.execution_id),
            }
        ],
        "next_cursor": "",
    }
    assert asked_for(objects, "a") == []
    assert data["task_result"][0].keys() == ANSWER["task_result"][0].keys()


def test_failed_runs_are_asked_for_oldest_first_and_once(
    reader: Facade, objects: Objects, kept: Keep
) -> None:
    objects.create("a")
    objects.create("b")
    kept("a", failed(3), failed(1), row(2), started(5))
    kept("b", failed(4))
    results = redrive(reader)
    assert [result["execution_id"] for result in results] == run_ids(1, 3, 4)
    assert [result["task_id"] for result in results] == ["a", "a", "b"]
    assert (asked_for(objects, "a"), asked_for(objects, "b")) == (run_ids(1, 3), run_ids(4))
    again = redrive(reader)
    assert errors(again) == ["it was asked for already"] * 3
    assert [result["redrive_execution_id"] for result in again] == [""] * 3
    assert asked_for(objects, "a") == run_ids(1, 3)


def test_the_example_works_as_it_stands(reader: Facade, objects: Objects, kept: Keep) -> None:
    objects.create("a")
    due = NOON - timedelta(days=9)
    kept("a", failed(scheduled_time=due, begin_time=due))
    (result,) = redrive(reader, **REQUEST)
    assert result["err"] == ""


def test_other_annotations_stay(reader: Facade, objects: Objects, kept: Keep) -> None:
    objects.create("a")
    objects.merge("a", {"metadata": {"annotations": {"example.com/owner": "shop"}}})
    kept("a", failed(1), failed(2))
    redrive(reader, limit=1)
    redrive(reader)
    annotations = objects.get("a")["metadata"]["annotations"]
    assert annotations["example.com/owner"] == "shop"
    assert asked_for(objects, "a") == run_ids(1, 2)


def test_a_run_counts_by_its_last_attempt(reader: Facade, objects: Objects, kept: Keep) -> None:
    objects.create("a")
    good, bad = run_ids(1, 2)
    kept(
        "a",
        failed(1),
        row(11, execution_id=good, attempt=2),
        failed(2, code=500),
        failed(12, execution_id=bad, attempt=2),
    )
    assert [result["execution_id"] for result in redrive(reader)] == [bad]
    assert redrive(reader, code=500) == []


def test_filters_choose(reader: Facade, objects: Objects, kept: Keep) -> None:
    objects.create("a")
    kept("a", failed(1), failed(2, module=9, response="we are Overloaded"), failed(3))
    assert [each["execution_id"] for each in redrive(reader, module=9)] == run_ids(2)
    assert len(redrive(reader, text="overloaded", status=3)) == 1
    begin = rfc3339(NOON + timedelta(seconds=3))
    assert [each["execution_id"] for each in redrive(reader, begin=begin)] == run_ids(3)
    one = redrive(reader, task_id="a", execution_id=run_ids(1)[0])
    assert [each["execution_id"] for each in one] == run_ids(1)


def test_pages_lead_through_all_of_them(reader: Facade, objects: Objects, kept: Keep) -> None:
    for name in "abc":
        objects.create(name)
        numbers = range(100 * ord(name), 100 * ord(name) + 7)
        kept(name, *(failed(at) for at in numbers))
    found: list[str] = []
    cursor = None
    while cursor != "":
        envelope = reader.post("redrive_runs", {"dry_run": False, "limit": 4, "cursor": cursor})
        found += [each["execution_id"] for each in envelope["data"]["task_result"]]
        cursor = envelope["data"]["next_cursor"]
    assert len(found) == len(set(found)) == 21
    assert found == sorted(found)
    assert [len(asked_for(objects, name)) for name in "abc"] == [7, 7, 7]


def test_what_keeps_a_run_from_being_made_again_is_told(
    reader: Facade, objects: Objects, kept: Keep, history_url: str, namespace: str
) -> None:
    for name in ("off", "again", "retried", "invalid"):
        objects.create(name, suspend=name == "off")
        kept(name, failed(len(name)))
    objects.delete("again")
    objects.create("again")
    keep(history_url, [failed(1, namespace=namespace, name="gone")])
    retry = {
        "executionId": run_ids(len("retried"))[0],
        "attempt": 2,
        "scheduledTime": rfc3339(NOON),
        "dueTime": rfc3339(NOON),
        "firstBeginTime": rfc3339(NOON),
    }
    objects.set_status("retried", pendingRetries=[retry])
    objects.set_status("invalid", phase="Invalid")
    by_task = {result["task_id"]: result for result in redrive(reader)}
    assert {name: (each["code"], *errors([each])) for name, each in by_task.items()} == {
        "gone": (5, "the task was deleted"),
        "off": (1, "the task is disabled"),
        "again": (5, "the task was deleted"),
        "invalid": (1, "the operator cannot use the task"),
        "retried": (1, "a further attempt of it is under way"),
    }
    told = redrive(reader, dry_run=True)
    assert {each["task_id"]: each for each in told} == by_task


def test_ten_of_a_task_wait_and_the_next_follow_when_those_are_made_and_marked(
    reader: Facade, objects: Objects, kept: Keep
) -> None:
    objects.create("a")
    rows = kept("a", *(failed(at) for at in range(14)))
    late = "10 runs of the task were asked for that are not made again and in the history yet"
    assert errors(redrive(reader)) == [""] * 10 + [late] * 4
    # As the operator does: it makes the first two, and marks one of them.
    objects.set_status("a", handledRedrives=run_ids(0, 1))
    again = redrive_execution_id(rows[0].uid, rows[0].execution_id)
    kept("a", row(100, execution_id=again, redrive_of=rows[0].execution_id))
    results = redrive(reader)
    assert [each["execution_id"] for each in results] == run_ids(*range(1, 14))
    assert errors(results) == ["it was asked for already"] * 9 + [""] + [late] * 3
    assert asked_for(objects, "a") == run_ids(*range(1, 11))


def test_two_clients_at_once_ask_for_each_run_once(
    reader: Facade, objects: Objects, kept: Keep
) -> None:
    for name in "abcd":
        objects.create(name)
        kept(name, *(failed(10 * ord(name) + at) for at in range(8)))
    with ThreadPoolExecutor(6) as clients:
        answers = list(clients.map(lambda _: redrive(reader), range(6)))
    for results in zip(*answers, strict=True):
        assert sorted(errors(list(results))) == ["", *["it was asked for already"] * 5]
    for name in "abcd":
        assert asked_for(objects, name) == run_ids(*(10 * ord(name) + at for at in range(8)))


def test_no_client_takes_away_what_another_asked_for_since(
    reader: Facade, objects: Objects, kept: Keep
) -> None:
    names = "abcd"
    for name in names:
        objects.create(name)
        kept(name, *(failed(at) for at in range(7)))
        (first,) = redrive(reader, task_id=name, execution_id=run_ids(0)[0])
        assert first["err"] == ""

    def ask(number: int) -> list[Json]:
        (run,) = run_ids(number)
        return [each for name in names for each in redrive(reader, task_id=name, execution_id=run)]

    # Each with another run, while the annotation names one already.
    with ThreadPoolExecutor(6) as clients:
        answers = list(clients.map(ask, range(1, 7)))
    assert [errors(results) for results in answers] == [[""] * len(names)] * 6
    for name in names:
        assert sorted(asked_for(objects, name)) == run_ids(*range(7))


def test_what_was_made_again_is_told_by_list_runs(
    reader: Facade, objects: Objects, kept: Keep
) -> None:
    objects.create("a")
    (own, _) = kept("a", failed(1), failed(2))
    again = redrive_execution_id(own.uid, own.execution_id)
    kept("a", row(100, execution_id=again, redrive_of=own.execution_id))
    runs = reader.post("list_runs", {})["data"]["run_list"]
    assert [(each["redrive_of"], each["redriven_by"]) for each in runs] == [
        (own.execution_id, ""),
        ("", ""),
        ("", again),
    ]
    (marked,) = reader.post("list_runs", {"redriven": True})["data"]["run_list"]
    assert marked["execution_id"] == own.execution_id
    assert [each["execution_id"] for each in redrive(reader)] == run_ids(2)


def test_what_people_wrote_into_the_annotation_does_no_harm(
    reader: Facade, objects: Objects, kept: Keep
) -> None:
    objects.create("a")
    (own,) = kept("a", failed(1))
    objects.merge("a", {"metadata": {"annotations": {REDRIVE_ANNOTATION: "nonsense @ x" * 999}}})
    assert errors(redrive(reader)) == [""]
    value = objects.get("a")["metadata"]["annotations"][REDRIVE_ANNOTATION]
    assert value == f"{own.execution_id}@2026-03-10T12:00:01Z"
    assert value == format_redrives(parse_redrives(value))


def test_it_needs_the_rights_to_read_and_to_change_the_tasks(
    control_plane: ControlPlane,
    kube: httpx.Client,
    objects: Objects,
    kept: Keep,
    history_url: str,
    namespace: str,
) -> None:
    objects.create("a")
    kept("a", failed(1))
    for name, verbs in (
        ("sees", ("get", "list")),
        ("patches", ("patch",)),
        ("both", ("list", "patch")),
    ):
        create_reader(kube, namespace, name, verbs)
    settings = {
        "CRONTASK_API_AUTH": "kubernetes",
        "CRONTASK_API_ALLOWED_NAMESPACES": "*",
        "CRONTASK_API_HISTORY_URL": history_url,
    }
    with run_facade(control_plane, "default", settings=settings) as program:
        for name, status in (("sees", 403), ("patches", 403), ("both", 200)):
            token = control_plane.kubectl("create", "token", name, "--namespace", namespace)
            headers = {"Authorization": f"Bearer {token.strip()}"}
            for dry_run in (True, False):
                with Facade(program.url, namespace, **headers) as client:
                    body = {"dry_run": dry_run}
                    answer = client.http.post("/crontab/redrive_runs", json=body)
                assert (name, answer.status_code) == (name, status)
                assert bool(asked_for(objects, "a")) is (status == 200 and not dry_run)
        with Facade(program.url, "default", **headers) as client:
            assert client.http.post("/crontab/redrive_runs", json={}).status_code == 403
            assert client.http.post("/crontab/run_stats", json={}).status_code == 403
