"""That the table of rules is complete, and that every test it names exists."""

from enum import StrEnum

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
from crontask_operator.task.notices import Notice
from tests.support.documented import ROOT, check_claim, claims

DOCUMENT = "docs/semantics.md"
TEXT = (ROOT / DOCUMENT).read_text()
ROWS = claims(DOCUMENT)


@pytest.mark.parametrize("row", ROWS, ids=[row.split("|")[1].strip() for row in ROWS])
def test_every_rule_is_shown_by_tests_that_exist(row: str) -> None:
    check_claim(row)


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


def test_every_event_is_listed() -> None:
    (row,) = (row for row in ROWS if row.startswith("| Events |"))

    assert [notice.reason for notice in Notice if f"`{notice.reason}`" not in row] == []
