"""The demo: examples by kubectl, one task over HTTP, and their runs as they happen."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import httpx
from rich.console import Console
from rich.live import Live

from dev import tools
from dev.errors import DevError
from dev.readiness import loopback_client
from dev.runs import RunLog, list_tasks
from dev.stack import Stack
from dev.tools.progress import can_change_lines
from dev.view import lines, table

EXAMPLES = Path(__file__).parents[1] / "examples"

FACADE_TASK = "facade heartbeat"

FAILED = '{"status": 3, "texts": true, "limit": 20}'
"""Asks for the latest failed attempts of all tasks, with their texts."""

POLL_SECONDS = 0.25


class DemoFailedError(DevError):
    """The demo showed less than it is meant to."""


def load_tasks(stack: Stack) -> None:
    """Apply the examples, and add one task through the facade.

    Raises
    ------
    DevError
        If either refuses.
    """
    stack.control_plane.kubectl("apply", "-f", EXAMPLES)
    task = {
        "name": FACADE_TASK,
        "enable": 1,
        "module": 1,
        "type": 2,
        "start_time": "*/3 * * * * *",
        "url": f"{stack.echo.url}/ok?from=facade",
        "method": "post",
        "body": '{"from": "facade"}',
    }
    with loopback_client(stack.facade.url) as client:
        answer = client.post("/crontab/add_task", json={"task_list": [task]})
    if not _was_added(answer):
        raise DemoFailedError(
            f"add_task: expected a task_id, got {answer.status_code} {answer.text}\n"
            f"{stack.log_tails()}"
        )


def _was_added(answer: httpx.Response) -> bool:
    if not answer.is_success or answer.json()["state"] != 0:
        return False
    return all(not item["err"] for item in answer.json()["data"]["task_result"])


def show_runs(stack: Stack, seconds: float | None, console: Console) -> None:
    """Show runs until Ctrl-C, or for `seconds` seconds.

    Raises
    ------
    DemoFailedError
        If by the end of that time no run was recorded for a task of kubectl, or none
        for one of the facade.
    """
    log = RunLog()
    deadline = None if seconds is None else time.monotonic() + seconds
    live = Live(console=console, auto_refresh=False) if can_change_lines(console) else None
    with stack.control_plane.client() as client, live or nullcontext():
        while deadline is None or time.monotonic() < deadline:
            stack.check()
            changed = log.update(list_tasks(client))
            if live is None:
                for line in lines(run for run in changed if run.is_final):
                    console.print(line, markup=False, highlight=False, soft_wrap=True)
            else:
                live.update(table(log.runs, rows=console.height - 6), refresh=True)
            time.sleep(POLL_SECONDS)
    if missing := log.missing_origins():
        raise DemoFailedError(
            f"in {seconds:g} s no run was recorded for a task made by "
            f"{' and none for one made by '.join(missing)}\n{stack.log_tails()}"
        )


def show_hints(stack: Stack, say: Callable[[str], None]) -> None:
    """Tell where everything is and what can be tried."""
    query = f'{{"task_list": [{{"name": "{FACADE_TASK}"}}]}}'
    say(f"kubeconfig   {stack.control_plane.kubeconfig}")
    say(f"console      {stack.facade.url}/console/")
    say(f"facade       {stack.facade.url} (documentation: {stack.facade.url}/docs)")
    say(f"echo target  {stack.echo.url} (what it received: {stack.echo.url}/_received)")
    say("")
    say("Try in another terminal:")
    say(f"  export KUBECONFIG={stack.control_plane.kubeconfig}")
    say(f"  export PATH={tools.ensure('kubectl').parent}:$PATH")
    say("  kubectl get crontasks")
    say("  kubectl explain crontask.spec.callback.http")
    say("  kubectl get crontask heartbeat -o jsonpath='{.status.runs[0]}'")
    say(
        "  kubectl annotate crontask daily-report "
        'crontask.dev/run-requested-at="$(date)" --overwrite'
    )
    say(f"  curl {stack.facade.url}/crontab/query_task_status -d '{query}'")
    say(f"  curl {stack.facade.url}/crontab/list_runs -d '{FAILED}'")
    say(f"  kill {stack.operator.child.pid}  # the operator; another takes its place")
    say("")
