"""That every symptom of docs/troubleshooting.md names the test that brings it about."""

import pytest

from tests.support.documented import check_claim, claims

ROWS = claims("docs/troubleshooting.md")


@pytest.mark.parametrize("row", ROWS, ids=[row.split("|")[1].strip() for row in ROWS])
def test_every_symptom_is_brought_about_by_a_test_that_exists(row: str) -> None:
    check_claim(row)
