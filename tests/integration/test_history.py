"""The history as real processes keep it: beyond the status, over restarts, without secrets."""

import json
from collections.abc import Iterator
from functools import partial

import pytest

from dev.control_plane import ControlPlane
from tests.support.kept_runs import rows_of
from tests.support.postgres import Postgres, run_postgres
from tests.support.programs import run_operator
from tests.support.stage import PATIENCE_SECONDS, SHORT_LEASE, Stage
from tests.support.wait import eventually_sync

EXECUTION_ID = "x-crontask-execution-id"
PLANTED = 'planted/"value" & more'


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL."""
    with run_postgres() as server:
        yield server


@pytest.fixture
def url(postgres: Postgres) -> str:
    """A database of the test's own."""
    return postgres.url(postgres.new_database())


def has_received(stage: Stage, number: int) -> bool:
    """Tell whether the target was called so often."""
    return len(stage.echo.received) >= number


def test_runs_outlive_the_status_and_the_operator(
    control_plane: ControlPlane, stage: Stage, url: str
) -> None:
    settings = {"CRONTASK_HISTORY_URL": url, **SHORT_LEASE}
    spec = stage.task("/ok", schedule="* * * * * *", historyLimit=1)
    for _ in range(2):
        with run_operator(control_plane, stage.namespace, settings=settings) as operator:
            stage.tasks.create(spec, "often")
            enough = len(stage.echo.received) + 3
            eventually_sync(partial(has_received, stage, enough), PATIENCE_SECONDS)
            assert operator.child.stop() == 0
    # The end waited for the last rows.
    called = {each.headers[EXECUTION_ID] for each in stage.echo.received}
    assert {row.execution_id for row in rows_of(url, stage.namespace)} == called
    assert len(called) >= 6
    assert len(stage.tasks.runs("often")) == 1


def test_firing_and_statuses_go_on_while_the_database_hangs_for_20_seconds(
    control_plane: ControlPlane, stage: Stage, url: str, postgres: Postgres
) -> None:
    settings = {"CRONTASK_HISTORY_URL": url}
    spec = stage.task("/ok", schedule="* * * * * *")
    with run_operator(control_plane, stage.namespace, settings=settings) as operator:
        stage.tasks.create(spec, "often")
        eventually_sync(lambda: len(rows_of(url, stage.namespace)) >= 1, PATIENCE_SECONDS)
        postgres.pause()
        try:
            before = len(stage.calls())
            eventually_sync(lambda: len(stage.calls()) >= before + 20, PATIENCE_SECONDS)
            # It is a batch that is given up after ten of them.
            assert "Rows of the history wait" in operator.child.log.read_text()
            known = stage.tasks.runs("often")
            eventually_sync(lambda: stage.tasks.runs("often") != known, PATIENCE_SECONDS)
        finally:
            postgres.resume()
        called = {each.headers[EXECUTION_ID] for each in stage.echo.received}
        eventually_sync(
            lambda: called <= {row.execution_id for row in rows_of(url, stage.namespace)},
            PATIENCE_SECONDS,
        )


def test_no_value_of_a_secret_is_in_the_history(
    control_plane: ControlPlane, stage: Stage, url: str
) -> None:
    secret = ("create", "secret", "generic", "key", "--namespace", stage.namespace)
    control_plane.kubectl(*secret, f"--from-literal=value={PLANTED}")
    http = {
        "url": f"{stage.echo.url}/echo",
        # The target answers with its request's body, which is longer than a status keeps.
        "body": "x" * 3000 + json.dumps(PLANTED),
        "headers": [{"name": "X-Api-Key", "secretKeyRef": {"name": "key", "key": "value"}}],
    }
    spec = stage.task(at="2026-01-01T00:00:00Z", schedule=None, callback={"http": http})
    with run_operator(control_plane, stage.namespace, settings={"CRONTASK_HISTORY_URL": url}):
        stage.tasks.create(spec, "secretive")
        eventually_sync(lambda: rows_of(url, stage.namespace), PATIENCE_SECONDS)
    (row,) = rows_of(url, stage.namespace)
    assert row.response.startswith("x" * 3000)
    assert "planted" not in row.response
    assert "[redacted]" in row.response


def test_a_url_that_cannot_be_used_ends_the_start_without_being_repeated(
    control_plane: ControlPlane, stage: Stage
) -> None:
    settings = {"CRONTASK_HISTORY_URL": "mysql://me:hunter2-is-secret@db/runs"}
    with (
        pytest.raises(Exception, match="ended with exit code") as caught,
        run_operator(control_plane, stage.namespace, settings=settings),
    ):
        raise AssertionError("the operator has started")
    assert "CRONTASK_HISTORY_URL" in str(caught.value)
    assert "expected postgresql://host:5432/database" in str(caught.value)
    assert "hunter2" not in str(caught.value)
