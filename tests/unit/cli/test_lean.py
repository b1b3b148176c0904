"""Values of options are read as typer reads them, without pydantic."""

from enum import StrEnum
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner, Result

from crontask_cli.lean import LeanCommand


class Colour(StrEnum):
    """Words."""

    RED = "Red"
    BLUE = "blue"


app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(cls=LeanCommand)
def show(
    names: Annotated[list[str] | None, typer.Argument()] = None,
    count: Annotated[int | None, typer.Option(min=1)] = None,
    colour: Annotated[Colour, typer.Option()] = Colour.RED,
    colours: Annotated[list[Colour] | None, typer.Option()] = None,
    flag: bool = False,
) -> None:
    """Show the values."""
    typer.echo(repr((names, count, colour.value, colours, flag)))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_nothing_is_given() -> None:
    assert run().stdout == "(None, None, 'Red', None, False)\n"


def test_everything_is_given() -> None:
    given = ("a", "b", "--count", "7", "--colour", "BLUE", "--colours", "red", "--flag")
    assert run(*given).stdout == ("(['a', 'b'], 7, 'blue', [<Colour.RED: 'Red'>], True)\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--count", "0"], "found '0', expected a whole number from 1 on"),
        (["--count", "x"], "found 'x', expected a whole number from 1 on"),
        (["--count", "--1"], "found '--1', expected a whole number from 1 on"),
        (["--colour", "green"], "found 'green', expected one of Red, blue"),
    ],
)
def test_a_mistake(arguments: list[str], told: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert told in result.stderr
