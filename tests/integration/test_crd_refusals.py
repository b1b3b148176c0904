"""What the API server itself refuses, with the field at fault and a message for people.

Each object is right but for one mistake, and each refusal must name that mistake alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from dev.control_plane import ControlPlane
from tests.support.crontasks import (
    CronTasks,
    Manifest,
    causes,
    grpc_task,
    header_task,
    http_task,
    metadata_task,
    task,
)

SECRET_REF = {"name": "token", "key": "value"}
CALLBACK = {"http": {"url": "http://127.0.0.1:8099/ok"}}
GRPC = {"address": "127.0.0.1:50051", "service": "a.B", "method": "C"}
FIVE_FIELDS = (
    "expected 5 fields (minute, hour, day of month, month, day of week), "
    "6 fields (second first) or a descriptor such as @daily"
)
A_URL = (
    "expected an absolute URL that begins with http:// or https://, such as "
    "https://example.com/hook"
)
ENCODED = "white space and control characters must be percent-encoded, as in %20"
A_STATUS = 'expected a status code from 100 to 599, such as "404", or a range such as "200-299"'
A_PORT = "the port must be between 1 and 65535"
A_ZONE = "expected an IANA time zone name such as Europe/Berlin or UTC"
ONE_LINE = "expected printable ASCII on one line, without white space around it"


@dataclass(frozen=True)
class Refusal:
    """A spec with one mistake, the field that is named, and the words of the message."""

    spec: Manifest
    field: str
    message: str


def spec_field(spec: Manifest, path: str, message: str) -> Refusal:
    return Refusal(spec, f"spec.{path}", message)


def schedule(text: str, message: str) -> Refusal:
    return spec_field(task(schedule=text), "schedule", message)


def url(text: str, message: str) -> Refusal:
    return spec_field(http_task(url=text), "callback.http.url", message)


def header(message: str, *, part: str = "", **fields: object) -> Refusal:
    return spec_field(header_task(**fields), f"callback.http.headers[0]{part}", message)


def entry(message: str, *, part: str = "", **fields: object) -> Refusal:
    return spec_field(metadata_task(**fields), f"callback.grpc.metadata[0]{part}", message)


def address(text: str, message: str) -> Refusal:
    return spec_field(grpc_task(address=text), "callback.grpc.address", message)


def status_code(text: str, message: str) -> Refusal:
    return spec_field(task(expect={"statusCodes": [text]}), "expect.statusCodes[0]", message)


def retry(path: str, message: str, **fields: object) -> Refusal:
    return spec_field(task(retry=fields), f"retry{path}", message)


REFUSALS = {
    # -- when ---------------------------------------------------------------------
    "neither schedule nor at": Refusal(
        task(schedule=None), "spec", "set one of schedule (runs again and again) and at (runs once)"
    ),
    "both schedule and at": Refusal(
        task(at="2026-03-29T08:30:00Z"), "spec", "set only one of schedule and at; found both"
    ),
    "an empty schedule": schedule("", FIVE_FIELDS),
    "a blank schedule": schedule("   ", FIVE_FIELDS),
    "four fields": schedule("* * * *", f'"* * * *": {FIVE_FIELDS}'),
    "seven fields": schedule("0 * * * * * 2026", FIVE_FIELDS),
    "a character of no cron": schedule("* * * * *;", "expected numbers, names, spaces and the"),
    "a second line": schedule("* * * * *\n", "expected numbers, names, spaces and the signs"),
    "a schedule with a zone": schedule(
        "CRON_TZ=Asia/Tokyo 0 5 * * *", "write the time zone into spec.timeZone"
    ),
    "an unknown descriptor": schedule("@reboot", "expected one of @hourly, @daily, @midnight"),
    "@every without a duration": schedule("@every", "or @every with a duration"),
    "a schedule too long": schedule("0 " * 200, "may not be more than 256"),
    "an at without an offset": spec_field(
        task(schedule=None, at="2026-03-29T08:30:00"), "at", 'must be of type date-time: "2026-03'
    ),
    "an at of words": spec_field(
        task(schedule=None, at="tomorrow"), "at", 'must be of type date-time: "tomorrow"'
    ),
    "an at before 1970": spec_field(
        task(schedule=None, at="1969-12-31T23:59:59Z"), "at", "expected a moment from 1970 to 9998"
    ),
    "an at that Python cannot hold in UTC": spec_field(
        task(schedule=None, at="9999-12-31T23:59:59-01:00"), "at", "from 1970 to 9998"
    ),
    "an at with a type of many runs": spec_field(
        task(schedule=None, at="2026-03-29T08:30:00Z", type="Daily"),
        "type",
        'a task with at runs once, so its type must be Single or be left out; found "Daily"',
    ),
    "an unknown type": spec_field(task(type="Weekly"), "type", 'Unsupported value: "Weekly"'),
    "the machine's zone": spec_field(task(timeZone="Local"), "timeZone", "zone of the machine is"),
    "an empty zone": spec_field(task(timeZone=""), "timeZone", A_ZONE),
    "a zone that climbs": spec_field(task(timeZone="../../etc/passwd"), "timeZone", A_ZONE),
    "a zone with a space": spec_field(task(timeZone="New York"), "timeZone", A_ZONE),
    "a zone as an offset": spec_field(task(timeZone="+02:00"), "timeZone", A_ZONE),
    "a zone too long": spec_field(task(timeZone="A" * 65), "timeZone", "not be more than 64"),
    "an unknown gap": spec_field(task(dst={"gap": "Both"}), "dst.gap", '"RunAfter"'),
    "an unknown overlap": spec_field(task(dst={"overlap": "Skip"}), "dst.overlap", '"Second"'),
    "a suspend of words": spec_field(task(suspend="yes"), "suspend", "must be of type boolean"),
    # -- what the task is ---------------------------------------------------------
    "an empty name": spec_field(task(taskName=""), "taskName", "at least 1 chars long"),
    "a name too long": spec_field(task(taskName="名" * 254), "taskName", "not be more than 253"),
    "a name of two lines": spec_field(
        task(taskName="a\nb"), "taskName", "expected one line without control characters"
    ),
    "a negative module": spec_field(task(module=-1), "module", "greater than or equal to 0"),
    # -- what to call -------------------------------------------------------------
    "no callback at all": spec_field(task(callback=None), "callback", "Required value"),
    "an empty callback": spec_field(
        task(callback={}), "callback", "set one of http and grpc; found neither"
    ),
    "two callbacks": spec_field(
        task(callback=CALLBACK | {"grpc": GRPC}),
        "callback",
        "set only one of http and grpc; found both",
    ),
    # -- http ---------------------------------------------------------------------
    "no URL": spec_field(http_task(url=None), "callback.http.url", "Required value"),
    "another scheme": url("ftp://files.test/a", f'"ftp://files.test/a": {A_URL}'),
    "a file": url("file:///etc/passwd", A_URL),
    "no scheme": url("example.com/hook", A_URL),
    "a path": url("/hook", A_URL),
    "no host": url("http:///hook", "expected a host after http:// or https://"),
    "a port and no host": url("http://:8080/hook", "expected a host after http:// or https://"),
    "a port of letters": url("http://a.test:http/", A_URL),
    "port 0": url("http://a.test:0/", A_PORT),
    "port 65536": url("http://a.test:65536/", A_PORT),
    "a port of many digits": url("http://a.test:99999999999999999999/", A_PORT),
    "a space in the host": url("http://a b.test/", ENCODED),
    "a space in the path": url("http://a.test/b c", ENCODED),
    "a broken escape": url("http://a.test/%zz", A_URL),
    "a fragment": url("http://a.test/b#c", "a fragment (#) is never sent; write %23"),
    "a password": url("https://user:secret@a.test/", "send a header with secretKeyRef instead"),
    "a URL too long": url("http://a.test/" + "b" * 2048, "may not be more than 2048"),
    "an unknown method": spec_field(
        http_task(method="FETCH"), "callback.http.method", 'Unsupported value: "FETCH"'
    ),
    "a method in lower case": spec_field(
        http_task(method="post"), "callback.http.method", 'supported values: "GET", "HEAD", "POST"'
    ),
    "an unknown body type": spec_field(
        http_task(bodyType="XML"), "callback.http.bodyType", 'supported values: "JSON", "Form"'
    ),
    "a body too long": spec_field(
        http_task(body="b" * 262145), "callback.http.body", "may not be more than 262144"
    ),
    "a body of too many bytes": spec_field(
        http_task(body="体" * 90000), "callback.http.body", "expected at most 262144 bytes"
    ),
    "redirects without end": spec_field(
        http_task(followRedirects=11), "callback.http.followRedirects", "less than or equal to 10"
    ),
    "redirects below none": spec_field(
        http_task(followRedirects=-1), "callback.http.followRedirects", "greater than or equal to 0"
    ),
    "TLS for plain HTTP": spec_field(
        http_task(tls={"insecureSkipVerify": True}),
        "callback.http.tls",
        "tls needs a URL that begins with https://",
    ),
    "a CA that is not looked at": spec_field(
        http_task(
            url="https://a.test/", tls={"insecureSkipVerify": True, "caSecretRef": SECRET_REF}
        ),
        "callback.http.tls",
        "set only one of caSecretRef and insecureSkipVerify",
    ),
    "a CA without a key": spec_field(
        http_task(url="https://a.test/", tls={"caSecretRef": {"name": "ca"}}),
        "callback.http.tls.caSecretRef.key",
        "Required value",
    ),
    # -- http headers -------------------------------------------------------------
    "a header with two values": header(
        "set only one of value and secretKeyRef for header X-A; found both",
        name="X-A",
        value="b",
        secretKeyRef=SECRET_REF,
    ),
    "a header without a value": header(
        "set one of value and secretKeyRef for header X-A; found neither", name="X-A"
    ),
    "a header without a name": header("Required value", part=".name", value="b"),
    "a header with an empty name": header(
        "expected a header name of letters, digits and", part=".name", name="", value="b"
    ),
    "a header name with a space": header(
        "expected a header name of letters, digits and", part=".name", name="X A", value="b"
    ),
    "a header name with a colon": header(
        "expected a header name of letters, digits and", part=".name", name="X-A:", value="b"
    ),
    "a header name with a line end": header(
        "expected a header name of letters, digits and", part=".name", name="X-A\n", value="b"
    ),
    "a header name of other letters": header(
        "expected a header name of letters, digits and", part=".name", name="X-Ä", value="b"
    ),
    **{
        f"the header {name}": header(
            f"the header {name} is set by the operator", part=".name", name=name, value="b"
        )
        for name in (
            "Host",
            "content-length",
            "Transfer-Encoding",
            "CONNECTION",
            "Keep-Alive",
            "Proxy-Connection",
            "TE",
            "Trailer",
            "Upgrade",
            "Expect",
            "Idempotency-Key",
            "X-CronTask-Name",
            "x-crontask-anything",
        )
    },
    "a header value of two lines": header(
        ONE_LINE, part=".value", name="X-A", value="b\r\nX-Injected: c"
    ),
    "a header value with a line end": header(ONE_LINE, part=".value", name="X-A", value="b\n"),
    "a header value of other letters": header(ONE_LINE, part=".value", name="X-A", value="ä"),
    "a header value with space around": header(ONE_LINE, part=".value", name="X-A", value=" b"),
    "a header value too long": header(
        "may not be more than 4096", part=".value", name="X-A", value="b" * 4097
    ),
    "a Secret without a name": header(
        "Required value", part=".secretKeyRef.name", name="X-A", secretKeyRef={"key": "value"}
    ),
    "the same header twice": spec_field(
        http_task(headers=[{"name": "X-A", "value": "b"}, {"name": "x-a", "value": "c"}]),
        "callback.http.headers",
        "a header name is there more than once; upper and lower case are the same",
    ),
    "too many headers": spec_field(
        http_task(headers=[{"name": f"X-{n}", "value": "b"} for n in range(33)]),
        "callback.http.headers",
        "must have at most 32 items",
    ),
    # -- grpc ---------------------------------------------------------------------
    **{
        f"gRPC without {field}": Refusal(
            task(callback={"grpc": {name: text for name, text in GRPC.items() if name != field}}),
            f"spec.callback.grpc.{field}",
            "Required value",
        )
        for field in GRPC
    },
    "an address with a scheme": address("http://a.test:50051", "expected host:port without a"),
    "an address without a port": address("a.test", "expected host:port without a scheme"),
    "an address without a host": address(":50051", "expected host:port without a scheme"),
    "an address with a path": address("a.test:50051/a.B", "expected host:port without a scheme"),
    "a bare IPv6 address": address("::1", "expected host:port without a scheme, such as"),
    "an address with port 0": address("a.test:0", A_PORT),
    "an address with port 70000": address("a.test:70000", A_PORT),
    "a service that is a path": spec_field(
        grpc_task(service="/a.B"), "callback.grpc.service", "expected the full name of a service"
    ),
    "a service with two dots": spec_field(
        grpc_task(service="a..B"), "callback.grpc.service", "expected the full name of a service"
    ),
    "a method with its service": spec_field(
        grpc_task(method="a.B/C"), "callback.grpc.method", "expected the bare name of a method"
    ),
    "a gRPC body of too many bytes": spec_field(
        grpc_task(body="体" * 90000), "callback.grpc.body", "expected at most 262144 bytes"
    ),
    "metadata with two values": entry(
        "set only one of value and secretKeyRef for a; found both",
        name="a",
        value="b",
        secretKeyRef=SECRET_REF,
    ),
    "metadata without a value": entry(
        "set one of value and secretKeyRef for a; found neither", name="a"
    ),
    "metadata in upper case": entry(
        "expected lower-case letters, digits, and _ - .", part=".name", name="A", value="b"
    ),
    "binary metadata": entry(
        "binary metadata (a name that ends in -bin) is not supported",
        part=".name",
        name="a-bin",
        value="b",
    ),
    **{
        f"the metadata {name}": entry(
            f"the name {name} is set by the operator or by gRPC", part=".name", name=name, value="b"
        )
        for name in ("grpc-timeout", "x-crontask-name", "idempotency-key", "te", "user-agent")
    },
    "a metadata value of two lines": entry(ONE_LINE, part=".value", name="a", value="b\nc"),
    "the same metadata twice": spec_field(
        grpc_task(metadata=[{"name": "a", "value": "b"}, {"name": "a", "value": "c"}]),
        "callback.grpc.metadata[1]",
        "Duplicate value",
    ),
    "a gRPC CA that is not looked at": spec_field(
        grpc_task(tls={"insecureSkipVerify": True, "caSecretRef": SECRET_REF}),
        "callback.grpc.tls",
        "set only one of caSecretRef and insecureSkipVerify",
    ),
    "types without a key": spec_field(
        grpc_task(descriptorSetRef={"name": "types"}),
        "callback.grpc.descriptorSetRef.key",
        "Required value",
    ),
    # -- what counts as success ---------------------------------------------------
    "no time at all": spec_field(
        task(timeoutSeconds=0), "timeoutSeconds", "should be greater than or equal to 1"
    ),
    "more than an hour": spec_field(
        task(timeoutSeconds=3601), "timeoutSeconds", "should be less than or equal to 3600"
    ),
    "a second and a half": spec_field(
        task(timeoutSeconds=1.5), "timeoutSeconds", "must be of type int32"
    ),
    "a status of letters": status_code("abc", f'"abc": {A_STATUS}'),
    "status 99": status_code("99", A_STATUS),
    "status 600": status_code("600", A_STATUS),
    "a range backwards": status_code("299-200", "the range ends before it begins"),
    "a range without an end": status_code("200-", A_STATUS),
    "a status as a number": spec_field(
        task(expect={"statusCodes": [200]}), "expect.statusCodes[0]", "must be of type string"
    ),
    "no status at all": spec_field(
        task(expect={"statusCodes": []}), "expect.statusCodes", "should have at least 1 items"
    ),
    "too many statuses": spec_field(
        task(expect={"statusCodes": [str(code) for code in range(200, 221)]}),
        "expect.statusCodes",
        "must have at most 20 items",
    ),
    "a broken expression": spec_field(
        task(expect={"bodyRegex": "(ok"}), "expect.bodyRegex", "missing closing ): `(ok`"
    ),
    "an expression of Perl": spec_field(
        task(expect={"bodyRegex": "(?=ok)"}), "expect.bodyRegex", "expected a regular expression in"
    ),
    "an expression too long": spec_field(
        task(expect={"bodyRegex": "a" * 4097}), "expect.bodyRegex", "may not be more than 4096"
    ),
    # -- retries ------------------------------------------------------------------
    "a negative delay": retry(
        ".delaysSeconds[1]", "greater than or equal to 0", delaysSeconds=[1, -1]
    ),
    "a delay of more than a day": retry(
        ".delaysSeconds[0]", "less than or equal to 86400", delaysSeconds=[86401]
    ),
    "too many delays": retry(".delaysSeconds", "at most 20 items", delaysSeconds=[1] * 21),
    "delays and backoff": retry(
        "", "set only one of delaysSeconds and backoff; found both", delaysSeconds=[1], backoff={}
    ),
    "a first delay over the longest": retry(
        ".backoff.initialSeconds",
        "must not be greater than maxSeconds",
        backoff={"initialSeconds": 301},
    ),
    "a factor that shrinks": retry(
        ".backoff.factor", "greater than or equal to 1", backoff={"factor": 0.5}
    ),
    "a factor too large": retry(
        ".backoff.factor", "less than or equal to 10", backoff={"factor": 11}
    ),
    "no attempts": retry(".backoff.attempts", "or equal to 1", backoff={"attempts": 0}),
    "too many attempts": retry(".backoff.attempts", "or equal to 20", backoff={"attempts": 21}),
    "an unknown reason": retry(
        ".retryOn[0]",
        "expected UnexpectedStatus, BodyMismatch, Timeout, ConnectionError, GrpcError",
        retryOn=["timeout"],
    ),
    "a reason that retries cannot cure": retry(
        ".retryOn[0]", "expected UnexpectedStatus, BodyMismatch", retryOn=["Replaced"]
    ),
    "a retry range backwards": retry(
        ".retryOn[1]", "the range ends before it begins", retryOn=["429", "599-500"]
    ),
    "no total time": retry(".maxTotalSeconds", "or equal to 1", maxTotalSeconds=0),
    "too much total time": retry(".maxTotalSeconds", "or equal to 604800", maxTotalSeconds=604801),
    # -- missed runs, overlap, records --------------------------------------------
    "a negative deadline": spec_field(
        task(startingDeadlineSeconds=-1), "startingDeadlineSeconds", "or equal to 0"
    ),
    "a deadline of more than a week": spec_field(
        task(startingDeadlineSeconds=604801), "startingDeadlineSeconds", "or equal to 604800"
    ),
    "an unknown missed-run policy": spec_field(
        task(missedRunPolicy="Some"), "missedRunPolicy", '"Latest", "Skip", "All"'
    ),
    "an unknown concurrency policy": spec_field(
        task(concurrencyPolicy="Queue"), "concurrencyPolicy", '"Allow", "Forbid", "Replace"'
    ),
    "a history of 101": spec_field(
        task(historyLimit=101), "historyLimit", "should be less than or equal to 100"
    ),
    "a history below none": spec_field(
        task(historyLimit=-1), "historyLimit", "should be greater than or equal to 0"
    ),
    "a negative time to live": spec_field(
        task(ttlSecondsAfterFinished=-1), "ttlSecondsAfterFinished", "or equal to 0"
    ),
    "a time to live of more than a year": spec_field(
        task(ttlSecondsAfterFinished=31536001), "ttlSecondsAfterFinished", "or equal to 31536000"
    ),
}


@pytest.fixture(scope="module")
def crontasks(control_plane: ControlPlane) -> Iterator[CronTasks]:
    with control_plane.client() as client:
        yield CronTasks(client)


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_one_mistake_is_refused_and_named(crontasks: CronTasks, refusal: Refusal) -> None:
    response = crontasks.create(refusal.spec, dry_run=True)

    assert response.status_code == 422, response.text
    found = causes(response)
    named = [message for field, message in found if field == refusal.field]
    assert any(refusal.message in message for message in named), found
    assert len(found) == 1, found
