"""What redrive_runs cannot use is named, with what was expected."""

import pytest

from tests.facade.client import Facade, Json


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"status": 2}, "status: expected 3, since only failed runs are made again, found 2"),
        ({"redriven": True}, "redriven: expected false"),
        ({"dry_run": 0}, "dry_run: expected true or false, found 0"),
        ({"limit": 501}, "limit: expected less than or equal to 500"),
        ({"cursor": "nonsense"}, "cursor: expected next_cursor"),
    ],
)
def test_what_cannot_be_used_is_named(reader: Facade, options: Json, complaint: str) -> None:
    envelope = reader.post("redrive_runs", options)
    assert envelope["state"] == 1
    assert envelope["msg"].startswith(complaint)
