"""What tenants and targets write reaches no terminal as it is."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from crontask_cli.shown.documents import as_json, as_json_line, as_yaml
from crontask_cli.shown.safe import safe

HOSTILE = {
    "escape sequence": ("a\x1b[2Jb", r"a\x1b[2Jb"),
    "C1 control": ("a\x9b2Jb", r"a\x9b2Jb"),
    "bell and title": ("\x1b]0;owned\x07", r"\x1b]0;owned\x07"),
    "end of line": ("a\r\nb", r"a\r\nb"),
    "turned around": ("a\u202eexe.txt", r"a\u202eexe.txt"),
    "isolate": ("a\u2066b", r"a\u2066b"),
    "zero width": ("a\u200bb", r"a\u200bb"),
    "line separator": ("a\u2028b", r"a\u2028b"),
    "lone surrogate": ("a\ud800b", r"a\ud800b"),
    "tag beyond the first plane": ("a\U000e0041b", r"a\U000e0041b"),
}
INNOCENT = ("每日报告", "Größe", "[bold]no markup[/]", "a b", "\u3000", "🙂")


@pytest.mark.parametrize(("text", "shown"), HOSTILE.values(), ids=HOSTILE)
def test_what_is_not_printable_is_escaped(text: str, shown: str) -> None:
    assert safe(text) == shown


@pytest.mark.parametrize("text", INNOCENT)
def test_the_rest_stays_as_it_is(text: str) -> None:
    assert safe(text) == text


texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    texts | st.integers(-(2**53), 2**53) | st.booleans() | st.none(),
    lambda of: st.lists(of, max_size=3) | st.dictionaries(texts, of, max_size=3),
    max_leaves=8,
)


@given(values)
def test_json_and_yaml_are_whole_and_harmless(value: object) -> None:
    for text, read in (
        (as_json(value), json.loads),
        (as_json_line(value), json.loads),
        (as_yaml({"value": value}), lambda text: yaml.safe_load(text)["value"]),
    ):
        assert read(text) == value
        lines = text.split("\n")
        assert [
            line
            for line in lines
            if not line.replace("\u3000", "").replace("\u00a0", "").isprintable()
        ] == []


def test_a_log_line_is_one_line() -> None:
    assert "\n" not in as_json_line({"response": "a\nb\r\n"})
