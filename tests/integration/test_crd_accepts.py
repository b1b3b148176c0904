"""What the API server lets pass, and that the operator then reads the same task."""

from collections.abc import Iterator

import pytest

from crontask_core.enums import (
    BodyType,
    ConcurrencyPolicy,
    DstGap,
    DstOverlap,
    MissedRunPolicy,
    TaskType,
)
from crontask_core.spec import parse_spec
from dev.control_plane import ControlPlane
from tests.support.crontasks import (
    CronTasks,
    Manifest,
    grpc_task,
    header_task,
    http_task,
    metadata_task,
    task,
)

SECRET_REF = {"name": "token", "key": "value"}

ACCEPTED: dict[str, Manifest] = {
    "as little as possible": task(),
    **{
        f"the schedule {text}": task(schedule=text)
        for text in (
            "* * * * *",
            "*/1 * * * * *",
            "  0   30 8-18/2 * JAN,jul MON-FRI ",
            "0 0 1,15 * ?",
            "10/15 * * * *",
            "H H(0-7) * * *",
            "0 22-4 * * 7",
            "@daily",
            "@Midnight",
            "@every 1h30m10s",
            "@every 1.5h",
            # Only the operator knows that these are wrong, and says why in a condition.
            "99 * * * *",
            "0 0 30 2 *",
        )
    },
    **{
        f"at {text}": task(schedule=None, at=text)
        for text in (
            "1970-01-01T00:00:00Z",
            "2026-03-29T08:30:00+02:00",
            "2026-03-29T08:30:00.123456Z",
            "2026-03-29T08:30:00.123456789-23:59",
            "9998-12-31T23:59:59Z",
        )
    },
    "at with its type": task(schedule=None, at="2026-03-29T08:30:00Z", type="Single"),
    **{
        f"the zone {name}": task(timeZone=name)
        for name in (
            "UTC",
            "Europe/Berlin",
            "America/Argentina/Buenos_Aires",
            "America/Port-au-Prince",
            "Etc/GMT+12",
            "EST5EDT",
        )
    },
    **{f"type {word}": task(type=word.value) for word in TaskType},
    **{f"gap {word}": task(dst={"gap": word.value}) for word in DstGap},
    **{f"overlap {word}": task(dst={"overlap": word.value}) for word in DstOverlap},
    **{f"missed {word}": task(missedRunPolicy=word.value) for word in MissedRunPolicy},
    **{
        f"overlap of runs: {word}": task(concurrencyPolicy=word.value) for word in ConcurrencyPolicy
    },
    "a name of 253 characters of any language": task(taskName="任务名称é" + "名" * 248),
    **{
        f"the URL {text}": http_task(url=text)
        for text in (
            "http://a",
            "HTTPS://EXAMPLE.com",
            "http://127.0.0.1:8099/ok?x=1&y=a%20b",
            "https://[2001:db8::1]:8443/",
            "http://my_service.default.svc.cluster.local:80/hook;v=1",
            "https://例え.テスト/パス?問い=答え",
            "http://münchen.de/",
            "http://xn--mnchen-3ya.de:8080/",
            "http://a.test/{id}|x?mail=user@example.com",
        )
    },
    **{
        f"method {method}": http_task(method=method, body="x")
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    },
    **{f"body type {word}": http_task(bodyType=word.value, body="a=b") for word in BodyType},
    "a body of 256 KiB": http_task(body="b" * 262144),
    "a body of 256 KiB in another script": http_task(body="体" * 87381),
    "no redirects at all": http_task(followRedirects=0),
    "ten redirects": http_task(followRedirects=10),
    "a CA": http_task(url="https://a.test/", tls={"caSecretRef": SECRET_REF}),
    "no verification": http_task(url="https://a.test/", tls={"insecureSkipVerify": True}),
    "the usual verification": http_task(url="https://a.test/", tls={}),
    **{
        f"the header {name}": header_task(name=name, value=value)
        for name, value in (
            ("Authorization", "Bearer a.b-c_d=="),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("User-Agent", "cron/1.0 (test)"),
            ("Host", "virtual.example.com"),
            ("X-Empty", ""),
            ("X-Cron", "not ours"),
            ("!#$%&'*+-.^_`|~09azAZ", "a\tb !~"),
        )
    },
    "a header from a Secret": header_task(name="X-A", secretKeyRef=SECRET_REF),
    **{
        f"the address {text}": grpc_task(address=text)
        for text in (
            "localhost:1",
            "a-b.test.:65535",
            "my_svc.ns.svc:50051",
            "[::1]:50051",
            "münchen.de:50051",
            "例え.テスト:1",
            "xn--mnchen-3ya.de:50051",
        )
    },
    "a service without a package": grpc_task(service="Reports"),
    "a gRPC body": grpc_task(body='{"report": "daily"}'),
    "gRPC over TLS": grpc_task(tls={}),
    "gRPC with types from a ConfigMap": grpc_task(descriptorSetRef={"name": "a", "key": "b.pb"}),
    "metadata": metadata_task(name="tenant_id.x-y", value="7"),
    "metadata from a Secret": metadata_task(name="authorization", secretKeyRef=SECRET_REF),
    "every status": task(expect={"statusCodes": ["100-599", "404", "204-204"]}),
    "an expression": task(expect={"bodyRegex": r'(?i)"state":\s*0\b|\p{Han}+'}),
    "an empty expression": task(expect={"bodyRegex": ""}),
    "no delay and a day": task(retry={"delaysSeconds": [0, 86400]}),
    "twenty delays": task(retry={"delaysSeconds": [1] * 20}),
    "no delays": task(retry={"delaysSeconds": []}),
    "a backoff of defaults": task(retry={"backoff": {}}),
    "a backoff beside no delays": task(retry={"backoff": {"factor": 1.5}, "delaysSeconds": []}),
    "all that may be retried on": task(
        retry={
            "retryOn": [
                "UnexpectedStatus",
                "BodyMismatch",
                "Timeout",
                "ConnectionError",
                "GrpcError",
                "429",
                "500-599",
            ]
        }
    ),
    **{
        f"the ends of the bounds: {end}": task(
            timeoutSeconds=timeout,
            startingDeadlineSeconds=deadline,
            historyLimit=history,
            ttlSecondsAfterFinished=ttl,
            retry={"maxTotalSeconds": total},
        )
        for end, timeout, deadline, history, ttl, total in (
            ("lower", 1, 0, 0, 0, 1),
            ("upper", 3600, 604800, 100, 31536000, 604800),
        )
    },
}


