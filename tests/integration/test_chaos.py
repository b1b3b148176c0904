"""Random stories: operators, API server and network fail while tasks are edited and fire.

``make chaos SECONDS=.. SEED=..`` plays longer ones.
"""

from collections.abc import Iterator

import pytest

from chaos.plan import draw
from chaos.play.story import play
from chaos.profiles import ANYTHING, KEPT, ROLLING_IN_SHORT, Profile
from dev.control_plane import ControlPlane

STORIES = ((1, ANYTHING), (2, KEPT), (3, ANYTHING))
"""Seeds of stories, a minute and a half each, one of them with a history."""
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
@pytest.mark.parametrize(
    ("seed", "profile"),
    [pytest.param(*story, id=f"{story[1].name}-{story[0]}") for story in STORIES],
)
def test_nothing_is_lost_or_repeated_in_a_random_story(
    control_plane: ControlPlane, namespace: str, seed: int, profile: Profile
) -> None:
    tell(seed, SECONDS, profile, (control_plane, namespace))


def test_a_rolling_update_loses_and_repeats_nothing(
    control_plane: ControlPlane, namespace: str
) -> None:
    tell(1, ROLLING_SECONDS, ROLLING_IN_SHORT, (control_plane, namespace))
