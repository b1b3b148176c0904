"""Both languages say the same, and the browser's choice counts."""

import re

import pytest

from crontask_api.console.words import chinese, english
from crontask_api.console.words.language import Language, choose_language


def test_both_languages_have_the_same_texts_with_the_same_values() -> None:
    assert list(english.TEXTS) == list(chinese.TEXTS)
    for key, text in english.TEXTS.items():
        other = chinese.TEXTS[key]
        # "1 task" may well say its number in words, or not.
        if not key.endswith(".one"):
            assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", other)), key


@pytest.mark.parametrize(
    ("chosen", "accepted", "code"),
    [
        ("", "", "en"),
        ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("", "de,en;q=0.7,zh;q=0.3", "en"),
        ("", "zh;q=0.3, en-GB;q=0.9", "en"),
        ("", "fr, de", "en"),
        ("", "zh;q=x, *", "en"),
        ("zh", "en", "zh"),
        ("fr", "zh", "zh"),
    ],
)
def test_the_language_is_the_choice_or_else_the_best_of_the_browser(
    chosen: str, accepted: str, code: str
) -> None:
    assert choose_language(chosen, accepted).code == code


@pytest.mark.parametrize(
    ("distance", "english_words", "chinese_words"),
    [
        (0, "now", "现在"),
        (5, "in 5 s", "5 秒后"),
        (42, "in 42 s", "42 秒后"),
        (-65, "1 min 5 s ago", "1 分 5 秒前"),
        (750, "in 12 min", "12 分后"),
        (-7260, "2 h 1 min ago", "2 小时 1 分前"),
        (90_000, "in 1 d 1 h", "1 天 1 小时后"),
        (-330 * 86400, "330 d ago", "330 天前"),
        (26_662 * 86400, "in 73 y", "73 年后"),
        (400 * 86400, "in 1 y 35 d", "1 年 35 天后"),
    ],
)
def test_moments_are_told_by_their_distance(
    distance: int, english_words: str, chinese_words: str
) -> None:
    now = 1_700_000_000.0
    assert Language("en").relative(now + distance, now) == english_words
    assert Language("zh").relative(now + distance, now) == chinese_words


@pytest.mark.parametrize(
    ("distance", "told"),
    [(3, "in 3 s"), (0, "now"), (-3, "now"), (-10, "now"), (-11, "11 s ago")],
)
def test_a_run_is_due_now_for_as_long_as_the_view_may_lag_behind(distance: int, told: str) -> None:
    now = 1_700_000_000.0
    assert Language("en").due(now + distance, now) == told


def test_what_lasts_is_told_by_its_length() -> None:
    now = 1_700_000_000.0
    assert Language("en").since(now - 226, now) == "3 min 46 s"
    # Of another clock than this one.
    assert Language("en").since(now + 2, now) == "0 s"


def test_short_spans_are_told_finely() -> None:
    told = [Language("en").span(seconds) for seconds in (0.0042, 0.25, 1.44, 61, 3725)]
    assert told == ["4 ms", "250 ms", "1.4 s", "1 min 1 s", "1 h 2 min"]
