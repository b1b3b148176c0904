"""The development stack notices when one of its parts has gone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.control_plane import ControlPlane
from dev.processes import Child, ChildFailedError
from dev.programs import Program
from dev.stack import Stack


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """Three parts that only wait, and a control plane that was never started."""
    script = ["/bin/sh", "-c", "sleep 1000"]
    names = ("operator", "facade", "echo target")
    children = [Child.start(name, script, log=tmp_path / name) for name in names]
    control_plane = ControlPlane()
    operator, facade, echo = (Program(child, "") for child in children)
    yield Stack(control_plane, operator, facade, echo)
    for child in children:
        child.kill()
    control_plane.stop()


def test_nothing_is_wrong_while_all_run(stack: Stack) -> None:
    stack.check()


@pytest.mark.parametrize("name", ["operator", "facade", "echo target"])
def test_a_part_that_ended_is_named(stack: Stack, name: str) -> None:
    parts = (stack.operator, stack.facade, stack.echo)
    next(part.child for part in parts if part.child.name == name).kill()

    with pytest.raises(ChildFailedError, match=f"^{name} ended with exit code -9"):
        stack.check()


def test_an_operator_that_was_told_to_end_is_replaced(stack: Stack, tmp_path: Path) -> None:
    def begin(name: str, script: str) -> Program:
        return Program(Child.start(name, ["/bin/sh", "-c", script], log=tmp_path / name), "")

    stack.operator.child.kill()
    stack.operator = begin("told to end", "exit 0")
    stack.operator.child.wait(30)
    other = begin("other", "sleep 1000")
    stack.replace_operator = lambda: other
    stack.check()
    assert stack.operator is other
    other.child.kill()
    with pytest.raises(ChildFailedError, match=r"^other ended with exit code -9"):
        stack.check()


def test_the_tails_are_those_of_the_operator_and_the_facade(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "operator").write_text("I fire\n")
    (tmp_path / "facade").write_text("I answer\n")

    assert stack.log_tails() == (
        f"the end of {tmp_path / 'operator'}:\nI fire\nthe end of {tmp_path / 'facade'}:\nI answer"
    )
