"""Waiting ends with the condition's value, or with a failure that says what was seen."""

import pytest

from tests.support.wait import eventually, eventually_sync


class Growing:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def three(self) -> int:
        self.asked += 1
        return self.asked if self.asked == 3 else 0

    async def three_async(self) -> int:
        return self.three()


async def test_it_returns_the_first_value_that_is_true() -> None:
    assert await eventually(Growing().three) == 3
    assert await eventually(Growing().three_async) == 3


def test_it_does_so_without_an_event_loop() -> None:
    assert eventually_sync(Growing().three) == 3


async def test_at_the_end_it_says_what_was_waited_for_and_what_there_is() -> None:
    with pytest.raises(AssertionError, match=r"^two runs: not within 0 s; last seen: \[\]$"):
        await eventually(list, timeout=0, describe="two runs")
    with pytest.raises(AssertionError, match=r"^got none: not within 0 s"):
        eventually_sync(list, timeout=0, describe=lambda: "got none")


async def test_an_error_of_the_condition_is_not_hidden() -> None:
    def broken() -> bool:
        raise KeyError("status")

    with pytest.raises(KeyError, match="status"):
        await eventually(broken)
