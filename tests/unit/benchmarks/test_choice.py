"""Which measures a run takes."""

import re

import pytest

from benchmarks.__main__ import parse
from benchmarks.suite import MEASURES, PEERS, chosen


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        pytest.param([], [*MEASURES], id="all but the peers"),
        pytest.param(["--only", "steady,burst"], ["burst", "steady"], id="some, in order"),
        pytest.param(
            ["--peers", "cronjob"],
            [*(name for name in MEASURES if name != "growth"), "cronjob", "growth"],
            id="a peer as well",
        ),
        pytest.param(["--only", "cronjob"], ["cronjob"], id="a peer alone"),
        pytest.param(
            ["--only", "burst", "--peers", "cronjob"], ["burst", "cronjob"], id="some and a peer"
        ),
        pytest.param(
            ["--only", "cronjob", "--peers", "cronjob"], ["cronjob"], id="named twice, taken once"
        ),
    ],
)
def test_measures_are_chosen_by_name(arguments: list[str], names: list[str]) -> None:
    parsed = parse(arguments)

    assert chosen(parsed.only, parsed.peers) == names


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--peers", "burst"], "--peers: expected some of cronjob, got burst"),
        (["--peers", "cronjob,dkron"], "--peers: expected some of cronjob, got dkron"),
        (["--only", "bursts"], f"--only: expected some of {', '.join([*MEASURES, *PEERS])}, got"),
    ],
)
def test_an_unknown_name_is_refused_with_those_known(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse(arguments)

    assert re.sub(r"\s+", " ", message) in re.sub(r"\s+", " ", capsys.readouterr().err)
