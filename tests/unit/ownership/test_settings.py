"""Lease times that cannot work together are refused."""

import pytest

from crontask_operator.ownership import LeaseSettings


@pytest.mark.parametrize("seconds", [1, 2, 15, 60, 300])
def test_any_duration_has_settings_in_the_same_proportions(seconds: int) -> None:
    settings = LeaseSettings.for_duration(seconds)

    assert settings.duration_seconds == seconds
    assert settings.validity_seconds == pytest.approx(0.9 * seconds)
    assert settings.renew_seconds == pytest.approx(seconds / 3)


def test_the_default_is_that_of_fifteen_seconds() -> None:
    assert LeaseSettings() == LeaseSettings.for_duration(15)


@pytest.mark.parametrize(
    "field",
    ["duration_seconds", "renew_seconds", "margin_seconds", "request_timeout_seconds"],
)
def test_a_time_of_zero_is_refused_by_name(field: str) -> None:
    with pytest.raises(ValueError, match=f"{field}: expected more than 0, found 0"):
        LeaseSettings(**{field: 0})


def test_a_request_must_be_able_to_time_out_and_be_tried_again() -> None:
    with pytest.raises(
        ValueError,
        match=r"request_timeout_seconds: expected less than duration - margin - renew = 8.5, "
        "found 9",
    ):
        LeaseSettings(request_timeout_seconds=9)
