"""documented finds the tests that a document names for each of its claims, for tests of documents.

A claim is a row of a table whose last column is headed "Shown by". Tests named in prose
count as well, but only rows have to name any.
"""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]

REFERENCE = re.compile(r"`(tests/[\w/]+\.py)::([\w:]+)`")


def claims(document: str) -> list[str]:
    """Return the rows of the document's tables, without those that only head one."""
    return [
        line
        for line in (ROOT / document).read_text().splitlines()
        if line.startswith("|") and not line.endswith(("| Shown by |", "| --- |"))
    ]


def check_claim(row: str) -> None:
    """Check that the last column of `row` names tests and nothing else, which all exist."""
    *_, claim, shown, _ = row.split("|")
    assert claim.strip()
    check_references(shown, at_least=1)


def check_references(text: str, *, at_least: int) -> None:
    """Check that `text` names so many tests or more, which all exist."""
    references = REFERENCE.findall(text)
    assert len(references) >= at_least
    assert text.count("::test_") == len(references), "something here is not a reference"
    for path, name in references:
        assert (ROOT / path).is_file(), f"there is no {path}"
        assert name in names_in(path), f"there is no {name} in {path}"


@cache
def names_in(path: str) -> set[str]:
    """Return the tests of a file, those of a class with its name before theirs."""
    found = set()
    for node in ast.parse((ROOT / path).read_text()).body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
        for function in inner:
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                found.add(prefix + function.name)
    return found
