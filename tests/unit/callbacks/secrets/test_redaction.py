"""The forms in which a value is recognised, and what is left of one that was cut."""

import asyncio
import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from crontask_core.enums import Reason
from crontask_core.spec import Header, HttpCallback, SecretKeyRef
from crontask_operator.callbacks.secrets.redaction import MARK, SHORTEST, Redactor
from tests.support.targets import Exchange, Script, target
from tests.unit.callbacks.calls import Caller, calling

VALUE = 'p&ssw/rd+"with" <all>-söörts-of-s\U0001f511gns%41'
HEADER = Header(name="X-Key", secret_key_ref=SecretKeyRef(name="key", key="key"))

Form = Callable[[str], str]


def _encoded(text: str, before: bytes = b"") -> str:
    return base64.b64encode(before + text.encode() + b" and more").decode()


def _url_base64(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


FORMS: dict[str, Form] = {
    "as it is": lambda text: text,
    "JSON": json.dumps,
    "JSON in UTF-8": lambda text: json.dumps(text, ensure_ascii=False),
    "JSON of PHP": lambda text: json.dumps(text).replace("/", "\\/"),
    "JSON of Go": lambda text: (
        json.dumps(text, ensure_ascii=False)
        .replace("&", "\\u0026")
        .replace("<", "\\u003c")
        .replace(">", "\\u003E")
    ),
    "HTML": html.escape,
    "decimal entities": lambda text: "".join(f"&#{ord(each)};" for each in text),
    "hexadecimal entities": lambda text: "".join(f"&#x{ord(each):X};" for each in text),
    "a named entity": lambda text: html.escape(text).replace("/", "&sol;"),
    "URL": lambda text: quote(text, safe=""),
    "URL that keeps slashes": quote,
    "URL in lower case": lambda text: quote(text, safe="").replace("%2F", "%2f"),
    "form": quote_plus,
    "repr": repr,
    "URL in JSON": lambda text: json.dumps(quote(text)),
    "JSON in a URL": lambda text: quote(json.dumps(text)),
    "JSON in HTML": lambda text: html.escape(json.dumps(text)),
    "base64": _encoded,
    "base64 after one byte": lambda text: _encoded(text, b"a"),
    "base64 after two bytes": lambda text: _encoded(text, b"ab"),
    "base64 for URLs": _url_base64,
    "base64 in a URL": lambda text: quote(_encoded(text), safe=""),
}


def redactor_of(*values: str) -> Redactor:
    redactor = Redactor()
    for value in values:
        redactor.add(value)
    return redactor


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a_value_is_found_in_every_common_form(form: Form) -> None:
    cleaned = redactor_of(VALUE).clean(f"before {form(VALUE)} after")
    assert MARK in cleaned
    # Of base64, the characters that hold bits of its neighbours stay.
    assert len(cleaned.removeprefix("before ").removesuffix(" after")) <= len(MARK) + 24
    assert "ssw" not in cleaned


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_wherever_a_text_is_cut_no_begin_of_a_value_stays(form: Form) -> None:
    redactor = redactor_of(VALUE)
    text = form(VALUE)
    # Of fewer characters than this nothing is looked for, each in at most two spellings.
    shortest = text.find(form(VALUE[:SHORTEST])[-3:]) + 16
    for end in range(shortest, len(text)):
        cleaned = redactor.clean("before " + text[:end], cut=True)
        assert MARK in cleaned, text[:end]
        assert "ssw" not in cleaned


def test_a_text_that_is_whole_keeps_what_a_value_begins_with() -> None:
    assert redactor_of(VALUE).clean(VALUE[:9]) == VALUE[:9]


@pytest.mark.parametrize("text", ["user:pa55:word", "pa55:word", "dXNlcjpwYTU1OndvcmQ="])
def test_of_basic_credentials_the_pair_and_the_password_are_found(text: str) -> None:
    redactor = redactor_of("Basic " + base64.b64encode(b"user:pa55:word").decode())
    assert redactor.clean(f"no {text} here") == f"no {MARK} here"
    assert redactor.clean("user unknown") == "user unknown"


def test_of_cookies_each_value_is_found() -> None:
    redactor = redactor_of('id=0123456789; theme="dark"; csrf="abcdefghij"')
    assert redactor.clean("0123456789 and abcdefghij, dark") == f"{MARK} and {MARK}, dark"


def test_values_that_overlap_leave_no_rest() -> None:
    assert redactor_of("abcdef", "defghi").clean("xabcdefghix") == f"x{MARK}x"


def echo_and(end: Callable[[Exchange], object], *, size: int = 100_000) -> Script:
    """Return a script that answers with the value of the header, cut, and then calls `end`."""

    async def answer(exchange: Exchange) -> None:
        value = exchange.request.header("X-Key") or ""
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n"
        await exchange.send(head.encode(), b"x" * 10, value[:-1].encode())
        outcome = end(exchange)
        if asyncio.iscoroutine(outcome):
            await outcome

    return answer


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (lambda exchange: exchange.close(), Reason.CONNECTION_ERROR),
        (lambda exchange: exchange.gone(), Reason.TIMEOUT),
        (lambda exchange: exchange.send(b"y" * 99_999), Reason.OK),
    ],
    ids=["broken off", "timed out", "cut by the bound of a record"],
)
async def test_no_incomplete_answer_tells_a_value(
    end: Callable[[Exchange], object], reason: Reason
) -> None:
    # The longest value that is sent: a record's bound lies within it.
    value = "k3y" * 4000
    async with calling(cap=1_000_000) as caller, target(echo_and(end)) as server:
        caller.secrets["shop/key"] = {"key": value.encode()}
        result = await caller(HttpCallback(url=server.url, headers=(HEADER,)), timeout_seconds=1)
    assert result.reason is reason
    assert result.response == "x" * 10 + MARK


async def test_a_location_that_is_cut_tells_no_value(caller: Caller) -> None:
    value = "s3cr3t" * 100

    async def redirect(exchange: Exchange) -> None:
        await exchange.answer(302, b"", {"Location": "/?" + value})

    caller.secrets["shop/key"] = {"key": value.encode()}
    async with target(redirect) as server:
        result = await caller(HttpCallback(url=server.url, headers=(HEADER,)))
    assert "s3c" not in result.error
    assert f"a redirect to '/?{MARK}...' which was not followed" in result.error


@pytest.mark.parametrize("name", ["Authorization", "cookie", "X-API-Key"])
async def test_a_credential_within_the_spec_is_in_no_record_either(
    caller: Caller, name: str
) -> None:
    async def echo(exchange: Exchange) -> None:
        await exchange.answer(200, (exchange.request.header(name) or "").encode())

    headers = (Header(name=name, value="Bearer abcdefghijkl"), Header(name="X-A", value="plain"))
    async with target(echo) as server:
        result = await caller(HttpCallback(url=server.url, headers=headers))
    assert result.response == MARK
