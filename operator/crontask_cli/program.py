"""program puts the commands of ``crontask`` together for the console script."""

import typer

from crontask_cli.next_times import next_times

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    # Plain text: what goes wrong here is read in a log as often as on a screen.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def _crontask() -> None:
    """Tell when CronTask schedules fire."""


app.command("next")(next_times)


def main() -> None:
    """Run ``crontask``."""
    app(prog_name="crontask")
