"""many does one thing to many tasks, for the commands that change them.

::

    names, or -l, or --all ──> chosen ──> each ──> a line for each task, failures on stderr
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from typing import Annotated, Any, Final

import typer

from crontask_cli.errors import FAILED, MISTAKE, CliError
from crontask_cli.service.base import TaskService
from crontask_cli.service.task import read_task
from crontask_cli.shown.safe import safe
from crontask_cli.shown.screen import Screen, interruptible
from crontask_core.errors import CronTaskError

AT_ONCE: Final = 8
"""Requests at a time: a far cluster takes fifty milliseconds for each."""

BAR_FROM: Final = 20
"""Tasks from which on a bar shows how far the work is."""

All = Annotated[bool, typer.Option("--all", help="All tasks of the namespace.")]
DryRun = Annotated[
    str | None,
    typer.Option(
        "--dry-run", metavar="server", help="server: have all checked and nothing changed."
    ),
]


def is_dry(dry_run: str | None) -> bool:
    """Return whether nothing is to be changed.

    Raises
    ------
    CliError
        If the option's value is another than ``server``.
    """
    if dry_run in (None, "none"):
        return False
    if dry_run != "server":
        raise CliError(f"--dry-run: found {dry_run!r}, expected server", MISTAKE)
    return True


def chosen(
    service: TaskService, names: list[str] | None, labels: str, *, everything: bool
) -> list[str]:
    """Return the names that were given, or those of the tasks that were selected.

    Raises
    ------
    CliError
        If none was chosen, or in two ways at once.
    """
    ways = sum((bool(names), bool(labels), everything))
    if ways != 1:
        raise CliError("expected one of: names of tasks, -l LABELS, --all", MISTAKE)
    if names:
        return list(dict.fromkeys(names))
    return [read_task(item).metadata.name for page in service.pages(labels) for item in page]


def each(
    names: list[str], action: Callable[[str], str], called: Callable[[str], str] = str
) -> None:
    """Do `action` for each of `names`, and write the line that it returns for it.

    `called` returns what people call one, for errors.

    Raises
    ------
    CliError
        If it failed for one of them; the others were done nevertheless.
    """
    screen, failures = Screen(), 0
    if len(names) == 1:
        screen.write(safe(action(names[0])))
        return
    with _all_of(names, action) as futures:
        for future, name in futures:
            try:
                screen.write(safe(future.result()))
            except CronTaskError as error:
                failures += 1
                screen.flush()
                sys.stderr.write(f"Error: {safe(called(name))}: {safe(str(error))}\n")
    if failures:
        raise CliError(f"{failures} of {len(names)} failed", FAILED)


def apply_each(
    service: TaskService, manifests: list[dict[str, Any]], *, dry: bool, force: bool
) -> None:
    """Apply each of `manifests`; raises as `each`."""
    names = [str(manifest["metadata"]["name"]) for manifest in manifests]

    def send(number: str) -> str:
        outcome = service.apply(manifests[int(number)], dry_run=dry, force=force).outcome
        return f"{names[int(number)]} {outcome}{' (server dry run)' if dry else ''}"

    each(list(map(str, range(len(manifests)))), send, lambda number: names[int(number)])


@contextmanager
def _all_of(
    names: list[str], action: Callable[[str], str]
) -> Iterator[Iterable[tuple[Future[str], str]]]:
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        futures = {pool.submit(action, name): name for name in names}
        with interruptible(), _progress(len(names)) as advance:
            yield _as_they_end(futures, advance)
    finally:
        # Those that are in flight end with the process; nobody waits for them.
        pool.shutdown(wait=False, cancel_futures=True)


def _as_they_end(
    futures: dict[Future[str], str], advance: Callable[[], None]
) -> Iterator[tuple[Future[str], str]]:
    for future in as_completed(futures):
        advance()
        yield future, futures[future]


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """Show a bar on stderr while the block runs, if that is a terminal and it is worth it."""
    if total < BAR_FROM or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("", total=total)
        yield lambda: progress.advance(bar)
