"""field_parser reads the values of one field of a cron expression, for `cron_parser`.

::

    field = "?" | item {"," item}
    item  = base ["/" step]
    base  = "*" | value | value "-" value | "H" | "H(" value "-" value ")"
    value = number | name

Go's cron reads the same, but for ``H``, which is Jenkins', and for ranges that run
over the end of their field (``22-2``, ``FRI-MON``), which are croniter's.
"""

import re
from dataclasses import dataclass
from typing import NoReturn

from crontask_core.errors import ScheduleError
from crontask_core.identity import stable_hash
from crontask_core.schedule.fields import DAY_FIELDS, Field

_HASH = re.compile(r"H(?:\((?P<range>[^()]*)\))?", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]+")
_WORD = re.compile(r"[A-Z]+|#", re.IGNORECASE)
_QUARTZ = re.compile(r"(?:[A-Z]{3})?(?:[LW]|LW|#)", re.IGNORECASE)
"""What Quartz writes beside numbers and names; a name may stand before it."""
_YEAR = re.compile(r"[12][0-9]{3}")


@dataclass(frozen=True, slots=True)
class FieldValues:
    """What a field matches, ascending; `star` if an item is ``*``, ``*/n`` or ``?``.

    The day rule asks for the way of writing: ``1-31`` matches the same days as ``*``,
    but its writer named them.
    """

    values: tuple[int, ...]
    star: bool


@dataclass(frozen=True, slots=True)
class FieldParser:
    """Parses the field at `position`, counted from 1; `seed` is what ``H`` hashes."""

    field: Field
    position: int
    seed: str

    def parse(self, text: str) -> FieldValues:
        """Return the values of `text`.

        Raises
        ------
        ScheduleError
            With the field's number and name, what was found and what is allowed.
        """
        if text == "?":
            if self.field not in DAY_FIELDS:
                self._fail(text, text, f"{self.field.allowed}, or * (only the day fields take ?)")
            return FieldValues(self.field.all, star=True)
        values: set[int] = set()
        star = False
        for item in text.split(","):
            if not item:
                self._fail(item, text, "a value beside each comma")
            base, slash, step = item.partition("/")
            values.update(self._item(item, base, self._step(item, step) if slash else None))
            star = star or base == "*"
        return FieldValues(tuple(sorted(values)), star)

    def _item(self, item: str, base: str, step: int | None) -> tuple[int, ...]:
        if base == "*":
            return self.field.all[::step]
        if (hashed := _HASH.fullmatch(base)) is not None:
            return self._hashed(item, hashed["range"], step)
        if "-" in base:
            return self._range(item, base)[::step]
        value = self._value(item, base)
        if step is None:
            return (value,)
        return tuple(range(value, self.field.maximum + 1, step))

    def _step(self, item: str, text: str) -> int:
        # Peers take a longer step, which then fires once in the field's cycle: not what
        # the writer of */90 in the minutes means.
        step = int(text) if _NUMBER.fullmatch(text) else 0
        if not 1 <= step <= self.field.size:
            self._fail(text, item, f"a step of 1-{self.field.size} (@every takes longer ones)")
        return step

    def _hashed(self, item: str, within: str | None, step: int | None) -> tuple[int, ...]:
        choices = self.field.hashable if within is None else self._range(item, within)
        draw = stable_hash(f"{self.seed}\0{self.field.name}")
        if step is None:
            return (choices[draw % len(choices)],)
        return choices[draw % min(step, len(choices)) :: step]

    def _range(self, item: str, text: str) -> tuple[int, ...]:
        """Return the values from the first to the last, over the field's end if need be."""
        ends = text.split("-")
        if len(ends) != 2 or "" in ends:
            self._fail(text, item, f"a range first-last of {self.field.allowed}")
        first, last = (self._number(item, end) for end in ends)
        if last - first == self.field.size:
            return self.field.all  # 0-7, from Sunday to Sunday
        start, end = (self.field.alias.get(number, number) for number in (first, last))
        length = (end - start) % self.field.size + 1
        begin = start - self.field.minimum
        return (self.field.all * 2)[begin : begin + length]

    def _value(self, item: str, text: str) -> int:
        number = self._number(item, text)
        return self.field.alias.get(number, number)

    def _number(self, item: str, text: str) -> int:
        number = self.field.names.get(text.upper())
        if number is None and _NUMBER.fullmatch(text):
            number = int(text)
        if number is None or not (number in self.field.all or number in self.field.alias):
            self._fail(text, item, self.field.allowed)
        return number

    def _fail(self, found: str, item: str, expected: str) -> NoReturn:
        shown = repr(found) if found == item else f"{found!r} in {item!r}"
        raise ScheduleError(
            "spec.schedule",
            f"field {self.position} ({self.field.name}): "
            f"found {shown}, expected {expected}{self._hint(item)}",
        )

    def _hint(self, item: str) -> str:
        if item[:1] in ("H", "h"):
            return ", H or H(first-last)"
        if self.field not in DAY_FIELDS:
            return ""
        if _YEAR.search(item):
            return " (a schedule has no year; at is for a moment)"
        if any(_QUARTZ.fullmatch(word) for word in _WORD.findall(item)):
            return " (the L, W and # of Quartz are not supported)"
        return " (? stands alone)" if "?" in item else ""
