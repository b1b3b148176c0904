"""doctor is ``crontask doctor``."""

from collections.abc import Iterator
from typing import Annotated, Final

import typer

from crontask_cli.checks.base import Finding, Verdict
from crontask_cli.errors import MISTAKE, NOT_WELL, CliError
from crontask_cli.options import Format
from crontask_cli.service.base import TaskService
from crontask_cli.service.connection import Connection
from crontask_cli.shown.safe import safe
from crontask_cli.shown.screen import Screen, Style
from crontask_cli.times import now

_STYLES: Final = {
    Verdict.GOOD: Style.GREEN,
    Verdict.UNKNOWN: Style.YELLOW,
    Verdict.BAD: Style.RED,
}
_WIDTH: Final = 12


def command(
    ctx: typer.Context,
    output: Annotated[
        Format, typer.Option("-o", "--output", case_sensitive=False, help="table or json.")
    ] = Format.TABLE,
) -> None:
    """Check that tasks can run, and say what to do if they cannot.

    It looks at the server, the clocks, the CRD, your rights, the operator's Leases and
    replicas, and whether tasks are overdue. The exit status is 4 if something is bad.
    """
    connection: Connection = ctx.obj
    if output not in (Format.TABLE, Format.JSON):
        raise CliError(f"-o {output}: what was found is written as table or json", MISTAKE)
    screen, is_well, found = Screen(), True, []
    for finding in _findings(connection.open(everywhere=True)):
        is_well = is_well and finding.verdict is not Verdict.BAD
        found.append(finding)
        if output is Format.TABLE:
            _write(screen, finding)
    if output is Format.JSON:
        from crontask_cli.shown.documents import as_json

        screen.write(as_json([each._asdict() for each in found]))
    if not is_well:
        raise typer.Exit(NOT_WELL)


def _findings(service: TaskService) -> Iterator[Finding]:
    from crontask_cli.service.cluster import ClusterService

    if isinstance(service, ClusterService):
        from crontask_cli.checks.cluster import check_cluster

        yield from check_cluster(service, now())
        return
    from crontask_cli.checks.facade import check_facade
    from crontask_cli.service.facade import FacadeService

    if isinstance(service, FacadeService):
        yield from check_facade(service, now())


def _write(screen: Screen, finding: Finding) -> None:
    verdict = screen.styled(f"{finding.verdict:<8}", _STYLES[finding.verdict])
    screen.write(f"{verdict}{finding.check:<{_WIDTH}} {safe(finding.found)}")
    if finding.advice:
        screen.write(f"{'':<8}{'':<{_WIDTH}} -> {safe(finding.advice)}")
    screen.flush()
