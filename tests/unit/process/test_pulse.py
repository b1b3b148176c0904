"""A pause of the process and a clock that is set back are noticed."""

from dataclasses import dataclass, field

import pytest

from crontask_operator.process.pulse import PAUSE_SECONDS, SET_BACK_SECONDS, Pulse


@dataclass
class Machine:
    """Two clocks, and what the pulse tells."""

    seconds: float = 100.0
    lead: float = 1000.0
    told: list[str] = field(default_factory=list)
    steady_when_told: bool = True

    def __post_init__(self) -> None:
        self.pulse = Pulse(
            self._paused,
            lambda: self.told.append("set back"),
            clock=lambda: self.seconds,
            wall=lambda: self.seconds + self.lead,
        )
        self.pulse.beat()

    def _paused(self) -> None:
        self.told.append("paused")
        self.steady_when_told = self.pulse.is_steady()


@pytest.mark.parametrize(("seconds", "told"), [(0.25, []), (1.01, ["paused"]), (9, ["paused"])])
def test_a_pause_is_told_before_the_pulse_is_steady_again(seconds: float, told: list[str]) -> None:
    machine = Machine()
    machine.seconds += seconds
    assert machine.pulse.is_steady() == (seconds <= PAUSE_SECONDS)
    machine.pulse.beat()
    assert machine.told == told
    assert machine.steady_when_told == (not told)
    assert machine.pulse.is_steady()


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([-SET_BACK_SECONDS], []),
        ([-SET_BACK_SECONDS - 1], ["set back"]),
        ([3600], []),
        ([3600, -3600], ["set back"]),
        ([-6, -6], ["set back"]),
        ([-60, 0, 0], ["set back"]),
    ],
)
def test_a_clock_that_is_set_back_is_told_once(steps: list[float], told: list[str]) -> None:
    machine = Machine()
    for step in steps:
        machine.seconds += 0.25
        machine.lead += step
        machine.pulse.beat()
    assert machine.told == told
