"""What cannot be seen in a text is shown."""

import pytest

from crontask_api.console.words.visible import one_line, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, 中文, émoji 👩\u200d🔧", "plain text, 中文, émoji 👩\u200d🔧"),
        ("a\x00b\x1b[31mc\x7f", "a␀b␛[31mc␡"),
        ("line\r\nnext\tcell", "line␍\nnext\tcell"),
        ("pay\u202etxt.exe", "pay⟨U+202E⟩txt.exe"),
        ("\u2066a\u2069\u200f\u061c", "⟨U+2066⟩a⟨U+2069⟩⟨U+200F⟩⟨U+061C⟩"),
        ("zero\u200bwidth\ufeff\u00ad", "zero⟨U+200B⟩width⟨U+FEFF⟩⟨U+00AD⟩"),
        ("\u2028\u2029\x85", "⟨U+2028⟩⟨U+2029⟩⟨U+0085⟩"),
        ("\U000e0041\ue000", "⟨U+E0041⟩⟨U+E000⟩"),
    ],
)
def test_what_has_no_shape_is_told(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_line_has_no_breaks() -> None:
    assert one_line("a\n\tb") == "a␊␉b"


def test_it_looks_only_once() -> None:
    for text in ("a\u202eb", "\x00", "⟨U+202E⟩"):
        assert visible(visible(text)) == visible(text)
