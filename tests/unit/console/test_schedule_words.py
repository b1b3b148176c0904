"""Schedules in words say what is going to happen, in both languages."""

from datetime import UTC, datetime

import pytest

from crontask_api.console.words.language import Language
from crontask_api.console.words.schedule import told_schedule
from crontask_core.schedule import preview

TOLD = [
    ("30 8 * * MON-FRI", "every weekday at 08:30 Asia/Shanghai", "周一至周五 08:30 Asia/Shanghai"),
    ("0 0 * * *", "every day at 00:00 Asia/Shanghai", "每天 00:00 Asia/Shanghai"),
    ("@monthly", "on day 1 of the month at 00:00 Asia/Shanghai", "每月 1 日 00:00 Asia/Shanghai"),
    ("0 9,18 * * SAT,SUN", "on weekends at 09:00 and 18:00 Asia/Shanghai",
     "每个周末 09:00、18:00 Asia/Shanghai"),
    ("* * * * *", "every minute", "每分钟"),
    ("*/5 * * * *", "every 5 minutes", "每 5 分钟"),
    ("3-59/10 * * * *", "every 10 minutes from 3 on", "每 10 分钟（从 3 分起）"),
    ("*/5 * * * * *", "every 5 seconds", "每 5 秒"),
    ("* * * * * *", "every second", "每秒"),
    ("*/10 9-17 * * MON-FRI", "every 10 minutes from 09:00 to 17:59, every weekday, Asia/Shanghai",
     "周一至周五，9 至 17 点内每 10 分钟，Asia/Shanghai"),
    ("5 * * * *", "every hour at :05", "每小时 05 分"),
    ("15 */6 * * *", "every day at 00:15, 06:15, 12:15 and 18:15 Asia/Shanghai",
     "每天 00:15、06:15、12:15、18:15 Asia/Shanghai"),
    ("15 */2 * * *", "every 2 hours at :15, Asia/Shanghai", "每 2 小时 15 分，Asia/Shanghai"),
    ("0 12 25 DEC *", "on 25 December at 12:00 Asia/Shanghai", "12 月 25 日 12:00 Asia/Shanghai"),
    ("0 0 13 * FRI", "on day 13 of the month and every Friday at 00:00 Asia/Shanghai",
     "每月 13 日以及每周五 00:00 Asia/Shanghai"),
    ("0 0 */13 * FRI", "on days 1, 14 and 27 of the month if that is a Friday at 00:00 Asia/Shanghai",
     "每月 1、14、27 日且为周五时 00:00 Asia/Shanghai"),
    ("0 30 2 * * MON", "every Monday at 02:30 Asia/Shanghai", "每周一 02:30 Asia/Shanghai"),
    ("@every 1h30m", "every 1 h 30 min", "每隔 1 小时 30 分钟"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "english", "chinese"), TOLD, ids=[each[0] for each in TOLD])
def test_a_schedule_is_told(expression: str, english: str, chinese: str) -> None:
    told = [
        told_schedule(code, expression, time_zone="Asia/Shanghai", seed="u", only_once=False)
        for code in ("en", "zh")
    ]
    assert told == [english, chinese]


def test_an_h_is_told_by_what_it_means_for_this_task() -> None:
    language = Language("en")
    told = language.schedule("H H(1-5) * * *", time_zone="UTC", seed="some uid")
    (moment,) = preview(
        "H H(1-5) * * *", count=1, after=datetime(2026, 1, 1, tzinfo=UTC), seed="some uid"
    )
    assert told == f"every day at {moment:%H:%M} UTC"
    assert told != language.schedule("H H(1-5) * * *", time_zone="UTC", seed="another")


def test_a_task_that_runs_once_says_so() -> None:
    told = Language("en").schedule("0 7 * * *", time_zone="UTC", seed="", only_once=True)
    assert told == "once, at the next match of: every day at 07:00 UTC"


@pytest.mark.parametrize("expression", ["", "x", "0 0 30 2 *", "@every x", "@never", "0 " * 999])
def test_what_has_no_meaning_has_no_words(expression: str) -> None:
    for code in ("en", "zh"):
        assert Language(code).schedule(expression, time_zone="UTC", seed="") == ""
