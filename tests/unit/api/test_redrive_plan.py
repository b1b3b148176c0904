"""Which runs of a task may be asked for now, by how the task and the history stand."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from crontask_api.service.redrive_plan import Standing, plan_redrives
from crontask_core.redrive import MAX_REDRIVES, Redrive
from crontask_history.row import RunRow
from tests.history.rows import failed


def run(number: int) -> RunRow:
    """Return the only attempt of a run that failed."""
    return failed(number)


def asked(*numbers: int) -> tuple[Redrive, ...]:
    """Return what the annotation says of the runs."""
    return tuple(Redrive(run(at).execution_id, run(at).scheduled_time) for at in numbers)


def ids(*numbers: int) -> set[str]:
    """Return the execution ids of the runs."""
    return {run(at).execution_id for at in numbers}


def test_runs_are_asked_for_in_order() -> None:
    standing = Standing(asked=(), answered=(), open=ids(1, 2, 3), under_way=())
    plan = plan_redrives(standing, [run(1), run(2), run(3)])
    assert (plan.asked, plan.refusals) == (asked(1, 2, 3), {})


def test_each_refusal_says_why() -> None:
    standing = Standing(asked=asked(1), answered=(), open=ids(1, 3, 4), under_way=ids(3))
    plan = plan_redrives(standing, [run(1), run(2), run(3), run(4)])
    assert plan.asked == asked(1, 4)
    assert [plan.refusals[run(at).execution_id].split(",")[0] for at in (1, 2, 3)] == [
        "it was asked for already",
        "it was made again meanwhile",
        "a further attempt of it is under way",
    ]


def test_ten_are_asked_for_and_the_rest_is_to_come_later() -> None:
    standing = Standing(asked=asked(0, 1), answered=(), open=ids(*range(20)), under_way=())
    plan = plan_redrives(standing, [run(at) for at in range(2, 20)])
    assert plan.asked == asked(*range(10))
    assert plan.refusals.keys() == ids(*range(10, 20))
    assert "ask for it later" in plan.refusals[run(10).execution_id]


def test_one_leaves_when_it_was_made_again_and_is_marked() -> None:
    full = asked(*range(10))
    for answered, is_open in (((), True), (ids(0), True), ((), False)):
        open_now = ids(10) | (ids(0) if is_open else set())
        standing = Standing(asked=full, answered=answered, open=open_now, under_way=())
        assert plan_redrives(standing, [run(10)]).asked == full
    standing = Standing(asked=full, answered=ids(0), open=ids(10), under_way=())
    assert plan_redrives(standing, [run(10)]).asked == asked(*range(1, 11))


def test_one_that_was_asked_for_in_the_same_request_does_not_leave() -> None:
    standing = Standing(
        asked=asked(0), answered=ids(*range(30)), open=ids(*range(1, 30)), under_way=()
    )
    plan = plan_redrives(standing, [run(at) for at in range(1, 30)])
    assert plan.asked == asked(*range(1, 11))


@given(st.data())
def test_no_run_is_made_again_twice_whoever_asks_in_whatever_order(data: st.DataObject) -> None:
    """Clients read, then write if the annotation is as they read it; an operator answers."""
    annotation: tuple[Redrive, ...] = ()
    answered: list[str] = []
    marked: set[str] = set()
    made: list[str] = []
    said: list[tuple[Redrive, ...]] = []
    runs = [run(at) for at in range(16)]
    readers: dict[int, tuple[tuple[Redrive, ...], Standing]] = {}
    for _ in range(data.draw(st.integers(1, 60))):
        step = data.draw(st.sampled_from(["read", "write", "answer", "mark"]))
        client = data.draw(st.integers(0, 2))
        if step == "read":
            is_open = {each.execution_id for each in runs} - marked
            standing = Standing(
                asked=annotation, answered=tuple(answered), open=is_open, under_way=()
            )
            readers[client] = (annotation, standing)
        elif step == "write" and client in readers:
            before, standing = readers.pop(client)
            wanted = data.draw(st.lists(st.sampled_from(runs), unique_by=lambda each: each.run))
            plan = plan_redrives(standing, wanted)
            if before == annotation and plan.asked != annotation:
                annotation = plan.asked
                assert annotation not in said
                said.append(annotation)
        elif step == "answer":
            names = [redrive.execution_id for redrive in annotation]
            answered = [each for each in answered if each in names]
            for each in [each for each in names if each not in answered][:1]:
                answered.append(each)
                made.append(each)
        elif step == "mark":
            marked |= set(made[: data.draw(st.integers(0, len(made)))])
    assert len(made) == len(set(made))


def test_an_entry_keeps_the_moment_that_the_run_was_due() -> None:
    standing = Standing(asked=(), answered=(), open=ids(1), under_way=())
    late = failed(1, begin_time=run(1).begin_time + timedelta(days=1))
    assert plan_redrives(standing, [late]).asked == asked(1)


def test_as_many_as_the_operator_takes() -> None:
    assert MAX_REDRIVES == 10
