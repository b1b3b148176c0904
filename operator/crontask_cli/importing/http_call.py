"""http_call makes ``spec.callback.http`` of a request that another system sends.

A CronTask is read by more people than a crontab is. A header that may hold a credential is
therefore taken from a Secret, which the user makes; its value is repeated nowhere.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from crontask_cli.importing.found import (
    MAX_DELAY_SECONDS,
    MAX_TIMEOUT_SECONDS,
    MOST_RETRIES,
    Draft,
    NotConvertible,
    shown,
)

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
MAX_URL: Final = 2048
MOST_HEADERS: Final = 32
MAX_HEADER_VALUE: Final = 4096
MAX_BODY_BYTES: Final = 262_144
MOST_REDIRECTS: Final = 10

_HEADER: Final = re.compile(r"[0-9A-Za-z!#$%&'*+.^_`|~-]{1,256}")
_OF_THE_OPERATOR: Final = re.compile(
    r"connection|content.length|expect|idempotency.key|keep.alive|proxy.connection|te|trailer"
    r"|transfer.encoding|upgrade|x.crontask.*",
    re.IGNORECASE,
)
"""As in the CRD."""
_SECRET: Final = re.compile(
    r"auth|cookie|credential|key|pass|secret|session|signature|token", re.IGNORECASE
)
_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(slots=True)
class HttpCall:
    """A request, and what counts as success; None is what a CronTask does by default."""

    url: str
    method: str = "POST"
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: str = ""
    secrets: list[tuple[str, str, str]] = field(default_factory=list)
    """Headers that a Secret holds already: name of the header, Secret and key."""
    redirects: int = 0
    insecure: bool = False
    timeout: int | None = None
    """Seconds; 0 for as long as it takes."""
    status_codes: list[str] | None = None
    body_regex: str = ""


def put_call(draft: Draft, call: HttpCall) -> None:
    """Write `call` into the spec of `draft`.

    Raises
    ------
    NotConvertible
        If a CronTask cannot send it.
    """
    url = _checked_url(draft, call)
    method = call.method.upper()
    if method not in METHODS:
        raise NotConvertible(f"the method {shown(call.method)} is none of {', '.join(METHODS)}")
    http: dict[str, Any] = {"url": url, "method": method}
    if headers := _headers(draft, call):
        http["headers"] = headers
    if call.body and method in ("GET", "HEAD"):
        draft.note(f"the body: a {method} sends none")
    elif call.body:
        if len(call.body.encode()) > MAX_BODY_BYTES:
            raise NotConvertible(f"the body is longer than {MAX_BODY_BYTES} bytes")
        if "\0" in call.body:
            raise NotConvertible("the body is no text")
        http["body"] = call.body
    if call.redirects:
        http["followRedirects"] = min(call.redirects, MOST_REDIRECTS)
    if call.insecure and url.lower().startswith("https:"):
        http["tls"] = {"insecureSkipVerify": True}
    draft.spec["callback"] = {"http": http}
    if call.timeout is not None:
        _put_timeout(draft, call.timeout)
    expect: dict[str, Any] = {}
    if call.status_codes is not None and call.status_codes != ["200-299"]:
        expect["statusCodes"] = call.status_codes
    if call.body_regex:
        expect["bodyRegex"] = call.body_regex
    if expect:
        draft.spec["expect"] = expect


def put_delays(draft: Draft, delays: list[int], retry_on: list[str] | None = None) -> None:
    """Write the seconds before each further attempt into the spec of `draft`."""
    if len(delays) > MOST_RETRIES:
        draft.note(f"{len(delays)} retries: {MOST_RETRIES} is the most")
    retry: dict[str, Any] = {
        "delaysSeconds": [min(each, MAX_DELAY_SECONDS) for each in delays[:MOST_RETRIES]]
    }
    if retry_on:
        retry["retryOn"] = retry_on
    if delays:
        draft.spec["retry"] = retry


def _put_timeout(draft: Draft, seconds: int) -> None:
    if seconds > MAX_TIMEOUT_SECONDS:
        draft.note(f"a timeout of {seconds} s: {MAX_TIMEOUT_SECONDS} s is the longest")
    if seconds < 0:
        raise NotConvertible(f"found a timeout of {seconds} s, expected one from 0 on")
    draft.spec["timeoutSeconds"] = min(seconds or MAX_TIMEOUT_SECONDS, MAX_TIMEOUT_SECONDS)


def _checked_url(draft: Draft, call: HttpCall) -> str:
    try:
        parts = urlsplit(call.url.strip())
        port = parts.port
    except ValueError as error:
        raise NotConvertible(f"the URL cannot be read: {error}") from None
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname or port == 0:
        # Not the URL itself, which may have a password.
        raise NotConvertible(
            f"expected a URL that begins with http:// or https://, found {shown(parts.scheme)}"
        )
    if parts.username is not None or parts.password is not None:
        call.headers.append(("Authorization", ""))
    place = parts.netloc.rpartition("@")[2]
    url = urlunsplit((parts.scheme, place, parts.path, parts.query, ""))
    if any(character.isspace() or not character.isprintable() for character in url):
        raise NotConvertible("the URL has white space or control characters")
    if len(url) > MAX_URL:
        raise NotConvertible(f"the URL is longer than {MAX_URL} characters")
    if _ESCAPE.search(parts.path) or _ESCAPE.search(parts.netloc):
        raise NotConvertible("the URL has a percent sign without two hexadecimal digits")
    if _SECRET.search(parts.query):
        draft.note("the URL's query may have a credential, which everybody who reads the task sees")
    return url


def _headers(draft: Draft, call: HttpCall) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, secret, key in call.secrets:
        found[name.lower()] = {"name": name, "secretKeyRef": {"name": secret, "key": key}}
    for name, value in call.headers:
        if not _HEADER.fullmatch(name):
            raise NotConvertible(f"{shown(name)} is no name of a header")
        if _OF_THE_OPERATOR.fullmatch(name):
            draft.note(f"the header {name}: the operator sets it")
            continue
        if name.lower() in found:
            raise NotConvertible(f"the header {name} is there twice")
        if _SECRET.search(name):
            key = name.lower()
            if not re.fullmatch(r"[-._a-z0-9]+", key) or key.startswith("."):
                raise NotConvertible(f"{shown(name)} cannot be the key of a Secret")
            draft.note(f"the header {name} may be a credential: put its value into the Secret")
            found[key] = {"name": name, "secretKeyRef": {"name": "", "key": key}}
            continue
        text = value.strip()
        if len(text) > MAX_HEADER_VALUE or not (text.isascii() and text.isprintable() and text):
            raise NotConvertible(f"the header {name}: expected printable ASCII on one line")
        found[name.lower()] = {"name": name, "value": text}
    if len(found) > MOST_HEADERS:
        raise NotConvertible(f"found {len(found)} headers, expected at most {MOST_HEADERS}")
    return list(found.values())
