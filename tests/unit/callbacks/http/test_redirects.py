"""Redirects, which a spec must ask for."""

from ipaddress import ip_network

import pytest

from crontask_core.enums import Reason
from crontask_core.spec import Expect, Header, HttpCallback, SecretKeyRef, Tls
from tests.support.targets import Certificates, Exchange, Request, Script, target
from tests.unit.callbacks.calls import Caller, calling


def redirect(status: int, location: str) -> Script:
    """Return a script that redirects ``/`` to `location` and answers everything else."""

    async def answer(exchange: Exchange) -> None:
        if exchange.request.target == "/":
            await exchange.answer(status, b"moved", {"Location": location})
        else:
            await exchange.answer(200, b"arrived")

    return answer


async def followed(caller: Caller, status: int, callback: HttpCallback) -> Request:
    """Return the second request of `callback` to a target that redirects once."""
    async with target(redirect(status, "/next?x=1#y")) as server:
        url = server.url + "/"
        result = await caller(
            HttpCallback(url=url, method=callback.method, body="{}", follow_redirects=3)
        )
        assert (result.error, result.response) == ("", "arrived")
        return server.requests[1]


@pytest.mark.parametrize(
    ("status", "method", "next_method", "body"),
    [
        (301, "POST", "GET", b""),
        (302, "POST", "GET", b""),
        (302, "PUT", "PUT", b"{}"),
        (303, "POST", "GET", b""),
        (303, "PUT", "GET", b""),
        (307, "POST", "POST", b"{}"),
        (308, "DELETE", "DELETE", b"{}"),
        (301, "GET", "GET", b""),
    ],
)
async def test_method_and_body_follow_the_status(
    caller: Caller, status: int, method: str, next_method: str, body: bytes
) -> None:
    request = await followed(caller, status, HttpCallback(url="/", method=method))
    assert (request.method, request.target, request.body) == (next_method, "/next?x=1", body)
    assert (request.header("Content-Type") is None) == (body == b"")
    assert request.header("Idempotency-Key") is not None


async def test_a_head_request_stays_one(caller: Caller) -> None:
    async with target(redirect(303, "/next")) as server:
        callback = HttpCallback(url=server.url + "/", method="HEAD", follow_redirects=1)
        assert (await caller(callback)).ok
        assert [request.method for request in server.requests] == ["HEAD", "HEAD"]


async def test_after_the_last_hop_the_redirect_is_the_answer(caller: Caller) -> None:
    async def circle(exchange: Exchange) -> None:
        await exchange.answer(302, b"round", {"Location": "/"})

    async with target(circle) as server:
        result = await caller(HttpCallback(url=server.url, follow_redirects=2))
        assert (result.reason, result.code) == (Reason.UNEXPECTED_STATUS, 302)
        assert len(server.requests) == 3


async def test_all_hops_share_one_timeout(caller: Caller) -> None:
    async def stall(exchange: Exchange) -> None:
        if exchange.request.target == "/":
            await exchange.answer(302, b"", {"Location": "/next"})
        else:
            await exchange.gone()

    async with target(stall) as server:
        callback = HttpCallback(url=server.url + "/", follow_redirects=5)
        result = await caller(callback, timeout_seconds=1)
        assert result.reason is Reason.TIMEOUT


CREDENTIALS = (
    Header(name="Authorization", value="Basic abc"),
    Header(name="Cookie", value="a=b"),
    Header(name="X-Api-Key", secret_key_ref=SecretKeyRef(name="api", key="key")),
    Header(name="X-Own-Key", value="literal"),
    Header(name="Accept-Language", value="de"),
)


