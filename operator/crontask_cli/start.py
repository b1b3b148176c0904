"""start runs ``crontask`` and ends it, for the console scripts.

Nothing is imported before Ctrl-C has its meaning: the signal itself ends the process,
whatever it waits for, as it ends every program that knows nothing of it. A shell sees that
in the status, 130.
"""

import io
import os
import signal
import sys
from pathlib import Path
from typing import Final

FAULT: Final = 70
"""Exit status of a fault of the program itself, ``EX_SOFTWARE`` of sysexits.h."""


def main() -> None:
    """Run ``crontask``, and end the process with its exit status."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from crontask_cli.quick import run
    from crontask_cli.registry import COMPLETION
    from crontask_cli.telling import fail

    for stream in (sys.stdout, sys.stderr):
        # What an old locale cannot show is escaped, and no reason to fail.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            status = None if COMPLETION in os.environ else run(sys.argv[1:])
            if status is None:
                _run_program()
        finally:
            sys.stdout.flush()
        sys.exit(status)
    except BrokenPipeError:
        _end_by(signal.SIGPIPE)
    except Exception as error:
        if os.environ.get("CRONTASK_TRACEBACK"):
            raise
        fail(
            f"a fault of this program ({type(error).__name__}); "
            "CRONTASK_TRACEBACK=1 shows where, for a report"
        )
        sys.exit(FAULT)


def _run_program() -> None:
    """Run what typer reads of the command line."""
    from crontask_cli.program import Signalled, app
    from crontask_cli.registry import COMPLETION, PROGRAM

    if COMPLETION in os.environ:
        from typer import completion

        completion.completion_init()  # type: ignore[attr-defined]
    called = Path(sys.argv[0]).name
    try:
        app(prog_name=f"kubectl {PROGRAM}" if called.startswith("kubectl-") else PROGRAM)
    except Signalled as signalled:
        _end_by(signalled.number)


def _end_by(number: int) -> None:
    # What is still to be written goes nowhere, and so cannot fail again.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
