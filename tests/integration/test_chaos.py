"""Random stories: operators, API server and network fail while tasks are edited and fire.

``make chaos SECONDS=.. SEED=..`` plays longer ones.
"""

from collections.abc import Iterator

import pytest

from chaos.plan import draw
from chaos.play.story import play
from chaos.profiles import ANYTHING, ROLLING_IN_SHORT, Profile
from dev.control_plane import ControlPlane

SEEDS = (1, 2, 3)
"""Of stories without a history, a minute and a half each; ``PROFILE=kept`` plays with one."""
SECONDS = 60
ROLLING_SECONDS = 40


@pytest.fixture
def _comes_back(control_plane: ControlPlane, api_server_comes_back: None) -> Iterator[None]:
    yield
    control_plane.install_crds()


def tell(seed: int, seconds: float, profile: Profile, where: tuple[ControlPlane, str]) -> None:
    """Play a story, and fail with all that is needed to repeat it."""
    plan = draw(seed, seconds, profile)
    control_plane, namespace = where
    report = play(plan, control_plane, namespace, control_plane.folder)
    assert not report.findings, f"{report}\n{plan}"


@pytest.mark.usefixtures("_comes_back")
@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_or_repeated_in_a_random_story(
    control_plane: ControlPlane, namespace: str, seed: int
) -> None:
    tell(seed, SECONDS, ANYTHING, (control_plane, namespace))


def test_a_rolling_update_loses_and_repeats_nothing(
    control_plane: ControlPlane, namespace: str
) -> None:
    tell(1, ROLLING_SECONDS, ROLLING_IN_SHORT, (control_plane, namespace))
