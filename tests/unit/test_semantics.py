"""That the table of rules is complete, and that every test it names exists."""

import ast
import re
from enum import StrEnum
from functools import cache
from pathlib import Path

import pytest

from crontask_core.enums import (
    ConcurrencyPolicy,
    DstGap,
    DstOverlap,
    MissedRunPolicy,
    Phase,
    Reason,
    RunStatus,
    RunType,
)

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/semantics.md").read_text()
REFERENCE = re.compile(r"`(tests/[\w/]+\.py)::([\w:]+)`")
ROWS = [
    line
    for line in TEXT.splitlines()
    if line.startswith("|") and not line.endswith(("| Shown by |", "| --- |"))
]


@cache
def names_in(path: str) -> set[str]:
    """Return the tests of a file, those of a class with its name before theirs."""
    found = set()
    for node in ast.parse((ROOT / path).read_text()).body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
        for function in inner:
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                found.add(prefix + function.name)
    return found


@pytest.mark.parametrize("row", ROWS, ids=[row.split("|")[1].strip() for row in ROWS])
def test_every_rule_is_shown_by_tests_that_exist(row: str) -> None:
    _, _, behaviour, shown, _ = row.split("|")
    references = REFERENCE.findall(shown)
    assert behaviour.strip()
    assert references
    assert shown.count("::test_") == len(references), "something here is not a reference"
    for path, name in references:
        assert (ROOT / path).is_file(), f"there is no {path}"
        assert name in names_in(path), f"there is no {name} in {path}"


@pytest.mark.parametrize(
    "words",
    [Reason, Phase, RunType, MissedRunPolicy, ConcurrencyPolicy, DstGap, DstOverlap],
    ids=lambda words: words.__name__,
)
def test_every_word_of_the_resource_has_its_rule(words: type[StrEnum]) -> None:
    missing = [word.value for word in words if f"`{word.value}`" not in TEXT]
    assert missing == []


def test_a_record_that_is_not_final_has_its_rule() -> None:
    assert f"`{RunStatus.STARTED}`" in TEXT
