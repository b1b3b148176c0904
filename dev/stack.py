"""Everything at once: control plane, CRDs, operator, facade and echo target."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

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


@dataclass(frozen=True, slots=True)
class Stack:
    """The running parts."""

    control_plane: ControlPlane
    operator: Program
    facade: Program
    echo: Program

    def check(self) -> None:
        """Check that every part still runs.

        Raises
        ------
        ChildFailedError
            If one ended by itself, with the end of its log.
        """
        parts = (program.child for program in (self.operator, self.facade, self.echo))
        for child in (*self.control_plane.components, *parts):
            if (code := child.poll()) is not None:
                raise ChildFailedError(child, f"ended with exit code {code}")

    def log_tails(self) -> str:
        """Return the ends of the operator's and the facade's logs."""
        children = (self.operator.child, self.facade.child)
        return "\n".join(f"the end of {child.log}:\n{child.tail()}" for child in children)


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
        operator = start_operator(kubeconfig, log=logs / "operator.log")
        cleanup.callback(operator.child.stop)
        kubeconfig = chart_kubeconfig(control_plane, NAMESPACE, "facade")
        facade = start_facade(kubeconfig, log=logs / "facade.log", port=api_port)
        cleanup.callback(facade.child.stop)
        cleanup.callback(report, "stopping")
        echo.wait_until_ready("/_received")
        facade.wait_until_ready("/readyz")
        wait_until_active(operator)
        yield Stack(control_plane, operator, facade, echo)
