"""Wrong HTTP callbacks, and none or too many callbacks."""

from tests.support.crontasks import header_task, http_task, task
from tests.support.refusals.refusal import Refusal, spec_field

SECRET_REF = {"name": "token", "key": "value"}
CALLBACK = {"http": {"url": "http://127.0.0.1:8099/ok"}}
GRPC = {"address": "127.0.0.1:50051", "service": "a.B", "method": "C"}
A_URL = (
    "expected an absolute URL that begins with http:// or https://, such as "
    "https://example.com/hook"
)
ENCODED = "white space and control characters must be percent-encoded, as in %20"
AN_ESCAPE = "a percent sign must be followed by two hexadecimal digits, as in %20 or %25"
A_PORT = "the port must be between 1 and 65535"
ONE_LINE = "expected printable ASCII on one line, without white space around it"


def url(text: str, message: str) -> Refusal:
    return spec_field(http_task(url=text), "callback.http.url", message)


def header(message: str, *, part: str = "", **fields: object) -> Refusal:
    return spec_field(header_task(**fields), f"callback.http.headers[0]{part}", message)


REFUSALS = {
    "no callback at all": spec_field(task(callback=None), "callback", "Required value"),
    "an empty callback": spec_field(
        task(callback={}), "callback", "set one of http and grpc; found neither"
    ),
    "two callbacks": spec_field(
        task(callback=CALLBACK | {"grpc": GRPC}),
        "callback",
        "set only one of http and grpc; found both",
    ),
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
    "a broken escape": url("http://a.test/%zz", AN_ESCAPE),
    "half an escape": url("http://a.test/%4/b?c", AN_ESCAPE),
    "an escape at the end": url("http://a.test/100%", AN_ESCAPE),
    "an escape before the query": url("http://a.test/%?b=c", AN_ESCAPE),
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
            "X_CronTask_Name",
            "x.crontask~anything",
            "Idempotency_Key",
            "Content_Length",
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
}
