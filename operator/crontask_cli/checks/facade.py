"""facade looks at a facade and what it tells of the cluster, for ``crontask doctor``."""

from collections.abc import Iterator
from datetime import datetime

from crontask_cli.checks.base import Finding, Verdict, clock, pace
from crontask_cli.errors import CliError
from crontask_cli.service.facade import FacadeService
from crontask_cli.service.task import read_task


def check_facade(service: FacadeService, now: datetime) -> Iterator[Finding]:
    """Yield what is found, in the order in which one thing rests on the other."""
    answer = service.http.send("GET", "/healthz")
    if answer.status != 200:
        yield Finding(
            "facade",
            Verdict.BAD,
            f"/healthz answered HTTP {answer.status}",
            "look whether --server is the address of a facade",
        )
        return
    yield Finding("facade", Verdict.GOOD, "it answers")
    yield clock(answer.headers.get("Date"), now)
    ready = service.http.send("GET", "/readyz")
    if ready.status == 200:
        yield Finding("API server", Verdict.GOOD, "the facade reaches it, and it knows CronTasks")
    else:
        yield Finding(
            "API server",
            Verdict.BAD,
            "the facade does not reach it, or it does not know CronTasks",
            "look at the facade's log, and whether the CRD is installed",
        )
    try:
        tasks = [read_task(item) for page in service.pages("") for item in page]
    except CliError as error:
        yield Finding(
            "your rights", Verdict.BAD, str(error), "give the token that the facade's owner has"
        )
        return
    yield Finding("your rights", Verdict.GOOD, "the facade lets you list tasks")
    yield pace(tasks, now)
