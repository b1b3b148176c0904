"""What the fields of each format become, and what is told of those that have no equal."""

import json
from typing import Any

import pytest

from crontask_cli.importing.formats import Source
from crontask_cli.importing.found import Draft, Refused
from tests.unit.cli.importing.reading import (
    ARN,
    SAMPLES,
    cronjob,
    manifests,
    one,
    read,
    reason,
)


def sample(source: Source, name: str, **hints: Any) -> list[Draft | Refused]:
    """Return what a sample file has."""
    return read(source, (SAMPLES / name).read_bytes(), **hints)


def as_json(**fields: Any) -> str:
    return json.dumps([fields])


def test_a_crontab() -> None:
    found = sample(Source.CRONTAB, "crontab")
    drafts = [each for each in found if isinstance(each, Draft)]

    assert [each.place for each in found] == [f"file:{line}" for line in range(7, 14)]
    daily, refresh, drafts_gone, events = (each.spec for each in drafts)
    assert daily["timeZone"] == "Europe/Berlin"
    assert daily["dst"] == {"gap": "RunAfter", "overlap": "First"}
    assert daily["callback"]["http"]["url"] == "https://reports.example.com/run"
    # A job of every ten minutes keeps its pace over a clock change.
    assert "dst" not in refresh
    assert drafts_gone["callback"]["http"]["method"] == "DELETE"
    assert events["callback"]["http"]["body"] == "one=1two=2"
    assert all("MAILTO" in each.notes[-1] for each in drafts)
    left_out = [each.reason for each in found if isinstance(each, Refused)]
    assert ["@reboot" in left_out[0], "'backup.sh'" in left_out[1]] == [True, True]
    assert "'|'" in left_out[2]


def test_the_system_s_crontab_has_users() -> None:
    hourly, tick = sample(Source.CRONTAB, "crontab-system")

    assert isinstance(hourly, Draft)
    assert hourly.notes == ["the user root: a call has none"]
    assert isinstance(tick, Draft)
    assert tick.spec["schedule"] == "*/2 */2 * * *"


def test_a_percent_sign_that_is_escaped() -> None:
    draft = one(Source.CRONTAB, r"0 0 * * * curl http://a.example/x\%20y")

    assert draft.spec["callback"]["http"]["url"] == "http://a.example/x%20y"


def test_a_quote_that_a_percent_sign_leaves_open() -> None:
    line = "0 0 * * * curl -d 'day=%d' http://a.example/x"
    assert "a % that has no \\ before it ends the command" in reason(Source.CRONTAB, line)

    without = "0 0 * * * curl -d 'day http://a.example/x"
    assert reason(Source.CRONTAB, without) == "a quote is not closed"


def test_cronjobs() -> None:
    prices, odd, vacuum = sample(Source.CRONJOB, "cronjobs.yaml")

    assert isinstance(prices, Draft)
    assert (prices.object_name, prices.namespace, prices.notes) == ("refresh-prices", "shop", [])
    assert prices.spec["callback"]["http"]["headers"] == [
        {"name": "Authorization", "secretKeyRef": {"name": "prices", "key": "authorization"}}
    ]
    assert prices.spec["concurrencyPolicy"] == "Forbid"
    assert prices.spec["startingDeadlineSeconds"] == 120
    assert prices.spec["retry"]["backoff"] == {
        "initialSeconds": 10, "factor": 2, "maxSeconds": 360, "attempts": 2,
    }  # fmt: skip
    assert isinstance(odd, Draft)
    assert odd.spec["schedule"] == "0 0 1-31/2 * 1"
    assert (odd.spec["suspend"], odd.spec["timeoutSeconds"]) == (True, 90)
    # Without a deadline a CronJob makes up for the latest missed run, however old.
    assert odd.spec["startingDeadlineSeconds"] == 604800
    assert vacuum == Refused("file, document 3", "the command is 'vacuumdb': expected curl or wget")