@pytest.fixture(scope="module")
def crontasks(control_plane: ControlPlane) -> Iterator[CronTasks]:
    with control_plane.client() as client:
        yield CronTasks(client)


@pytest.mark.parametrize("spec", ACCEPTED.values(), ids=ACCEPTED)
def test_it_is_accepted_and_its_defaults_change_no_meaning(
    crontasks: CronTasks, spec: Manifest
) -> None:
    response = crontasks.create(spec, dry_run=True)

    assert response.status_code == 201, response.text
    assert parse_spec(response.json()["spec"]) == parse_spec(spec)


def test_the_defaults_that_people_see_are_written_out(crontasks: CronTasks) -> None:
    response = crontasks.create(http_task() | {"expect": {"bodyRegex": "ok"}}, dry_run=True)

    spec = response.json()["spec"]
    assert spec.pop("callback")["http"]["method"] == "POST"
    assert spec.pop("expect")["statusCodes"] == ["200-299"]
    assert spec == {
        "schedule": "*/5 * * * *",
        "module": 0,
        "timeZone": "UTC",
        "suspend": False,
        "timeoutSeconds": 30,
        "startingDeadlineSeconds": 600,
        "missedRunPolicy": "Latest",
        "concurrencyPolicy": "Allow",
        "historyLimit": 10,
    }


def test_a_field_that_does_not_exist_is_named(crontasks: CronTasks) -> None:
    response = crontasks.create(task(timeout=5), dry_run=True)

    assert response.status_code == 400
    assert 'unknown field "spec.timeout"' in response.json()["message"]
