"""command_lines makes a call of the arguments of ``curl`` or ``wget``."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from crontask_cli.importing.found import Draft, NotConvertible, shown

Takes = Mapping[str, bool]
"""Options by name, and whether each takes a value."""


class Option(NamedTuple):
    """An option with its value, "" if it takes none; or an argument, whose name is ""."""

    name: str
    value: str


def put_command(
    draft: Draft, words: list[str], *, stdin: str | None = None, is_busybox: bool = False
) -> None:
    """Write the request that a command line sends into the spec of `draft`.

    `stdin` is what the command reads from its standard input, if that is known.

    Raises
    ------
    NotConvertible
        If it is another program than curl and wget, or does what a CronTask cannot.
    """
    from crontask_cli.importing.curl import put_curl
    from crontask_cli.importing.wget import put_wget

    programs: Final[dict[str, Callable[[], None]]] = {
        "curl": lambda: put_curl(draft, words[1:], stdin=stdin),
        "wget": lambda: put_wget(draft, words[1:], is_busybox=is_busybox),
    }
    program = PurePosixPath(words[0]).name if words else ""
    if program not in programs:
        raise NotConvertible(f"the command is {shown(program)}: expected curl or wget")
    programs[program]()


def options(arguments: list[str], takes: Takes, aliases: Mapping[str, str]) -> Iterator[Option]:
    """Yield what getopt_long would find, by the long name.

    `aliases` are the short names, without the dash.

    Raises
    ------
    NotConvertible
        For an option that is not in `takes`: what it does is not known.
    """
    waiting = list(reversed(arguments))
    while waiting:
        word = waiting.pop()
        if word == "--":
            yield from (Option("", each) for each in reversed(waiting))
            return
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            if name not in takes:
                raise NotConvertible(f"the option --{name} has no equal")
            yield Option(name, _value(name, value if equals else None, takes, waiting))
        elif word.startswith("-") and len(word) > 1:
            yield from _short(word[1:], takes, aliases, waiting)
        else:
            yield Option("", word)


def seconds(text: str, option: str) -> int:
    """Return a number of seconds, rounded up."""
    try:
        number = float(text.removesuffix("s"))
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e9:
        raise NotConvertible(f"{option}: found {shown(text)}, expected seconds")
    return -int(-number // 1)


def count(text: str, option: str) -> int:
    """Return a number of times."""
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise NotConvertible(f"{option}: found {shown(text)}, expected a number")
    return int(text)


def _short(
    letters: str, takes: Takes, aliases: Mapping[str, str], waiting: list[str]
) -> Iterator[Option]:
    while letters:
        # wget has a few of two letters, such as -nv.
        size = 2 if letters[:2] in aliases else 1
        name = aliases.get(letters[:size])
        if name is None:
            raise NotConvertible(f"the option -{letters[:size]} has no equal")
        letters = letters[size:]
        if takes[name]:
            yield Option(name, _value(name, letters or None, takes, waiting))
            return
        yield Option(name, "")


def _value(name: str, given: str | None, takes: Takes, waiting: list[str]) -> str:
    if not takes[name]:
        if given is not None:
            raise NotConvertible(f"the option --{name} takes no value")
        return ""
    if given is None and not waiting:
        raise NotConvertible(f"the option --{name} has no value")
    return waiting.pop() if given is None else given
