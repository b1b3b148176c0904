"""Two releases side by side, each with rights in the namespace of one team alone."""

from collections.abc import Iterator

import pytest

from tests.e2e.cluster import Cluster
from tests.e2e.target import Target
from tests.e2e.tasks import task, wait_for_run

TEAMS = ("e2e-team-a", "e2e-team-b")


@pytest.fixture(scope="module", autouse=True)
def _releases(cluster: Cluster) -> Iterator[None]:
    for team in TEAMS:
        cluster.create_namespace(team)
        # The definition of CronTasks is a matter of the cluster.
        alone = {"watchNamespaces": [team], "crds": {"install": False}}
        cluster.helm("install", "cron", team, alone)
    yield
    for team in TEAMS:
        cluster.uninstall("cron", team)
        cluster.delete_namespace(team)


@pytest.mark.parametrize("team", TEAMS)
def test_each_runs_the_tasks_of_its_team_once(cluster: Cluster, target: Target, team: str) -> None:
    url = f"{target.url}/{team}"
    cluster.apply(task("once", team, url, schedule="0 0 1 1 *"))
    now = "crontask.dev/run-requested-at=now"
    cluster.kubectl("annotate", "crontask", "once", now, "--namespace", team)
    wait_for_run(cluster, team, "once", "Succeeded")
    arrived = [found for found in target.received() if found["target"] == f"/{team}"]
    assert len(arrived) == 1


@pytest.mark.parametrize(("team", "other"), [TEAMS, TEAMS[::-1]])
def test_none_may_touch_the_tasks_of_the_other(cluster: Cluster, team: str, other: str) -> None:
    account = f"--as=system:serviceaccount:{team}:cron-crontask-operator"
    question = ("auth", "can-i", "--quiet", "get", "crontasks", account)
    cluster.kubectl(*question, "--namespace", team)
    answer = cluster.kubectl(
        "auth", "can-i", "--list", account, "--namespace", other, "--no-headers"
    )
    assert "crontask" not in answer
