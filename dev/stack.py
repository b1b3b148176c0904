"""Everything at once: control plane, CRDs, operator, facade and echo target."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from dev.control_plane import ControlPlane
from dev.ports import check_free
from dev.processes import ChildFailedError
from dev.programs import (
    Program,
    start_echo,
    start_facade,
    start_operator,
    wait_until_active,
)
from dev.rights import chart_kubeconfig

NAMESPACE = "default"
"""Where the operator keeps its Leases, and whose tasks the facade serves."""


@dataclass(slots=True)
class Stack:
    """The running parts."""

    control_plane: ControlPlane
    operator: Program
    facade: Program
    echo: Program
    replace_operator: Callable[[], Program] | None = None
    """Starts another operator, where one that was told to end is to be replaced."""

    def check(self) -> None:
        """Check that every part still runs.

        Whoever ends the operator by SIGTERM wants to see what becomes of its tasks, so another
        takes its place, as in a Deployment.

        Raises
        ------
        ChildFailedError
            If one ended by itself, with the end of its log.
        """
        if self.replace_operator is not None and self.operator.child.poll() == 0:
            self.operator = self.replace_operator()
        parts = (program.child for program in (self.operator, self.facade, self.echo))
        for child in (*self.control_plane.components, *parts):
            if (code := child.poll()) is not None:
                raise ChildFailedError(child, f"ended with exit code {code}")

    def log_tails(self) -> str:
        """Return the ends of the operator's and the facade's logs."""
        children = (self.operator.child, self.facade.child)
        return "\n".join(f"the end of {child.log}:\n{child.tail()}" for child in children)


def history_url(folder: Path) -> str:
    """Return where operator and facade have the history that they share: a file of SQLite."""
    return f"sqlite:///{quote(str(folder / 'history.db'))}"


@contextmanager
def run_stack(
    *, logs: Path, api_port: int, echo_port: int, report: Callable[[str], None]
) -> Iterator[Stack]:
    """Run everything, ready when the block begins; `report` is told what is being done.

    The operator and the facade have the rights that the chart gives them.

    Raises
    ------
    DevError
        If a port is taken, a tool cannot be built or a part does not start.
    """
    check_free(api_port, "API_PORT")
    check_free(echo_port, "ECHO_PORT")
    logs.mkdir(parents=True, exist_ok=True)
    with ExitStack() as cleanup:
        report("starting etcd and kube-apiserver")
        control_plane = cleanup.enter_context(ControlPlane(logs))
        report("installing the CRD")
        control_plane.install_crds()
        report("starting the operator, the facade and the echo target")
        echo = start_echo(log=logs / "echo.log", port=echo_port)
        cleanup.callback(echo.child.stop)
        # Stopped in the opposite order: the facade takes no request that the operator
        # would not carry out, and the operator can still record what it ends.
        kubeconfig = chart_kubeconfig(control_plane, NAMESPACE, "operator")
        # Of the control plane's life: without the tasks, nobody would ask for their runs.
        history = history_url(control_plane.folder)
        operators: list[Program] = []

        def begin_operator(kubeconfig: Path = kubeconfig) -> Program:
            settings = {"CRONTASK_HISTORY_URL": history}
            log = logs / "operator.log"
            operators.append(start_operator(kubeconfig, log=log, settings=settings))
            return operators[-1]

        operator = begin_operator()
        cleanup.callback(lambda: operators[-1].child.stop())
        kubeconfig = chart_kubeconfig(control_plane, NAMESPACE, "facade")
        facade = start_facade(
            kubeconfig,
            log=logs / "facade.log",
            port=api_port,
            settings={
                "CRONTASK_API_HISTORY_URL": history,
                "CRONTASK_API_CONSOLE": "true",
                "CRONTASK_API_CONSOLE_LEASE_NAMESPACE": NAMESPACE,
            },
        )
        cleanup.callback(facade.child.stop)
        cleanup.callback(report, "stopping")
        echo.wait_until_ready("/_received")
        facade.wait_until_ready("/readyz")
        wait_until_active(operator)
        yield Stack(control_plane, operator, facade, echo, begin_operator)
