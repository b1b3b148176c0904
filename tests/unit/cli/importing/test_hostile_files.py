"""Files that anybody may have written: refused or read, and never more than a message."""

import json
from typing import Any

import pytest

from crontask_cli.errors import CliError
from crontask_cli.files import MAX_BYTES
from crontask_cli.importing.formats import Source
from crontask_cli.importing.found import Refused
from tests.unit.cli.importing.reading import ARN, SAMPLES, cronjob, read

HOSTILE = {
    "no JSON": (Source.DKRON, "[\n{\n", "file:3: it is no JSON"),
    "no list": (Source.DKRON, "3", "file: all of it: expected a list, found a number"),
    "deep JSON": (Source.GCP, "[" * 100_000, "file: it is no JSON that can be read"),
    "a long number": (Source.GCP, "9" * 5000, "file: it is no JSON that can be read"),
    "no YAML": (Source.KNATIVE, "a: 1\nb: [", "file:3: it is no YAML"),
    "an alias": (Source.CRONJOB, "a: 1\nb: *a\n", "file:2: it is no YAML: an alias of nothing"),
    "deep YAML": (Source.CRONJOB, "- " * 100_000, "it is deeper than 50"),
    "an object of Python": (Source.CRONJOB, "!!python/object:os.system {}", "it is no YAML"),
    "no UTF-8": (Source.CRONTAB, b"a\nb\xff", "file:2: expected text in UTF-8"),
    "too long": (Source.CRONTAB, b"#" * (MAX_BYTES + 1), "expected at most"),
    "a short row": (Source.XXL_JOB, "a,b\n1\n", "file:2: expected 2 values"),
    "an open quote": (Source.XXL_JOB, 'a,b\n1,"x', "it is no CSV"),
    "no columns": (Source.GO_CRONTAB, "INSERT INTO t VALUES (1);", "columns of t are not known"),
    "a short INSERT": (
        Source.GO_CRONTAB, "-- x\nINSERT INTO t (a, b) VALUES (1,2),(3);",
        "file:2: t[1]: expected 2 values, found 1",
    ),
    "an open INSERT": (Source.GO_CRONTAB, "INSERT INTO t (a) VALUES ('x", "value 1 cannot be read"),
}  # fmt: skip


@pytest.mark.parametrize(("source", "content", "told"), HOSTILE.values(), ids=HOSTILE)
def test_a_file_that_cannot_be_read(source: Source, content: str | bytes, told: str) -> None:
    with pytest.raises(CliError) as caught:
        read(source, content)
    assert told in str(caught.value)


ODD: list[Any] = [None, True, 3, -1, 1e400, "", "x" * 5000, "\x00\x1b[2J", [], [[]], {}, {"a": {}}]
JOBS: dict[Source, dict[str, Any]] = {
    Source.DKRON: json.loads((SAMPLES / "dkron.json").read_text())[0],
    Source.GCP: json.loads((SAMPLES / "gcp.json").read_text())[0],
    Source.EVENTBRIDGE: json.loads((SAMPLES / "eventbridge.json").read_text())[0],
    Source.GO_CRONTAB: json.loads((SAMPLES / "go-crontab.json").read_text())["task_list"][0],
    Source.CRONJOB: json.loads(cronjob({"name": "c", "image": "curl", "args": ["http://a"]})),
    Source.KNATIVE: {
        "kind": "PingSource",
        "metadata": {"name": "a", "namespace": "b"},
        "spec": {"schedule": "* * * * *", "data": "x", "sink": {"uri": "http://a"}},
    },
    Source.XXL_JOB: {
        "job_desc": "a", "schedule_type": "CRON", "schedule_conf": "0 0 0 * * ?",
        "glue_type": "BEAN",
        "executor_handler": "httpJobHandler", "executor_param": "url: http://a\nmethod: GET",
        "executor_timeout": 1, "executor_fail_retry_count": 1,
    },
}  # fmt: skip


@pytest.mark.parametrize("source", JOBS)
def test_any_value_in_any_field_is_taken_or_told(source: Source) -> None:
    def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        below = value.items() if isinstance(value, dict) else enumerate(value)
        found = [path] if path else []
        if isinstance(value, dict | list):
            for key, each in below:
                found += (
                    places(each, (*path, key)) if isinstance(each, dict | list) else [(*path, key)]
                )
        return found

    for path in places(JOBS[source]):
        for odd in ODD:
            job = json.loads(json.dumps(JOBS[source]))
            place = job
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = odd
            text = json.dumps(job if source in (Source.CRONJOB, Source.KNATIVE) else [job])
            (found,) = read(source, text, targets={ARN: "http://a"})
            if isinstance(found, Refused):
                assert len(found.reason) < 1200
