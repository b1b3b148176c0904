"""body reads a request's body for the routes: JSON of any content type, in bounds."""

import asyncio
import re
import sys
from dataclasses import dataclass
from typing import Any, Final, Generic

import msgspec
from starlette.requests import Request

from crontask_api.errors import RequestError
from crontask_api.schemas.items import Item
from crontask_api.schemas.parsing import OptionsT, parse_options, unknown_fields
from crontask_api.shown import shown
from crontask_api.web.envelope import MAX_WARNINGS

ITEMS: Final = "task_list"
ITEM_BYTES: Final = 1000
"""What an item takes besides its texts, with its result."""

_BOM: Final = b"\xef\xbb\xbf"
_NESTED: Final[dict[bytes, Any]] = {b"{": {}, b"[": []}
"""No field is a list or an object, so nobody asks what one holds."""

_HALF_A_PAIR: Final = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])")


@dataclass(frozen=True, slots=True)
class Batch(Generic[OptionsT]):
    """A request: its options, its items as the client sent them, and what to warn of."""

    options: OptionsT
    items: list[Any]
    warnings: list[str]

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes: a character may take four."""
        fields = [self.options.__dict__, *self.items]
        warnings = sum(map(sys.getsizeof, self.warnings))
        return warnings + sum(ITEM_BYTES + _size(each) for each in fields)


async def read_body(request: Request, *, limit: int, seconds: float) -> bytes:
    """Return the body.

    Raises
    ------
    RequestError
        With HTTP status 413 as soon as it is known to be longer than `limit` bytes, with
        408 if it is not complete within `seconds`.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise _too_large(limit)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    raise _too_large(limit)
    except TimeoutError as error:
        raise RequestError(f"the body: not complete within {seconds:g} s", status=408) from error
    return bytes(body)


def check_values(body: bytes, *, most: int) -> None:
    """Return if `body`, which is JSON, holds at most about `most` values.

    What is decoded takes time and memory by values rather than by bytes: four megabytes
    of ``[],[],`` are over a million lists, and nobody else is answered meanwhile.

    Raises
    ------
    RequestError
        If there are more.
    """
    # Texts may hold as many of these bytes as they like, and are left out if it matters.
    if _count_values(body) > most:
        outside = body.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2]
        if (found := _count_values(b"".join(outside))) > most:
            raise RequestError(f"the body: expected at most {most} values, found {found}")


def _count_values(body: bytes) -> int:
    # Before each value is a comma, or the begin of the list or the object that it is in.
    return body.count(b",") + body.count(b"[") + body.count(b"{") + 1


def parse_batch(
    body: bytes, options: type[OptionsT], items: type[Item], *, most: int
) -> Batch[OptionsT]:
    """Return the request in `body`.

    Items are counted before any is decoded, so that a list of a hundred thousand costs
    no more than its bytes. Of an item only what can be a field's value is decoded and kept:
    what is nested or unknown can take fifty times its bytes.

    Raises
    ------
    RequestError
        If `body` is no object with right options and a ``task_list`` of at most `most`.
    """
    members = _split_object(body)
    if ITEMS not in members:
        raise RequestError(f"{ITEMS}: required, but not given")
    try:
        raw = msgspec.json.decode(members.pop(ITEMS), type=list[msgspec.Raw])
    except msgspec.ValidationError as error:
        raise RequestError(f"{ITEMS}: expected a list") from error
    if len(raw) > most:
        raise RequestError(f"{ITEMS}: expected at most {most} items, found {len(raw)}")
    batch = _parse_members(members, options)
    known = items.model_fields
    for index, each in enumerate(raw):
        place = f"{ITEMS}[{index}]"
        found = _members(each, place)
        if found is None:
            batch.items.append(_decode(each, place))
        else:
            fields = {name: _decode(value, place) for name, value in found.items()}
            batch.items.append({name: fields[name] for name in fields if name in known})
            batch.warnings.extend(_warnings(items, found, f"{place}: "))
    return batch


def parse_single(body: bytes, options: type[OptionsT]) -> Batch[OptionsT]:
    """Return the request in `body`, of a kind that has no items; empty means no options.

    Raises
    ------
    RequestError
        If `body` is no object with right options.
    """
    return _parse_members(_split_object(body.strip() or b"{}"), options)


def _parse_members(members: dict[str, msgspec.Raw], options: type[OptionsT]) -> Batch[OptionsT]:
    known = options.model_fields
    values = {name: _decode(value, name) for name, value in members.items() if name in known}
    return Batch(parse_options(options, values), [], _warnings(options, members, ""))


def _warnings(model: type[Item] | type[OptionsT], fields: Any, place: str) -> list[str]:
    names = unknown_fields(model, fields)
    # A body can have hundreds of thousands of them; the sentence is bounded.
    warnings = [f"{place}unknown field {shown(name)} ignored" for name in names[:MAX_WARNINGS]]
    if more := len(names) - len(warnings):
        warnings.append(f"{place}{more} more unknown fields ignored")
    return warnings


def _split_object(body: bytes) -> dict[str, msgspec.Raw]:
    """Return the members of the object in `body`, their values not yet decoded."""
    try:
        return msgspec.json.decode(body.removeprefix(_BOM), type=dict[str, msgspec.Raw])
    except msgspec.ValidationError as error:
        raise RequestError("the body: expected a JSON object") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RequestError(f"the body: {_problem(body, error)}") from error


def _members(raw: msgspec.Raw, place: str) -> dict[str, msgspec.Raw] | None:
    """Return the members of the object in `raw`, or None if it is none."""
    try:
        return msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError:
        return None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RequestError(f"{place}: {_problem(raw, error)}") from error


def _decode(raw: msgspec.Raw, place: str) -> Any:
    """Return the text, the number, the boolean or the null in `raw`; else an empty value."""
    first = bytes(memoryview(raw)[:1])
    if first in _NESTED:
        return _NESTED[first]
    try:
        return msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RequestError(f"{place}: {_problem(raw, error)}") from error


def _size(fields: Any) -> int:
    values = fields.values() if isinstance(fields, dict) else (fields,)
    return sum(map(sys.getsizeof, values))


def _problem(data: bytes | msgspec.Raw, error: Exception) -> str:
    """Return why `data` is no JSON. The decoder says of much that it was cut."""
    expected = "expected JSON in UTF-8"
    text = bytes(data)
    if not text.strip():
        return f"{expected}, found nothing"
    if (half := _HALF_A_PAIR.search(text)) is not None and "truncated" in str(error):
        return f"{expected}, found {half[0].decode()}, which is half of a surrogate pair"
    return f"{expected}, but {error}"


def _too_large(limit: int) -> RequestError:
    return RequestError(f"the body: expected at most {limit} bytes", status=413)
