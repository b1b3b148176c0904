"""That every claim of docs/security.md names its tests, and that these exist."""

import pytest

from tests.support.documented import ROOT, check_claim, check_references, claims

DOCUMENT = "docs/security.md"
ACTORS = "| Who |"
CLAIMS = [row for row in claims(DOCUMENT) if "::test_" in row.rsplit("|", 2)[1]]


def test_only_the_table_of_actors_makes_no_claims() -> None:
    text = (ROOT / DOCUMENT).read_text()
    actors = text[text.index(ACTORS) :].partition("\n\n")[0].splitlines()

    unshown = [row for row in claims(DOCUMENT) if row not in CLAIMS]

    assert [row for row in unshown if row not in actors] == []


@pytest.mark.parametrize("row", CLAIMS, ids=[row.split("|")[1].strip() for row in CLAIMS])
def test_every_claim_is_shown_by_tests_that_exist(row: str) -> None:
    check_claim(row)


def test_the_tests_that_the_prose_names_exist() -> None:
    prose = [line for line in (ROOT / DOCUMENT).read_text().splitlines() if line[:1] != "|"]

    check_references("\n".join(prose), at_least=3)
