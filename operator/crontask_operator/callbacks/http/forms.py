"""forms makes a form body of the JSON object that a task holds, for its request."""

import json
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote_plus

MAX_PAIRS: Final = 10_000
"""Pairs of a form. Web servers commonly take a thousand."""

MAX_FORM_BYTES: Final = 1024 * 1024
"""Bytes of an encoded form. The body it comes from has at most 256 KiB, but a list repeats
its member's name with each element, and a character may become nine."""


class FormError(ValueError):
    """A form body cannot be encoded; the message says why, without the body."""


def encode_form(body: str) -> str:
    """Return `body` as ``application/x-www-form-urlencoded`` text.

    A JSON object becomes one pair per member: text as it is, numbers and booleans as
    JSON writes them, null as nothing, an object as JSON text, a list as one pair per
    element. Anything else is taken for a form that is encoded already.

    Raises
    ------
    FormError
        If the object nests too deep, holds half of a surrogate pair, or makes more than
        `MAX_PAIRS` pairs or `MAX_FORM_BYTES` bytes.
    """
    if not body.lstrip().startswith("{"):
        return body
    try:
        members = json.loads(body)
        return "&".join(_bounded(_pairs(members)))
    except RecursionError:
        raise FormError("expected JSON with fewer levels in each other") from None
    except UnicodeEncodeError:
        raise FormError("expected text of whole characters, got half of a surrogate pair") from None
    except FormError:
        raise
    except ValueError:
        return body


def _pairs(members: dict[str, object]) -> Iterator[str]:
    for name, value in members.items():
        quoted = quote_plus(name)
        for element in value if isinstance(value, list) else (value,):
            yield f"{quoted}={quote_plus(_text(element))}"


def _bounded(pairs: Iterator[str]) -> Iterator[str]:
    size = 0
    for number, pair in enumerate(pairs):
        size += len(pair) + 1
        if number >= MAX_PAIRS or size > MAX_FORM_BYTES:
            raise FormError(
                f"expected a form of at most {MAX_PAIRS} pairs and {MAX_FORM_BYTES} bytes"
            )
        yield pair


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
