"""An operator that starts before its CRD is installed."""

from pathlib import Path

from dev.control_plane import ControlPlane
from dev.echo import EchoServer
from dev.programs import start_operator, wait_until_active
from tests.support.crontasks import CronTasks, task
from tests.support.wait import eventually_sync


def test_an_operator_waits_for_its_crd(echo: EchoServer, tmp_path: Path) -> None:
    with ControlPlane() as bare, bare.client() as client:
        operator = start_operator(bare.kubeconfig, log=tmp_path / "operator.log")
        try:
            eventually_sync(
                lambda: "Waiting for the CRD of crontasks.crontask.dev" in operator.child.tail(),
                timeout=60,
                describe=operator.child.tail,
            )
            bare.install_crds()
            wait_until_active(operator)
            callback = {"http": {"url": f"{echo.url}/ok"}}
            spec = task(schedule="* * * * * *", callback=callback)
            CronTasks(client).create(spec).raise_for_status()
            eventually_sync(lambda: echo.received, timeout=30)
        finally:
            operator.child.stop()
