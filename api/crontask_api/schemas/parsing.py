"""parsing makes typed requests of JSON values, for the routes, and names every wrong field."""

import re
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from crontask_api.codes import Code
from crontask_api.errors import ItemError, RequestError
from crontask_api.schemas.items import Item
from crontask_api.schemas.requests import Options
from crontask_api.shown import shown

_CODES: Final = {
    "type": Code.BAD_TYPE,
    "start_time": Code.BAD_START_TIME,
    "time_zone": Code.BAD_START_TIME,
    "url": Code.BAD_CALLBACK,
    "method": Code.BAD_CALLBACK,
}

ItemT = TypeVar("ItemT", bound=Item)
OptionsT = TypeVar("OptionsT", bound=Options)


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
    given = _without_nulls(fields)
    try:
        return model.model_validate(given)
    except ValidationError as error:
        wrong = _complaints(error, given)
        code = next((_CODES[field] for field in wrong if field in _CODES), Code.BAD_ITEM)
        raise ItemError(code, "; ".join(wrong.values())) from error


def parse_options(model: type[OptionsT], members: dict[str, Any]) -> OptionsT:
    """Return the `members` of a request as a `model`.

    Raises
    ------
    RequestError
        With a message about all wrong members.
    """
    given = _without_nulls(members)
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise RequestError("; ".join(_complaints(error, given).values())) from error


def unknown_fields(model: type[BaseModel], fields: object) -> list[str]:
    """Return the names in `fields` that `model` does not have."""
    if not isinstance(fields, dict):
        return []
    return [name for name in fields if name not in model.model_fields]


def _without_nulls(fields: dict[str, Any]) -> dict[str, Any]:
    # A client with nullable fields sends null for what it does not set.
    return {name: value for name, value in fields.items() if value is not None}


def _complaints(error: ValidationError, given: dict[str, Any]) -> dict[str, str]:
    # A field of a union type reports once for each member: one is enough.
    wrong: dict[str, str] = {}
    for problem in error.errors(include_url=False):
        field = str(problem["loc"][0])
        wrong.setdefault(field, _sentence(field, problem["type"], problem["msg"], given))
    return wrong


def _sentence(field: str, kind: str, message: str, given: dict[str, Any]) -> str:
    if kind == "missing":
        return f"{field}: required, but not given"
    text = message.removeprefix("Value error, ")
    text = re.sub(r"^(Input should be|String should have)", "expected", text)
    return f"{field}: {text}, found {shown(given[field])}"
