"""import_tasks is ``crontask import``."""

import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from crontask_cli.errors import MISTAKE, NOT_WELL, CliError
from crontask_cli.importing.formats import Source
from crontask_cli.options import Format
from crontask_cli.service.connection import Connection
from crontask_cli.shown.safe import safe
from crontask_cli.shown.screen import Screen


def command(
    ctx: typer.Context,
    source: Annotated[
        Source,
        typer.Argument(metavar="FORMAT", case_sensitive=False, help=f"One of {', '.join(Source)}."),
    ],
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Files, or - for stdin.")],
    apply: Annotated[
        bool, typer.Option("--apply", help="Send the tasks, as `crontask apply` does.")
    ] = False,
    time_zone: Annotated[
        str,
        typer.Option("--tz", metavar="NAME", help="IANA time zone where the source names none."),
    ] = "UTC",
    targets: Annotated[
        list[str] | None,
        typer.Option(
            "--target", metavar="ARN=URL", help="The URL for a target that is none (eventbridge)."
        ),
    ] = None,
    output: Annotated[
        Format, typer.Option("-o", "--output", case_sensitive=False, help="yaml.")
    ] = Format.YAML,
) -> None:
    """Write the tasks of another scheduler as CronTasks.

    A comment stands before each thing that has no equal here, and in place of each task that
    cannot be converted. The exit status is 4 if there is any, and 0 if all was converted as it
    was. Files are read and never run.
    """
    from crontask_cli.files import content_of
    from crontask_cli.importing.formats import reader
    from crontask_cli.importing.found import Draft, Found, Hints, named
    from crontask_cli.shown.drafts import draft_lines

    connection: Connection = ctx.obj
    if output is not Format.YAML:
        raise CliError(f"-o {output}: tasks are written as yaml", MISTAKE)
    hints = Hints(_zone(time_zone), dict(map(_target, targets or ())))
    read = reader(source)

    def items() -> Iterator[Found]:
        for file in files:
            yield from read(safe(file), content_of(file), hints)

    # All is read before anything is written or sent.
    drafts = list(named(items()))
    screen, manifests = Screen(), []
    for number, (item, name) in enumerate(drafts):
        manifest: dict[str, Any] | None = None
        if isinstance(item, Draft):
            manifest = item.manifest(name)
            manifests.append(manifest)
        if not apply:
            for line in draft_lines(item, manifest, is_first=not number):
                screen.write(line)
    notes = sum(len(item.notes) for item, _ in drafts if isinstance(item, Draft))
    refused = len(drafts) - len(manifests)
    if apply:
        _report(item for item, _ in drafts)
        _send(connection, manifests)
    screen.flush()
    sys.stderr.write(f"converted {len(manifests)}, without an equal {notes}, left out {refused}\n")
    if notes or refused:
        raise typer.Exit(NOT_WELL)


def _report(items: Iterator[Any]) -> None:
    """Write the comments on stderr, as the tasks themselves are sent."""
    from crontask_cli.shown.drafts import comments

    for item in items:
        for line in comments(item):
            sys.stderr.write(f"{line}\n")


def _send(connection: Connection, manifests: list[dict[str, Any]]) -> None:
    from crontask_cli.many import apply_each

    if not manifests:
        return
    service = connection.open()
    for manifest in manifests:
        place = manifest["metadata"].setdefault("namespace", service.namespace)
        if connection.namespace is not None and place != service.namespace:
            raise CliError(
                f"{manifest['metadata']['name']}: it is for the namespace {place!r}, "
                f"not for {service.namespace!r}",
                MISTAKE,
            )
        if not place:
            del manifest["metadata"]["namespace"]
    apply_each(service, manifests, dry=False, force=False)


def _zone(name: str) -> str:
    from crontask_core.errors import ScheduleError
    from crontask_core.schedule.zones import load_zone

    try:
        load_zone(name)
    except ScheduleError as error:
        raise CliError(f"--tz: {error.message}", MISTAKE) from error
    return name


def _target(text: str) -> tuple[str, str]:
    name, equals, url = text.partition("=")
    if not equals or not url:
        raise CliError(f"--target: found {text!r}, expected ARN=URL", MISTAKE)
    return name, url
