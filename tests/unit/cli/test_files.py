"""YAML of anybody, for ``apply``, ``diff`` and ``import``: bounded in bytes, depth and aliases."""

from pathlib import Path

import pytest

from crontask_cli.errors import MISTAKE, CliError
from crontask_cli.files import MAX_BYTES, MAX_DEPTH, content_of, yaml_objects
from crontask_cli.manifests import read_manifests

# Each of 30 lines stands for two of the one before.
LAUGHS = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 31))
LONG = f"a: &a {'x' * 1_000_000}\nb: [{', '.join(['*a'] * 100)}]\n"
CHAIN = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, MAX_DEPTH + 1))
MERGES = "a0: &a0 {x: 1}\n" + "".join(
    f"a{n}: &a{n}\n  <<: [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 31)
)

HOSTILE = {
    "brackets": ("[" * 100_000, "file:1: it is no YAML: it is deeper than 50"),
    "braces": ("{a: " * 100_000, "file:1: it is no YAML: it is deeper than 50"),
    "dashes": ("- " * 100_000, "file:1: it is no YAML: it is deeper than 50"),
    "the second document": ("a: 1\n---\n" + "[" * 100_000, "file:3: it is no YAML: it is deeper"),
    "much by aliases": (LAUGHS, f"its aliases stand for more than {MAX_BYTES} bytes"),
    "long by aliases": (LONG, f"its aliases stand for more than {MAX_BYTES} bytes"),
    "much by merges": (MERGES, f"its aliases stand for more than {MAX_BYTES} bytes"),
    "deep by aliases": (CHAIN, "by an alias it is deeper than 50"),
    "within itself": ("a: &a [*a]\n", "file:1: it is no YAML: an alias of nothing that stands"),
    "of another document": ("a: &a 1\n---\nb: *a\n", "file:3: it is no YAML: an alias of nothing"),
    "no UTF-8": ("a: 1\nb: \udcff", "file:2: expected text in UTF-8"),
}


@pytest.mark.parametrize(("text", "told"), HOSTILE.values(), ids=HOSTILE)
def test_what_would_end_the_process_is_a_mistake(text: str, told: str) -> None:
    with pytest.raises(CliError) as caught:
        list(yaml_objects("file", text.encode("utf-8", "surrogateescape")))
    assert told in str(caught.value)
    assert caught.value.status == MISTAKE


def test_apply_and_diff_read_with_the_same_bound(tmp_path: Path) -> None:
    for name in ("deep.yaml", "deep.json"):
        file = tmp_path / name
        file.write_text("[" * 100_000)
        with pytest.raises(CliError, match=rf"{name}:1: it is no YAML: it is deeper than 50"):
            read_manifests([str(file)], "", chosen=False)


def test_what_is_within_the_bounds_is_read() -> None:
    deepest = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert len(list(yaml_objects("file", deepest.encode()))) == 1
    text = "a: &a {t: 2026-03-01T00:00:00Z}\nb: *a\nc: {<<: *a, d: 1}\n---\n- x\n---\n"
    moment = {"t": "2026-03-01T00:00:00Z"}
    assert list(yaml_objects("file", text.encode())) == [
        ("file, document 1", {"a": moment, "b": moment, "c": {**moment, "d": 1}}),
        ("file, document 2", ["x"]),
    ]


def test_a_list_is_its_items() -> None:
    found = list(yaml_objects("file", b'{"kind": "List", "items": [{"a": 1}, 2]}'))
    assert found == [("file, document 1: items[0]", {"a": 1}), ("file, document 1: items[1]", 2)]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CliError, match="lost: No such file or directory"):
        content_of(str(tmp_path / "lost"))
