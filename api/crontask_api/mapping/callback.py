"""callback maps ``url``, ``method``, ``body`` and ``body_type`` for `task` and `view`."""

import re
from typing import Any, Final

from crontask_api.codes import BodyTypeNumber, Code
from crontask_api.errors import ItemError
from crontask_api.shown import shown
from crontask_core.enums import BodyType
from crontask_core.spec import Callback

RPC: Final = "rpc"
METHODS: Final = ("post", "get", RPC)

_BODY_TYPES: Final = {
    BodyTypeNumber.JSON: BodyType.JSON,
    BodyTypeNumber.FORM: BodyType.FORM,
}
_BODY_TYPE_NUMBERS: Final = {word: number for number, word in _BODY_TYPES.items()}

_RPC_URL: Final = re.compile(r"(?P<address>[^/\s]+:\d+)/(?P<service>[^/\s]+)\.(?P<method>[^./\s]+)")
_HTTP_URL: Final = re.compile(r"https?://.", re.IGNORECASE)


def parse_method(text: str) -> str:
    """Return `text` in lower case.

    Raises
    ------
    ItemError
        If it is none of the document's methods.
    """
    method = text.strip().lower()
    if method not in METHODS:
        raise _wrong(f"method: expected post, get or rpc, found {shown(text)}")
    return method


def to_callback(
    *, url: str, method: str, body: str, body_type: BodyTypeNumber | None
) -> dict[str, Any]:
    """Return ``spec.callback`` for a checked `method`; the API server checks the rest.

    Raises
    ------
    ItemError
        If `url` has not the form that `method` needs.
    """
    if method == RPC:
        return {"grpc": _to_grpc(url, body, body_type)}
    if not _HTTP_URL.match(url):
        raise _wrong(f"url: method {method} needs http:// or https://, found {shown(url)}")
    http: dict[str, Any] = {"url": url, "method": method.upper()}
    if body:
        http["body"] = body
    if body_type is not None:
        http["bodyType"] = _BODY_TYPES[body_type]
    return {"http": http}


def from_callback(callback: Callback) -> dict[str, Any]:
    """Return the documented fields of `callback`."""
    if callback.grpc is not None:
        grpc = callback.grpc
        return {
            "url": f"{grpc.address}/{grpc.service}.{grpc.method}",
            "method": RPC,
            "body": grpc.body,
            "body_type": BodyTypeNumber.JSON,
        }
    http = callback.http
    if http is None:
        return {"url": "", "method": "", "body": "", "body_type": BodyTypeNumber.JSON}
    return {
        "url": http.url,
        "method": http.method.lower(),
        "body": http.body,
        "body_type": _BODY_TYPE_NUMBERS[http.body_type],
    }


def _to_grpc(url: str, body: str, body_type: BodyTypeNumber | None) -> dict[str, Any]:
    parts = _RPC_URL.fullmatch(url)
    if parts is None:
        raise _wrong(f"url: method rpc needs addr:port/handler.function, found {shown(url)}")
    if body_type is BodyTypeNumber.FORM:
        raise ItemError(Code.BAD_ITEM, "body_type: an rpc body is JSON (1), found 2 (form)")
    grpc: dict[str, Any] = dict(parts.groupdict())
    if body:
        grpc["body"] = body
    return grpc


def _wrong(message: str) -> ItemError:
    return ItemError(Code.BAD_CALLBACK, message)
