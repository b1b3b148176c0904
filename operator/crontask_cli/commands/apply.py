"""apply is ``crontask apply``."""

from typing import Annotated

import typer

from crontask_cli.many import DryRun, apply_each, is_dry
from crontask_cli.service.connection import Connection

Files = Annotated[
    list[str],
    typer.Option("-f", "--filename", metavar="FILE", help="A file, a folder, or - for stdin."),
]


def command(
    ctx: typer.Context,
    files: Files,
    dry_run: DryRun = None,
    force: Annotated[
        bool, typer.Option("--force-conflicts", help="Take over fields that others manage.")
    ] = False,
) -> None:
    """Create tasks, or change them, as files say (server-side apply).

    Fields that a file no longer has, and that were applied before, are removed. Through a
    facade only what its API can say can be applied.
    """
    from crontask_cli.manifests import read_manifests

    connection: Connection = ctx.obj
    dry = is_dry(dry_run)
    service = connection.open()
    manifests = read_manifests(files, service.namespace, chosen=connection.namespace is not None)
    apply_each(service, manifests, dry=dry, force=force)
