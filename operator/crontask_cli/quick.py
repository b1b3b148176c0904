"""quick runs ``crontask list`` without typer, whose import takes as long as the list itself.

It knows the plain ways to write the options. Whatever it does not know (an abbreviation, a
mistake, --help, another command) is left to typer, which reads the command line anew: so there
is one place that tells mistakes.
"""

import os
from collections.abc import Mapping
from typing import Final, NamedTuple

from crontask_cli.telling import ended

COMMAND: Final = "list"
SERVER: Final = "CRONTASK_SERVER"

OPTIONS: Final = {
    "-l": "selector",
    "--selector": "selector",
    "--phase": "phase",
    "--sort": "sort",
    "-o": "output",
    "--output": "output",
    "--context": "context",
    "-n": "namespace",
    "--namespace": "namespace",
    "--server": "server",
    "--token-file": "token_file",
}
"""Options with a value."""
FLAGS: Final = {
    "--failing": "failing",
    "--no-headers": "no_headers",
    "-A": "all_namespaces",
    "--all-namespaces": "all_namespaces",
}
_PHASES: Final = ("Active", "Suspended", "Succeeded", "Failed", "Invalid")
_OUTPUTS: Final = ("table", "wide", "name")


class Read(NamedTuple):
    """A command line that was understood."""

    values: dict[str, str]
    flags: set[str]
    phases: list[str]


def run(arguments: list[str]) -> int | None:
    """Run ``crontask list`` and return its exit status; None if the line is typer's."""
    found = read(arguments)
    if found is None:
        return None
    values, flags, phases = found
    from crontask_cli.listing import Listing, Order, write_list
    from crontask_cli.service.connection import Connection

    server = values.get("server")
    if server is None and "context" not in values:
        server = os.environ.get(SERVER) or None
    connection = Connection(
        values.get("context"),
        values.get("namespace"),
        "all_namespaces" in flags,
        server,
        values.get("token_file"),
    )
    listing = Listing(
        selector=values.get("selector", ""),
        phases=phases,
        failing="failing" in flags,
        sort=Order(values.get("sort", Order.NEXT)),
        wide=values.get("output") == "wide",
        names=values.get("output") == "name",
        headers="no_headers" not in flags,
    )
    return ended(lambda: write_list(connection, listing))


def read(arguments: list[str]) -> Read | None:
    """Return what a command line of ``list`` says, or None if it is not a plain one."""
    values: dict[str, str] = {}
    flags: set[str] = set()
    phases: list[str] = []
    commands = 0
    waiting = list(reversed(arguments))
    while waiting:
        word = waiting.pop()
        name, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
        if word == COMMAND and not commands:
            commands = 1
        elif word in FLAGS:
            flags.add(FLAGS[word])
        elif name in OPTIONS and (equals or waiting):
            value = value if equals else waiting.pop()
            if value.startswith("-") or not value or OPTIONS[name] in values:
                return None
            if OPTIONS[name] == "phase":
                phases.append(value)
            else:
                values[OPTIONS[name]] = value
        else:
            return None
    return Read(values, flags, phases) if commands and _are_known(values, phases) else None


def _are_known(values: Mapping[str, str], phases: list[str]) -> bool:
    return (
        values.get("output", "table") in _OUTPUTS
        and values.get("sort", "next") in ("next", "name")
        and all(phase in _PHASES for phase in phases)
    )
