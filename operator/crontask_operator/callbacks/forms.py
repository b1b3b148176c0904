"""A form body from the JSON object that a task holds."""

import json
from urllib.parse import urlencode


def encode_form(body: str) -> str:
    """Return `body` as ``application/x-www-form-urlencoded`` text.

    A JSON object becomes one pair per member: text as it is, numbers and booleans as
    JSON writes them, null as nothing, an object as JSON text, a list as one pair per
    element. Anything else is taken for a form that is encoded already.
    """
    try:
        members = json.loads(body)
    except ValueError:
        return body
    if not isinstance(members, dict):
        return body
    return urlencode(
        [
            (name, _text(element))
            for name, value in members.items()
            for element in (value if isinstance(value, list) else (value,))
        ]
    )


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
