"""docs/cli.md says what the program says."""

import re

from crontask_cli import errors
from crontask_cli.registry import COMMANDS
from crontask_cli.start import FAULT
from dev.generate_cli import DOCUMENT, document

TEXT = DOCUMENT.read_text("utf-8")


def test_the_reference_is_the_help() -> None:
    assert document(TEXT) == TEXT, "run python -m dev.generate_cli"


def test_every_exit_status_is_there() -> None:
    listed = {int(number) for number in re.findall(r"(?m)^\| (\d+) \|", TEXT)}
    assert listed >= {errors.FAILED, errors.MISTAKE, errors.NEVER_FIRES, errors.NOT_WELL, FAULT}


def test_every_example_is_a_command() -> None:
    named = set(re.findall(r"(?m)(?:^|\|\| |<\()crontask ([a-z]+)", TEXT))
    assert named
    assert named <= set(COMMANDS)
