"""files reads what a user names on the command line, for ``apply``, ``diff`` and ``import``.

Whoever wrote a file may be anybody. It is bounded in bytes and in depth, and so is what its
aliases stand for, since a few lines of them can stand for more than a memory holds. What is
wrong is told with the file and the line.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from crontask_cli.errors import MISTAKE, CliError

STDIN: Final = "-"

MAX_BYTES: Final = 64 * 1024 * 1024
"""Of one file, and of what its aliases stand for. Ten thousand tasks take a tenth of it."""

MAX_DEPTH: Final = 50
"""Of objects within objects; a CronJob's container is ten deep."""

_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_BASE):  # type: ignore[misc]
    """YAML in which a moment stays the text that it is."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regex) for tag, regex in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _BASE.yaml_implicit_resolvers.items()
}


def content_of(path: str) -> bytes:
    """Return what is in the file `path`, "-" for the standard input, but no more than is taken.

    Raises
    ------
    CliError
        If it cannot be read.
    """
    if path == STDIN:
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    try:
        with Path(path).open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise CliError(f"{path}: {error.strerror}", MISTAKE) from error


def as_text(source: str, content: bytes) -> str:
    """Return `content`, which is UTF-8.

    Raises
    ------
    CliError
        If it is not, or too long.
    """
    if len(content) > MAX_BYTES:
        raise CliError(f"{source}: expected at most {MAX_BYTES} bytes", MISTAKE)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise CliError(f"{source}:{line}: expected text in UTF-8", MISTAKE) from error


def yaml_objects(source: str, content: bytes) -> Iterator[tuple[str, Any]]:
    """Yield the objects of a YAML or JSON stream with their places, those of Lists too.

    Raises
    ------
    CliError
        If it is no YAML.
    """
    text = as_text(source, content)
    try:
        _check_events(text)
        for number, document in enumerate(yaml.load_all(text, Loader=_Loader), 1):
            place = f"{source}, document {number}"
            items = document.get("items") if isinstance(document, dict) else None
            if isinstance(items, list):
                for index, item in enumerate(items):
                    yield f"{place}: items[{index}]", item
            elif document is not None:
                yield place, document
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or type(error).__name__
        raise CliError(f"{source}{where}: it is no YAML: {problem}", MISTAKE) from error


class _Node:
    """A node of YAML: its characters and its depth, with all that its aliases stand for."""

    __slots__ = ("anchor", "depth", "size")

    def __init__(self, anchor: str | None, size: int, depth: int) -> None:
        self.anchor = anchor
        self.size = size
        self.depth = depth

    def take(self, child: "_Node") -> None:
        """Count `child`, which is within this one."""
        self.size += child.size
        self.depth = max(self.depth, child.depth + 1)


def _check_events(text: str) -> None:
    """Raise for a depth at which libyaml's composer ends the process, and for aliases of much."""
    around: list[_Node] = []
    anchored: dict[str, _Node] = {}
    for event in yaml.parse(text, Loader=getattr(yaml, "CLoader", yaml.Loader)):
        if isinstance(event, yaml.CollectionStartEvent):
            if len(around) > MAX_DEPTH:
                raise _refused(event, f"it is deeper than {MAX_DEPTH}")
            around.append(_Node(event.anchor, 1, 1))
            continue
        if isinstance(event, yaml.DocumentStartEvent):
            # The document itself is around all that is in it.
            around, anchored = [_Node(None, 0, 0)], {}
            continue
        if isinstance(event, yaml.CollectionEndEvent):
            node = around.pop()
        elif isinstance(event, yaml.ScalarEvent):
            node = _Node(event.anchor, 1 + len(event.value), 0)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in anchored:
                raise _refused(event, "an alias of nothing that stands before it")
            node = anchored[event.anchor]
            if len(around) - 1 + node.depth > MAX_DEPTH:
                raise _refused(event, f"by an alias it is deeper than {MAX_DEPTH}")
        else:
            continue
        if node.anchor is not None:
            anchored[node.anchor] = node
        around[-1].take(node)
        if around[-1].size > MAX_BYTES:
            raise _refused(event, f"its aliases stand for more than {MAX_BYTES} bytes")


def _refused(event: yaml.Event, problem: str) -> yaml.MarkedYAMLError:
    mark: Any = event.start_mark
    return yaml.MarkedYAMLError(problem=problem, problem_mark=mark)
