"""The operator and the facade as real processes for the length of a block."""

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dev.control_plane import ControlPlane
from dev.processes import ChildFailedError
from dev.programs import Program, start_facade, start_operator, wait_until_active
from dev.rights import chart_kubeconfig, everywhere_kubeconfig

_numbers = itertools.count(1)


@contextmanager
def run_operator(
    control_plane: ControlPlane,
    namespace: str | None,
    *,
    kubeconfig: Path | None = None,
    settings: Mapping[str, str] | None = None,
    active: bool = True,
) -> Iterator[Program]:
    """Run an operator for `namespace` (None: for all), ready when the block begins.

    With `active` it has become the owner of a shard by then; without, as for a
    standby, its probes answer. `kubeconfig` is by default that of an operator which the
    chart has installed in `namespace`, or in ``default`` for all.
    The block's end stops it with SIGTERM and fails if it had ended by itself before.
    """
    program = start_operator(
        kubeconfig or chart_kubeconfig(control_plane, namespace or "default", "operator"),
        log=control_plane.folder / f"operator-{next(_numbers)}.log",
        namespace=namespace,
        settings=settings,
    )
    with stopped_at_the_end(program):
        if active:
            wait_until_active(program)
        else:
            program.wait_until_ready("/healthz")
        yield program


@contextmanager
def run_facade(
    control_plane: ControlPlane,
    namespace: str,
    *,
    kubeconfig: Path | None = None,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Program]:
    """Run a facade whose tasks are in `namespace`, ready when the block begins.

    `kubeconfig` is by default that of a facade which the chart has installed there, for
    this namespace or, as `settings` say, for all.
    """
    settings = {"CRONTASK_API_NAMESPACE": namespace, **(settings or {})}
    program = start_facade(
        kubeconfig or facade_kubeconfig(control_plane, namespace, settings),
        log=control_plane.folder / f"facade-{next(_numbers)}.log",
        settings=settings,
    )
    with stopped_at_the_end(program):
        program.wait_until_ready("/readyz")
        yield program


def facade_kubeconfig(
    control_plane: ControlPlane, namespace: str, settings: Mapping[str, str]
) -> Path:
    """Return that of a facade with `settings` which the chart has installed in `namespace`."""
    if settings.get("CRONTASK_API_ALLOWED_NAMESPACES") == "*":
        return everywhere_kubeconfig(control_plane, namespace)
    return chart_kubeconfig(control_plane, namespace, "facade")


@contextmanager
def stopped_at_the_end(program: Program) -> Iterator[None]:
    """Stop `program` at the end of the block; fail if it had ended by itself.

    The failure of a block has the end of the program's log as a note.
    """
    child = program.child
    try:
        yield
        if child.poll() is not None and not child.told_to_end:
            raise ChildFailedError(child, f"ended by itself with exit code {child.poll()}")
    except BaseException as error:
        error.add_note(f"The end of the log of the {child.name}:\n{child.tail()}")
        raise
    finally:
        # A stopped process takes SIGTERM only once it goes on.
        child.resume()
        child.stop()
