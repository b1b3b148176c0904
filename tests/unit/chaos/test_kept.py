"""That the judge knows the attempts that the history has, as soon as they can be there."""

from pathlib import Path

from chaos.evidence import Account, Seen
from chaos.play.kept import WRITTEN_SECONDS, add_kept, url_of
from crontask_history.opening import open_history
from crontask_history.url import parse_history_url
from tests.history.rows import NOON, failed, row, started

UID = row().uid


async def test_attempts_that_have_ended_are_known(tmp_path: Path) -> None:
    file = tmp_path / "a folder" / "runs.db"
    file.parent.mkdir()
    store = open_history(parse_history_url(url_of(file)), connections=1)
    await store.prepare()
    await store.append([row(1), failed(2), started(3), row(4, uid="other")])
    await store.close()
    noon = NOON.timestamp()
    one, two, four = (f"{number:032x}" for number in (1, 2, 4))
    # The status told of the second when the row of it can have been there, and of the first late.
    told = {
        (one, 1): Seen("Succeeded", "OK", noon + 60),
        (two, 1): Seen("Failed", "UnexpectedStatus", noon + 2.1),
    }
    accounts = add_kept({UID: Account(records=told)}, file)
    assert accounts[UID].records == {
        (one, 1): Seen("Succeeded", "OK", noon + 1.031 + WRITTEN_SECONDS),
        (two, 1): Seen("Failed", "UnexpectedStatus", noon + 2.1),
    }
    assert set(accounts["other"].records) == {(four, 1)}


def test_before_an_operator_has_made_the_file_nothing_is_known(tmp_path: Path) -> None:
    assert add_kept({}, tmp_path / "runs.db") == {}
