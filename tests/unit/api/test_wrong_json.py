"""A body that is no JSON is told what is wrong with it."""

import pytest

from crontask_api.errors import RequestError
from crontask_api.schemas.items import AddItem
from crontask_api.schemas.requests import Options
from crontask_api.web.body import parse_batch

JSON = "expected JSON in UTF-8"
HALF = "which is half of a surrogate pair"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(b"", f"the body: {JSON}, found nothing", id="nothing"),
        pytest.param(b" \n", f"the body: {JSON}, found nothing", id="white space"),
        pytest.param(
            b'{"task_list": [{"name": "\\ud83d"}]}',
            f"the body: {JSON}, found \\ud83d, {HALF}",
            id="half of a pair",
        ),
        pytest.param(
            b'{"task_list": [{"name": "\\ud83dx"}]}',
            f"the body: {JSON}, found \\ud83d, {HALF}",
            id="half of a pair and more",
        ),
        pytest.param(
            b'{"task_list": [', f"the body: {JSON}, but Input data was truncated", id="cut"
        ),
        pytest.param(b"[]", "the body: expected a JSON object", id="a list"),
    ],
)
def test_wrong_json(body: bytes, message: str) -> None:
    with pytest.raises(RequestError) as error:
        parse_batch(body, Options, AddItem, most=10)
    assert str(error.value) == message
