"""How a task stands is said in the visitor's language, as far as a reason says all of it."""

from datetime import timedelta

import pytest

from crontask_api.console.task.conditions import shown_conditions
from crontask_api.console.words.language import Language
from crontask_core.status import Condition
from tests.unit.console.tasks import NOW

MESSAGE = "spec.schedule: expected five fields"


def _condition(kind: str, reason: str, status: str = "True") -> Condition:
    return Condition(
        type=kind,
        status=status,
        reason=reason,
        message=MESSAGE,
        last_transition_time=NOW - timedelta(hours=2),
        observed_generation=1,
    )


@pytest.mark.parametrize(
    ("condition", "kind", "english", "chinese", "has_message"),
    [
        (("Accepted", "Accepted"), "good", "The definition is valid.", "定义有效", False),
        (
            ("Accepted", "BadSchedule", "False"),
            "bad",
            "The definition cannot be used:",
            "定义无法使用",
            True,
        ),
        (("Ready", "Active"), "good", "It runs whenever it is due.", "到时间即运行。", False),
        (
            ("Finished", "Succeeded"),
            "good",
            "It has run, and will not run again.",
            "已经运行",
            False,
        ),
        (
            ("Finished", "Failed"),
            "bad",
            "It has run, and will not run again:",
            "已经运行",
            True,
        ),
        (("Paused", "ByAnother"), "good", "Paused:", "Paused:", True),
    ],
)
def test_what_is_shown(
    condition: tuple[str, ...], kind: str, english: str, chinese: str, has_message: bool
) -> None:
    for code, words in (("en", english), ("zh", chinese)):
        (shown,) = shown_conditions([_condition(*condition)], Language(code), NOW.timestamp())
        assert (shown.kind, bool(shown.message)) == (kind, has_message)
        assert shown.words.startswith(words)


def test_what_only_repeats_others_is_left_out() -> None:
    repeated = [
        _condition("Ready", "BadSchedule", "False"),
        _condition("Stalled", "BadSchedule"),
        _condition("Ready", "Succeeded"),
    ]
    assert shown_conditions(repeated, Language("en"), NOW.timestamp()) == []
