"""`kubectl apply -f examples/` works as it stands, and every example can run."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
import yaml

from crontask_core.expect import compile_expect
from crontask_core.schedule import compile_spec
from crontask_core.spec import CronTaskSpec, parse_spec
from dev.control_plane import ControlPlane

EXAMPLES: Final = Path(__file__).parents[2] / "examples"
NOW: Final = datetime(2026, 6, 1, tzinfo=UTC)
ECHO: Final = "http://127.0.0.1:8099/"


def documents() -> list[dict[str, object]]:
    return [
        document
        for path in sorted(EXAMPLES.glob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    ]


@pytest.fixture
def applied(control_plane: ControlPlane, namespace: str) -> dict[str, CronTaskSpec]:
    """The tasks of the examples, as the operator gets them from the API server."""
    control_plane.kubectl("apply", "--namespace", namespace, "-f", EXAMPLES)
    listed = json.loads(control_plane.kubectl("get", "ct", "--namespace", namespace, "-o", "json"))
    return {item["metadata"]["name"]: parse_spec(item["spec"]) for item in listed["items"]}


def test_they_are_all_applied_and_can_all_run(applied: dict[str, CronTaskSpec]) -> None:
    tasks = [document for document in documents() if document["kind"] == "CronTask"]
    assert len(applied) == len(tasks)

    for name, spec in applied.items():
        http = spec.callback.http
        assert http is not None
        assert http.url.startswith(ECHO), name
        compile_expect(spec.expect)
        # Those that run once are due already; the others have a next moment.
        due = compile_spec(spec, seed=name, anchor=NOW).next(NOW)
        assert (due is None) == (spec.at is not None), name


def test_applying_them_again_changes_no_task(
    control_plane: ControlPlane, namespace: str, applied: dict[str, CronTaskSpec]
) -> None:
    again = control_plane.kubectl("apply", "--namespace", namespace, "-f", EXAMPLES)

    # The Secret is "configured" each time: what it stores is not the stringData it was given.
    tasks = [line.split() for line in again.splitlines() if line.startswith("crontask")]
    assert {words[-1] for words in tasks} == {"unchanged"}


def test_each_secret_they_name_comes_with_them(applied: dict[str, CronTaskSpec]) -> None:
    secrets = {
        (document["metadata"]["name"], key)  # type: ignore[index]
        for document in documents()
        if document["kind"] == "Secret"
        for key in document["stringData"]  # type: ignore[attr-defined]
    }
    named = {
        (header.secret_key_ref.name, header.secret_key_ref.key)
        for spec in applied.values()
        if spec.callback.http is not None
        for header in spec.callback.http.headers
        if header.secret_key_ref is not None
    }

    assert named
    assert named <= secrets


def test_each_file_teaches_with_a_comment() -> None:
    for path in EXAMPLES.glob("*.yaml"):
        assert path.read_text(encoding="utf-8").startswith("# "), path
