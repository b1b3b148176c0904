"""program puts the commands of ``crontask`` together, each imported when it runs."""

import signal
from importlib import import_module
from typing import Any, Final

import typer

from crontask_cli.lean import LeanCommand, LeanGroup
from crontask_cli.options import ConnectedCommand, connect
from crontask_cli.registry import COMMANDS
from crontask_cli.telling import fail, status_of_error
from crontask_core.errors import CronTaskError

# Plain text: what goes wrong here is read in a log as often as on a screen.
_PLAIN: Final[dict[str, Any]] = {
    "add_completion": False,
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
}


class Signalled(BaseException):
    """A command is to end as by the signal `number`: typer lets it pass."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class Commands(LeanGroup):
    """The commands of `registry`; what goes wrong in one is told in one sentence."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command, imported now; None if there is none."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module = import_module(f"crontask_cli.commands.{entry.module}")
        kind = ConnectedCommand if entry.connects else LeanCommand
        alone = typer.Typer(**_PLAIN)
        alone.command(cmd_name, cls=kind)(module.command)
        return typer.main.get_command(alone)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the names with their lines of help, importing none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the options before the command."""
        try:
            return super().parse_args(ctx, args)
        except typer.TyperException as error:
            if not args:
                raise  # the help is shown
            raise _mistake(error, ctx) from error

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            # A display had it raised, and has restored the terminal.
            raise Signalled(signal.SIGINT) from error
        except BrokenPipeError as error:
            # Whoever read has enough, as in `crontask list | head`.
            raise Signalled(signal.SIGPIPE) from error
        except typer.TyperException as error:
            raise _mistake(error, ctx) from error
        except CronTaskError as error:
            raise typer.Exit(status_of_error(error)) from error


def _mistake(error: typer.TyperException, ctx: typer.Context) -> typer.Exit:
    """Tell a mistake on the command line, in one sentence; return what ends the program."""
    where = getattr(error, "ctx", None) or ctx
    said = error.format_message().rstrip(".").replace("\n", " ").replace("\t", "")
    fail(f"{said} ({where.command_path} --help tells more)")
    return typer.Exit(error.exit_code)


app = typer.Typer(cls=Commands, no_args_is_help=True, **_PLAIN)
app.callback(cls=Commands)(connect)
