"""Reading a request's body: JSON under any content type, within bounds."""

from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from starlette.requests import Request

from crontask_api.errors import RequestError
from crontask_api.schemas.items import Item
from crontask_api.schemas.parsing import shown, unknown_fields

_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Batch:
    """The items of a request, each as the JSON value that the client sent."""

    items: list[Any]
    warnings: list[str] = field(default_factory=list)


async def read_body(request: Request, limit: int) -> bytes:
    """Return the body.

    Raises
    ------
    RequestError
        With HTTP status 413 as soon as it is known to be longer than `limit` bytes.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise _too_large(limit)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


def parse_object(body: bytes) -> dict[str, msgspec.Raw]:
    """Return the members of the object in `body`, their values not yet decoded.

    Raises
    ------
    RequestError
        If `body` is not a JSON object.
    """
    try:
        return msgspec.json.decode(body.removeprefix(_BOM), type=dict[str, msgspec.Raw])
    except msgspec.ValidationError as error:
        raise RequestError("the body: expected a JSON object") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RequestError(f"the body: expected JSON in UTF-8, but {error}") from error


def parse_batch(body: bytes, model: type[Item], *, most: int) -> Batch:
    """Return the items of ``task_list`` in `body`.

    Items are counted before any is decoded, so that a list of a hundred thousand costs
    no more than its bytes.

    Raises
    ------
    RequestError
        If `body` is no object with a ``task_list`` of at most `most` items.
    """
    members = parse_object(body)
    if "task_list" not in members:
        raise RequestError("task_list: required, but not given")
    try:
        raw = msgspec.json.decode(members.pop("task_list"), type=list[msgspec.Raw])
    except msgspec.ValidationError as error:
        raise RequestError("task_list: expected a list") from error
    if len(raw) > most:
        raise RequestError(f"task_list: expected at most {most} items, found {len(raw)}")
    batch = Batch([_decode(item, index) for index, item in enumerate(raw)])
    batch.warnings.extend(f"unknown field {shown(name)} is ignored" for name in members)
    for index, item in enumerate(batch.items):
        batch.warnings.extend(
            f"task_list[{index}]: unknown field {shown(name)} is ignored"
            for name in unknown_fields(model, item)
        )
    return batch


def _decode(raw: msgspec.Raw, index: int) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise RequestError(f"task_list[{index}]: expected JSON in UTF-8, but {error}") from error


def _too_large(limit: int) -> RequestError:
    return RequestError(f"the body: expected at most {limit} bytes", status=413)
