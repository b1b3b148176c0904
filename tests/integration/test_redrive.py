"""Failed runs that are made again by real processes, under the rights that the chart gives."""

from pathlib import Path

from dev.control_plane import ControlPlane
from tests.facade.client import Facade, Json
from tests.support.programs import run_facade, run_operator
from tests.support.stage import PATIENCE_SECONDS, SHORT_LEASE, Stage
from tests.support.wait import eventually_sync

REDRIVE_OF = "x-crontask-redrive-of"
NEVER = "0 0 1 1 *"


def runs(client: Facade, **options: object) -> dict[str, Json]:
    """Return the runs that the history has, by their ids."""
    found = client.post("list_runs", {"limit": 1000, **options})["data"]["run_list"]
    return {run["execution_id"]: run for run in found}


def test_failed_runs_are_made_again_once_and_marked(
    control_plane: ControlPlane, stage: Stage, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'runs.db'}"
    operator = {"CRONTASK_HISTORY_URL": url, **SHORT_LEASE}
    facade = {"CRONTASK_API_HISTORY_URL": url}
    with (
        run_operator(control_plane, stage.namespace, settings=operator),
        run_facade(control_plane, stage.namespace, settings=facade) as program,
        Facade(program.url, stage.namespace) as client,
    ):
        stage.tasks.create(stage.task("/fail", schedule="* * * * * *"), "orders")
        eventually_sync(lambda: len(runs(client, status=3)) >= 3, PATIENCE_SECONDS)
        mended = stage.task("/ok", schedule=NEVER)
        generation = stage.tasks.merge({"spec": mended}, "orders").json()["metadata"]["generation"]
        eventually_sync(
            lambda: stage.tasks.status("orders")["observedGeneration"] == generation,
            PATIENCE_SECONDS,
        )
        # What was called until then is written by the time that it is in the history.
        called = {call.execution_id for call in stage.calls_of("orders")}
        eventually_sync(lambda: runs(client).keys() >= called, PATIENCE_SECONDS)
        failed = runs(client, status=3)

        def redrive() -> list[Json]:
            answer = client.post("redrive_runs", {"dry_run": False, "task_id": "orders"})
            results: list[Json] = answer["data"]["task_result"]
            return results

        asked = redrive()
        assert {result["execution_id"] for result in asked} == failed.keys()
        # More than ten have to wait for the first; asked again and again, each is made once.
        eventually_sync(lambda: not redrive(), PATIENCE_SECONDS)
        assert runs(client, redriven=True).keys() == failed.keys()
        made = [each for each in stage.echo.received if REDRIVE_OF in each.headers]
        assert sorted(each.headers[REDRIVE_OF] for each in made) == sorted(failed)
        for each in made:
            old = failed[each.headers[REDRIVE_OF]]
            assert each.headers["x-crontask-scheduled-time"] == old["scheduled_time"]
            assert each.headers["x-crontask-run-type"] == "Manual"
        again = runs(client, run_type=3)
        assert {run["redrive_of"] for run in again.values()} == failed.keys()
        assert {run["redriven_by"] for run in runs(client, status=3).values()} == again.keys()
