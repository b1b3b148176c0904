"""From a JSON object to a typed item, or to an error that names every wrong field."""

import json
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from crontask_api.codes import Code
from crontask_api.errors import ItemError
from crontask_api.schemas.items import Item

_CODES: Final = {
    "type": Code.BAD_TYPE,
    "start_time": Code.BAD_START_TIME,
    "url": Code.BAD_CALLBACK,
    "method": Code.BAD_CALLBACK,
}

MAX_SHOWN = 80
"""Characters of a wrong value that a message repeats."""

ItemT = TypeVar("ItemT", bound=Item)


def parse_item(model: type[ItemT], fields: object) -> ItemT:
    """Return `fields` as a `model`.

    Raises
    ------
    ItemError
        With the code of the first wrong field that has one of its own, and a message
        about all wrong fields.
    """
    if not isinstance(fields, dict):
        raise ItemError(Code.BAD_ITEM, f"expected an object, found {shown(fields)}")
    given = {name: value for name, value in fields.items() if value is not None}
    try:
        return model.model_validate(given)
    except ValidationError as error:
        # A field of a union type reports once for each member: one is enough.
        wrong: dict[str, str] = {}
        for problem in error.errors(include_url=False):
            field = str(problem["loc"][0])
            wrong.setdefault(field, _sentence(field, problem["type"], problem["msg"], given))
        code = next((_CODES[field] for field in wrong if field in _CODES), Code.BAD_ITEM)
        raise ItemError(code, "; ".join(wrong.values())) from error


def unknown_fields(model: type[Item], fields: object) -> list[str]:
    """Return the names in `fields` that no item of this kind has."""
    if not isinstance(fields, dict):
        return []
    return [name for name in fields if name not in model.model_fields]


def shown(value: Any) -> str:
    """Return `value` as JSON, cut to a length that suits a message."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}..."


def _sentence(field: str, kind: str, message: str, given: dict[str, Any]) -> str:
    if kind == "missing":
        return f"{field}: required, but not given"
    text = message.removeprefix("Value error, ").replace("Input should be", "expected")
    return f"{field}: {text[0].lower()}{text[1:]}, found {shown(given[field])}"
