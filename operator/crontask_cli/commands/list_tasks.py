"""list_tasks is ``crontask list``."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
import typer

from crontask_cli.listing import Listing, Order, write_list, write_rows
from crontask_cli.options import Format, Labels, NoHeaders, Output
from crontask_cli.service.base import TaskService
from crontask_cli.service.connection import Connection
from crontask_cli.service.rows import Row, row_of
from crontask_cli.service.task import read_manifest, read_task
from crontask_cli.shown.screen import Screen
from crontask_cli.times import now
from crontask_core.enums import Phase, TaskType


def command(
    ctx: typer.Context,
    selector: Labels = "",
    phase: Annotated[
        list[Phase] | None,
        typer.Option(case_sensitive=False, metavar="PHASE", help="Only tasks in this phase."),
    ] = None,
    kind: Annotated[
        TaskType | None,
        typer.Option("--type", case_sensitive=False, metavar="TYPE", help="Only this type."),
    ] = None,
    module: Annotated[
        int | None, typer.Option(metavar="N", help="Only tasks of this module.")
    ] = None,
    failing: Annotated[
        bool, typer.Option("--failing", help="Only tasks whose latest run failed, or cannot run.")
    ] = False,
    sort: Annotated[
        Order, typer.Option(case_sensitive=False, help="By the next run, or by name.")
    ] = Order.NEXT,
    output: Output = Format.TABLE,
    no_headers: NoHeaders = False,
) -> None:
    """List tasks, those that run next first.

    The filters go together: a task is listed that meets all of them; --phase may be
    given several times.
    """
    connection: Connection = ctx.obj
    listing = Listing(
        selector=selector,
        phases=[each.value for each in phase or ()],
        failing=failing,
        sort=sort,
        wide=output is Format.WIDE,
        names=output is Format.NAME,
        headers=not no_headers,
    )
    whole = output in (Format.JSON, Format.YAML)
    if not whole and kind is None and module is None:
        write_list(connection, listing)
        return
    service = connection.open(everywhere=True)
    found = _with_objects(service, selector, kind, module, keep=whole)
    if not whole:
        write_rows((row for row, _ in found), listing, namespaces=connection.everywhere)
        return
    items = sorted(
        ((row, item) for row, item in found if listing.takes(row)),
        key=lambda each: listing.key(each[0]),
    )
    _write_documents(Screen(), [item for _, item in items if item is not None], output)


def _with_objects(
    service: TaskService, labels: str, kind: TaskType | None, module: int | None, *, keep: bool
) -> Iterator[tuple[Row, msgspec.Raw | None]]:
    """Yield the tasks of a type and a module, with the objects themselves if they are kept."""
    moment = now()
    for page in service.pages(labels):
        for item in page:
            task = read_task(item)
            if (kind is None or task.spec.type == kind) and module in (None, task.spec.module):
                # A page is in memory as long as one of its items is.
                yield row_of(task, moment), msgspec.Raw(bytes(item)) if keep else None


def _write_documents(screen: Screen, items: list[msgspec.Raw], output: Format) -> None:
    from crontask_cli.shown.documents import as_json, as_list, as_yaml

    whole = as_list(read_manifest(item) for item in items)
    screen.write(as_json(whole) if output is Format.JSON else as_yaml(whole))
