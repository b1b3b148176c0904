"""hide_credentials: what has the form of a credential does not reach a line."""

import json
import logging

import pytest
import structlog

from crontask_logs.credentials import HIDDEN, LONGEST, hide_credentials
from tests.support.loop_pauses import measured_pauses
from tests.unit.logs.conftest import Logged
from tests.unit.logs.planted import SECRET, WITH_A_FORM

FORMS = {
    **WITH_A_FORM,
    "header": f"Proxy-Authorization: Basic {SECRET}",
    "cookie": f"Set-Cookie: session={SECRET}; Path=/",
    "json": json.dumps({"password": f"{SECRET} and more"}),
    "json in json": json.dumps(json.dumps({"token": SECRET})),
    "mapping": str({"authorization": f"Bearer {SECRET}"}),
    "bytes": str({b"authorization": f"Bearer {SECRET}".encode()}),
    "dsn": f"host=db user=shop password={SECRET} dbname=prices",
    "yaml": f"user: shop\npassword: {SECRET}",
    "unquoted slash": f"amqp://shop:a/{SECRET}@queue:5672/",
    "no scheme": f"shop:{SECRET}@db:5432",
    "fragment": f"https://shop.example/#access_token={SECRET}",
    "relative": f"/crontab/list?key={SECRET}",
    "web token": f"eyJhbGciOiJIUzI1NiJ9.{SECRET}.{SECRET}",
    "private key": f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}\n-----END RSA PRIVATE KEY-----",
    "cut private key": f"-----BEGIN PRIVATE KEY-----\n{SECRET}",
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_credentials_are_hidden(text: str) -> None:
    hidden = hide_credentials(f"before {text} after")

    assert SECRET not in hidden
    assert HIDDEN in hidden


@pytest.mark.parametrize("text", WITH_A_FORM.values(), ids=WITH_A_FORM)
def test_credentials_are_hidden_wherever_a_line_has_them(logged: Logged, text: str) -> None:
    logging.getLogger("x").info(text)
    logging.getLogger("x").info("%s", text, extra={"task": text})
    structlog.get_logger("x").info("y", a=text, b=[{"c": text}], d={text: 1}, e=(object, text))

    assert SECRET not in logged()


@pytest.mark.parametrize(
    "text",
    [
        "expected the header Authorization: Bearer TOKEN",
        "/etc/crontask/tokens: no token in it",
        "the API server cannot be reached: [Errno 111] Connection refused",
        "start_time: expected 5 or 6 fields, found '* * *'",
        "http://127.0.0.1:8080/aa",
        "http://[::1]:8080/aa",
        "Secret team-a/crown has no key jewel",
    ],
)
def test_other_text_stays(text: str) -> None:
    assert hide_credentials(text) == text


def test_long_text_is_cut() -> None:
    assert hide_credentials("x" * 10_000_000) == "x" * LONGEST + (
        "... [cut, 10000000 characters in all]"
    )


@pytest.mark.parametrize(
    "unit", ["a", "a:", "://", "password", "bearer ", "a=?", "a:b@", "-----BEGIN PRIVATE KEY-----"]
)
async def test_no_text_takes_long(unit: str) -> None:
    async with measured_pauses() as pauses:
        hide_credentials(unit * (1_000_000 // len(unit)))
    assert pauses.longest < 0.1
