"""Chinese tells schedules in Chinese."""

from collections.abc import Iterable
from typing import Final

from crontask_api.console.words.shape import WEEKEND, Part, Pattern, Shape, is_range

_DAYS: Final = ("周日", "周一", "周二", "周三", "周四", "周五", "周六")


class Chinese:
    """The words of a schedule."""

    def cron(self, shape: Shape, zone: str) -> str:
        """Return when `shape` fires, by the clock of `zone`."""
        days = _days(shape)
        if shape.times:
            return f"{days or '每天'} {_listed(_time(*each) for each in shape.times)} {zone}"
        told = "，".join(part for part in (days, _clock(shape)) if part)
        return f"{told}，{zone}" if shape.knows_clock else told

    def every(self, seconds: int) -> str:
        """Return the words for ``@every``."""
        parts = []
        for size, unit in ((86400, "天"), (3600, "小时"), (60, "分钟"), (1, "秒")):
            count, seconds = divmod(seconds, size)
            if count:
                parts.append(f"{count} {unit}")
        return f"每隔 {' '.join(parts)}"

    def once(self, moment: str) -> str:
        """Return the words for a task that runs once, at a moment."""
        return f"仅一次，{moment}"

    def first_of(self, told: str) -> str:
        """Return the words for a task that runs once, at the next match of a schedule."""
        return f"仅一次，下一个：{told}"


def _clock(shape: Shape) -> str:
    second, minute, hour = shape.second, shape.minute, shape.hour
    if second.pattern is not Pattern.ONE:
        within = _within(hour, "点", "小时") + _within(minute, "分", "分钟")
        return within + _often(second, "秒", "秒")
    at_second = f"第 {second.first} 秒" if second.first else ""
    if minute.pattern is not Pattern.ONE:
        return f"{_within(hour, '点', '小时')}{_often(minute, '分', '分钟')}{at_second}"
    past = f"{minute.first:02} 分{at_second}"
    match hour.pattern:
        case Pattern.ALL:
            return f"每小时 {past}"
        case Pattern.STEP:
            return f"每 {hour.step} 小时 {past}{_from(hour, '点')}"
        case Pattern.RANGE:
            return f"{hour.first} 点至 {hour.last} 点每小时 {past}"
        case _:
            return f"{_listed(map(str, hour.values))} 点 {past}"


def _often(part: Part, name: str, unit: str) -> str:
    match part.pattern:
        case Pattern.ALL:
            return f"每{unit}"
        case Pattern.STEP:
            return f"每 {part.step} {unit}{_from(part, name)}"
        case Pattern.RANGE:
            return f"第 {part.first} 至 {part.last} {name}每{unit}"
        case _:
            return f"第 {_listed(map(str, part.values))} {name}"


def _from(part: Part, name: str) -> str:
    return f"（从 {part.first} {name}起）" if part.first else ""


def _within(part: Part, name: str, unit: str) -> str:
    match part.pattern:
        case Pattern.ALL:
            return ""
        case Pattern.STEP:
            return f"每 {part.step} {unit}中的第一{unit}内"
        case Pattern.ONE:
            return f"{part.first} {name}内"
        case Pattern.RANGE:
            return f"{part.first} 至 {part.last} {name}内"
        case _:
            return f"{_listed(map(str, part.values))} {name}内"


def _days(shape: Shape) -> str:
    months = f"{_span(shape.months)} 月" if shape.months else ""
    weekly, monthly = shape.week_days, shape.month_days
    if not weekly and not monthly:
        return f"{months}每天" if months else ""
    if not monthly:
        return f"{months}{_weekly(weekly)}"
    dates = f"{months or '每月'} {_span(monthly)} 日".strip()
    if not weekly:
        return dates
    if shape.both_days:
        return f"{dates}且为{_listed(_DAYS[day] for day in weekly)}时"
    return f"{dates}以及{_weekly(weekly)}"


def _weekly(days: tuple[int, ...]) -> str:
    if days == WEEKEND:
        return "每个周末"
    if is_range(days):
        return f"{_DAYS[days[0]]}至{_DAYS[days[-1]]}"
    return f"每{_listed(_DAYS[day] for day in days)}"


def _span(values: tuple[int, ...]) -> str:
    if is_range(values):
        return f"{values[0]} 至 {values[-1]}"
    return _listed(map(str, values))


def _time(hour: int, minute: int, second: int) -> str:
    return f"{hour:02}:{minute:02}" + (f":{second:02}" if second else "")


def _listed(words: Iterable[str]) -> str:
    return "、".join(words)
