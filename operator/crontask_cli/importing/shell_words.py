"""shell_words splits a command line as a shell does, as far as no shell is needed for it.

What a shell would have to compute (another command, a variable, a pipe) is no request that
could be sent without it; the line is refused then.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from crontask_cli.importing.found import NotConvertible, shown

MAX_LINE: Final = 128 * 1024
"""Characters of a command line."""

_VARIABLE: Final = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")
_REDIRECTION: Final = re.compile(r"(?:[012]|&)?>>?(?:&[12])?")
_OPERATORS: Final = re.compile(r"\|\||\|&|&&|;;|<<|[|;&<>()]")


class NotClosed(NotConvertible):
    """The line ends within quotes."""


def split(line: str, variables: Mapping[str, str]) -> list[str]:
    """Return the words of `line`, without what sends its output elsewhere.

    `variables` are those whose values are known.

    Raises
    ------
    NotConvertible
        If a shell is needed.
    """
    if len(line) > MAX_LINE:
        raise NotConvertible(f"the command is longer than {MAX_LINE} characters")
    return list(_without_output(_words(line, variables)))


def _without_output(words: Iterator[tuple[str, bool]]) -> Iterator[str]:
    skip = False
    for word, is_operator in words:
        if is_operator:
            if not _REDIRECTION.fullmatch(word):
                raise NotConvertible(f"the command needs a shell, for {shown(word)}")
            skip = "&" not in word[1:]
            continue
        if not skip:
            yield word
        skip = False
    if skip:
        raise NotConvertible("the command ends after >")


def _words(line: str, variables: Mapping[str, str]) -> Iterator[tuple[str, bool]]:
    """Yield the words, and whether each is an operator of the shell."""
    word: list[str] | None = None
    place = 0
    while place < len(line):
        character = line[place]
        redirection = _REDIRECTION.match(line, place)
        if character.isspace() or (redirection and (word is None or character in "&>")):
            if word is not None:
                yield "".join(word), False
                word = None
            if redirection and not character.isspace():
                yield redirection[0], True
                place = redirection.end()
                continue
            place += 1
        elif operator := _OPERATORS.match(line, place):
            yield operator[0], True
            place = operator.end()
        else:
            piece, place = _piece(line, place, variables)
            word = [*(word or ()), piece] if piece is not None else word
            if piece is None:
                break  # a comment
    if word is not None:
        yield "".join(word), False


def _piece(line: str, place: int, variables: Mapping[str, str]) -> tuple[str | None, int]:
    """Return the text of what begins at `place`, and where it ends."""
    character = line[place]
    if character == "'":
        end = line.find("'", place + 1)
        if end < 0:
            raise NotClosed("a quote is not closed")
        return line[place + 1 : end], end + 1
    if character == '"':
        return _double_quoted(line, place + 1, variables)
    if character == "\\":
        if place + 1 == len(line):
            raise NotConvertible("the command ends after a backslash")
        return ("" if line[place + 1] == "\n" else line[place + 1]), place + 2
    if character == "#" and (place == 0 or line[place - 1].isspace()):
        return None, len(line)
    if character in "$`":
        return _expanded(line, place, variables)
    return character, place + 1


def _double_quoted(line: str, place: int, variables: Mapping[str, str]) -> tuple[str, int]:
    text: list[str] = []
    while place < len(line):
        character = line[place]
        if character == '"':
            return "".join(text), place + 1
        if character == "\\" and line[place + 1 : place + 2] in ("$", "`", '"', "\\", "\n"):
            text.append(line[place + 1].replace("\n", ""))
            place += 2
        elif character in "$`":
            piece, place = _expanded(line, place, variables)
            text.append(piece)
        else:
            text.append(character)
            place += 1
    raise NotClosed("a quote is not closed")


def _expanded(line: str, place: int, variables: Mapping[str, str]) -> tuple[str, int]:
    found = _VARIABLE.match(line, place)
    if found is None:
        if line[place] == "$" and line[place + 1 : place + 2] in ("", " ", '"'):
            return "$", place + 1
        raise NotConvertible("the command needs a shell, for what it computes")
    name = found[1] or found[2]
    if name not in variables:
        raise NotConvertible(f"the value of the variable {name} is not known")
    return variables[name], found.end()