def test_a_cronjob_that_is_no_call() -> None:
    command = {"name": "c", "image": "curlimages/curl", "args": ["http://a/$(X)"]}
    assert "variable X is not known" in reason(Source.CRONJOB, cronjob(command))
    secret = {"name": "X", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
    assert "a Secret is part of an argument" in reason(
        Source.CRONJOB, cronjob({**command, "env": [secret]})
    )
    assert "expected 0-23" in reason(
        Source.CRONJOB, cronjob({**command, "args": ["http://a"]}, schedule="0 25 * * *")
    )
    assert "concurrencyPolicy" in reason(
        Source.CRONJOB, cronjob({**command, "args": ["http://a"]}, concurrencyPolicy="Never")
    )
    assert reason(Source.CRONJOB, "kind: Pod") == "it is no CronJob"


def test_dkron() -> None:
    refresh, close, backup = sample(Source.DKRON, "dkron.json")

    assert isinstance(refresh, Draft)
    assert refresh.name == "Refresh prices"
    assert refresh.spec["schedule"] == "0 */15 8-18 * * mon-fri"
    assert refresh.spec["expect"] == {"statusCodes": ["200", "206"], "bodyRegex": r'"ok":\s*true'}
    assert refresh.spec["retry"] == {"delaysSeconds": [0, 0]}
    assert refresh.notes[0] == "owner: a task has no such field"
    assert isinstance(close, Draft)
    assert close.spec["at"] == "2099-01-02T14:04:05Z"
    assert close.spec["ttlSecondsAfterFinished"] == 0
    assert close.spec["expect"] == {"statusCodes": ["200-599"]}
    assert backup == Refused("file[2]", "executor: expected http, found 'shell'")


def test_cloud_scheduler() -> None:
    refresh, cleanup, publish = sample(Source.GCP, "gcp.json")

    assert isinstance(refresh, Draft)
    assert refresh.spec["retry"] == {"delaysSeconds": [10, 20, 40, 80, 160]}
    assert refresh.spec["timeoutSeconds"] == 60
    assert refresh.spec["callback"]["http"]["body"] == '{"scope": "all"}'
    assert refresh.notes == ["httpTarget.oidcToken: the operator has no identity at Google"]
    assert isinstance(cleanup, Draft)
    assert (cleanup.spec["schedule"], cleanup.spec["suspend"]) == ("@every 12h", True)
    assert publish == Refused("file[2]", "pubsubTarget: expected httpTarget")


def test_cloud_scheduler_grows_its_delays_as_documented() -> None:
    # The example of its reference: 10 s, 300 s and three doublings.
    config = {"minBackoffDuration": "10s", "maxBackoffDuration": "300s", "maxDoublings": 3}
    job = {"name": "a", "schedule": "* * * * *", "httpTarget": {"uri": "http://a"}}
    draft = one(Source.GCP, as_json(**job, retryConfig={"maxRetryDuration": "900s", **config}))

    assert draft.spec["retry"]["delaysSeconds"][:8] == [10, 20, 40, 80, 160, 240, 300, 300]
    assert draft.spec["retry"]["maxTotalSeconds"] == 900


def test_eventbridge() -> None:
    found = sample(Source.EVENTBRIDGE, "eventbridge.json", targets={ARN: "https://a.example/run"})
    refresh, tick, launch = (each for each in found if isinstance(each, Draft))

    assert refresh.spec["schedule"] == "0/15 8-18 * * MON,TUE,WED,THU,FRI"
    assert refresh.spec["dst"] == {"gap": "Skip", "overlap": "First"}
    assert refresh.spec["callback"]["http"]["body"] == '{"scope": "all"}'
    assert refresh.spec["retry"]["maxTotalSeconds"] == 3600
    assert refresh.notes == [
        "FlexibleTimeWindow of 10 minutes: H in the schedule spreads tasks instead"
    ]
    assert (tick.spec["schedule"], tick.spec["suspend"]) == ("@every 5m", True)
    assert launch.spec["at"] == "2099-07-01T09:00:00-04:00"
    assert launch.spec["ttlSecondsAfterFinished"] == 0
    assert isinstance(found[3], Refused)


def test_eventbridge_without_a_url() -> None:
    found = sample(Source.EVENTBRIDGE, "eventbridge.json")

    assert all(isinstance(each, Refused) for each in found)
    assert "--target ARN=URL" in found[0].reason  # type: ignore[union-attr]


@pytest.mark.parametrize("as_rows", [False, True])
def test_xxl_job(as_rows: bool) -> None:
    prices, heartbeat, clean = sample(Source.XXL_JOB, "xxl-job.csv")
    if as_rows:
        param = json.dumps({"url": "http://prices.shop.svc:8080/refresh", "method": "POST",
                            "data": '{"scope": "all"}'})  # fmt: skip
        row = {"id": 1, "jobDesc": "定时改价", "scheduleType": "CRON", "executorParam": param,
               "scheduleConf": "0 0/15 8-18 ? * 2-6", "executorBlockStrategy": "DISCARD_LATER",
               "executorHandler": "httpJobHandler", "executorTimeout": 20, "glueType": "BEAN",
               "executorFailRetryCount": 2, "triggerStatus": 1}  # fmt: skip
        prices = one(Source.XXL_JOB, json.dumps({"data": [row]}))

    assert isinstance(prices, Draft)
    assert (prices.name, prices.notes) == ("定时改价", [])
    assert prices.spec["schedule"] == "0 0/15 8-18 * * MON,TUE,WED,THU,FRI"
    assert prices.spec["concurrencyPolicy"] == "Forbid"
    assert prices.spec["missedRunPolicy"] == "Skip"
    assert prices.spec["retry"] == {"delaysSeconds": [10, 10]}
    assert prices.spec["callback"]["http"]["body"] == '{"scope": "all"}'
    assert isinstance(heartbeat, Draft)
    assert heartbeat.spec["schedule"] == "@every 30s"
    assert heartbeat.spec["concurrencyPolicy"] == "Replace"
    assert heartbeat.spec["callback"]["http"]["method"] == "GET"
    assert heartbeat.spec["suspend"] is True
    assert isinstance(clean, Refused)


def test_the_original_s_tasks_in_three_forms() -> None:
    from_list = manifests(Source.GO_CRONTAB, (SAMPLES / "go-crontab.json").read_bytes())
    from_dump = manifests(Source.GO_CRONTAB, (SAMPLES / "go-crontab.sql").read_bytes())
    rows = (
        "id,name,enable,module,type,start_time,url,method,redo_param\n"
        "7,定时改价,1,2,4,0 30 2 * * *,http://prices.shop.svc:8080/refresh,POST,2 4 8\n"
    )
    (from_csv,) = manifests(Source.GO_CRONTAB, rows)

    prices, sale = from_list
    # The facade's own id, by which its clients know the task.
    assert prices["metadata"]["name"] == "3563671045221921"
    assert prices["spec"]["schedule"] == "0 30 2 * * *"
    assert prices["spec"]["retry"] == {"delaysSeconds": [2, 4, 8]}
    assert sale["spec"]["callback"]["grpc"] == {
        "address": "sales.shop.svc:50051", "service": "shop.v1.Sales", "method": "Close",
    }  # fmt: skip
    assert (sale["spec"]["at"], sale["spec"]["suspend"]) == ("2099-01-01T00:00:00Z", True)
    assert [each["metadata"]["name"] for each in from_dump] == ["101", "102"]
    assert from_dump[0]["spec"]["callback"]["http"]["body"] == '{"scope": "it\'s all"}'
    assert "expect" not in from_dump[0]["spec"]
    assert from_csv["metadata"]["name"] == "7"
    assert from_csv["spec"]["callback"]["http"]["method"] == "POST"


def test_pingsources() -> None:
    refresh, broker = sample(Source.KNATIVE, "pingsources.yaml")

    assert isinstance(refresh, Draft)
    http = refresh.spec["callback"]["http"]
    assert http["url"] == "http://prices.shop.svc.cluster.local/events"
    values = {each["name"]: each["value"] for each in http["headers"]}
    assert values["Ce-Source"] == "/apis/v1/namespaces/shop/pingsources/refresh"
    assert values["Content-Type"] == "application/json"
    assert isinstance(broker, Refused)
    assert "'Broker'" in broker.reason


def test_no_two_tasks_have_one_name() -> None:
    lines = "0 0 * * * curl http://a.example/x\n1 0 * * * curl http://a.example/x\n"

    names = [each["metadata"]["name"] for each in manifests(Source.CRONTAB, lines)]
    assert names == ["a-example-x", "a-example-x-2"]