@pytest.mark.parametrize("other_origin", [False, True])
async def test_credentials_stay_with_their_origin(caller: Caller, other_origin: bool) -> None:
    caller.secrets["shop/api"] = {"key": b"s3cr3t"}
    async with target() as other:
        location = other.url + "/next" if other_origin else "/next"
        async with target(redirect(307, location)) as server:
            url = server.url + "/"
            result = await caller(HttpCallback(url=url, headers=CREDENTIALS, follow_redirects=1))
            assert result.ok, result.error
            (request,) = other.requests if other_origin else server.requests[1:]
    told = [request.header(header.name) for header in CREDENTIALS]
    if other_origin:
        assert told == [None, None, None, None, "de"]
        assert request.header("Idempotency-Key") is not None
        assert request.header("X-CronTask-Name") == "nightly"
        assert request.header("User-Agent") == "crontask-operator/1.2.3"
        assert request.header("Host") == f"127.0.0.1:{other.port}"
    else:
        assert told == ["Basic abc", "a=b", "s3cr3t", "literal", "de"]


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://evil.example:1/", Reason.ADDRESS_DENIED),
        ("http://127.0.0.3:1/", Reason.ADDRESS_DENIED),
        ("http://[::ffff:127.0.0.3]:1/", Reason.ADDRESS_DENIED),
        ("http://0x7f.3/", Reason.INVALID_REQUEST),
    ],
)
async def test_each_hop_is_checked(location: str, reason: Reason) -> None:
    names = {"evil.example": [["127.0.0.3"]]}
    denied = (ip_network("127.0.0.3/32"),)
    script = redirect(302, location)
    async with calling(denied=denied, names=names) as caller, target(script) as server:
        result = await caller(HttpCallback(url=server.url + "/", follow_redirects=1))
        assert (result.reason, result.code) == (reason, 302)


@pytest.mark.parametrize(
    ("location", "error"),
    [
        ("ftp://127.0.0.1/", "expected http:// or https:// and a host"),
        ("http://me:pass@127.0.0.1/", "expected no user or password"),
        ("http://127.0.0.1:70000/", "expected a port"),
        ("http://[::1/", "expected a URL"),
        ("http://127.0.0.1/" + "x" * 9000, "expected at most 8192 characters"),
    ],
    ids=["scheme", "password", "port", "no url", "too long"],
)
async def test_a_location_that_cannot_be_called_is_told(
    caller: Caller, location: str, error: str
) -> None:
    async with target(redirect(302, location)) as server:
        callback = HttpCallback(url=server.url + "/", follow_redirects=1)
        result = await caller(callback)
        assert (result.reason, result.code) == (Reason.UNEXPECTED_STATUS, 302)
        assert error in result.error
        # It is the answer, and may be the one that is expected.
        expected = await caller(callback, expect=Expect(status_codes=("302",)))
        assert (expected.ok, expected.code, expected.response) == (True, 302, "moved")


async def test_from_https_to_http_nothing_goes(caller: Caller, authority: Certificates) -> None:
    caller.secrets["shop/ca"] = {"ca.crt": authority.ca_pem.encode()}
    tls = Tls(ca_secret_ref=SecretKeyRef(name="ca", key="ca.crt"))
    async with target() as plain:
        script = redirect(302, plain.url + "/next")
        async with target(script, tls=authority.server("127.0.0.1")) as server:
            callback = HttpCallback(url=server.url + "/", follow_redirects=1, tls=tls)
            result = await caller(callback)
            assert result.reason is Reason.UNEXPECTED_STATUS
            assert "it leaves https for http" in result.error
            assert plain.requests == []


async def test_leave_to_skip_the_check_is_not_for_others(
    caller: Caller, authority: Certificates
) -> None:
    tls = Tls(insecure_skip_verify=True)
    context = authority.server("127.0.0.1")
    async with (
        target(tls=context) as other,
        target(redirect(302, other.url + "/next"), tls=context) as server,
    ):
        callback = HttpCallback(url=server.url + "/", follow_redirects=1, tls=tls)
        result = await caller(callback)
        assert result.reason is Reason.CONNECTION_ERROR
        assert "certificate is not accepted" in result.error
        assert other.requests == []
