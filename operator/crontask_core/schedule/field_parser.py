"""One field of a cron expression: from its text to the values it stands for.

::

    field = "?" | item {"," item}
    item  = base ["/" step]
    base  = "*" | value | value "-" value | "H" | "H(" value "-" value ")"
"""

import re
from dataclasses import dataclass
from typing import NoReturn

from crontask_core.errors import ScheduleError
from crontask_core.identity import stable_hash
from crontask_core.schedule.fields import DAY_OF_MONTH, DAY_OF_WEEK, Field

_HASH = re.compile(r"H(?:\((?P<range>[^()]*)\))?", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]+")
# JUL, TUE and the like are names and never come here.
_FOREIGN = re.compile(r"[0-9A-Z]*(L|W|#)[0-9A-Z-]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FieldValues:
    """What a field matches; `star` if it is written ``*``, ``?`` or ``*/n``.

    The day rule asks for the way of writing: ``1-31`` matches the same days as ``*``,
    but is a restriction to it.
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
        """Return the values of `text`, in ascending order.

        Raises
        ------
        ScheduleError
            With the field's number and name, what was found and what is allowed.
        """
        if text == "?":
            if self.field not in (DAY_OF_MONTH, DAY_OF_WEEK):
                self._fail(text, f"'*' ('?' is for the two day fields), or {self.field.allowed}")
            return FieldValues(tuple(self._all()), star=True)
        items = text.split(",")
        if "" in items:
            self._fail(text, "a value between any two commas")
        values = {value for item in items for value in self._item(item)}
        star = any(item.partition("/")[0] == "*" for item in items)
        return FieldValues(tuple(sorted(values)), star)

    def _item(self, item: str) -> list[int]:
        base, slash, step_text = item.partition("/")
        step = self._step(item, step_text) if slash else None
        if base == "*":
            return self._all()[::step]
        if (match := _HASH.fullmatch(base)) is not None:
            return self._hashed(item, match["range"], step)
        if "-" in base:
            return self._range(item, base)[::step]
        value = self._value(item, base)
        if step is None:
            return [value]
        return list(range(value, self.field.maximum + 1, step))

    def _step(self, item: str, text: str) -> int:
        # A longer step would fire once in the field's cycle and not, as its writer
        # means, every so many minutes.
        expected = f"a step from 1 to {self.field.size} after '/'"
        if _NUMBER.fullmatch(text) is None:
            self._fail(item, expected)
        step = int(text)
        if not 1 <= step <= self.field.size:
            self._fail(item, expected)
        return step

    def _hashed(self, item: str, range_text: str | None, step: int | None) -> list[int]:
        if range_text is not None:
            choices = self._range(item, range_text)
        else:
            maximum = self.field.hash_maximum or self.field.maximum
            choices = list(range(self.field.minimum, maximum + 1))
        draw = stable_hash(f"{self.seed}\0{self.field.name}")
        if step is None:
            return [choices[draw % len(choices)]]
        return choices[draw % min(step, len(choices)) :: step]

    def _range(self, item: str, text: str) -> list[int]:
        """Return the values from first to last, over the field's end if last is lower."""
        first_text, dash, last_text = text.partition("-")
        if not dash or "-" in last_text:
            self._fail(
                item, f"a range with two ends, such as {self.field.minimum}-{self.field.maximum}"
            )
        first, last = self._value(item, first_text), self._value(item, last_text)
        if first == last and first_text != last_text and last_text in map(str, self.field.alias):
            return self._all()  # 0-7: from Sunday to Sunday
        length = (last - first) % self.field.size + 1
        everything = self._all()
        start = everything.index(first)
        return (everything + everything)[start : start + length]

    def _value(self, item: str, text: str) -> int:
        value = self.field.names.get(text.upper())
        if value is None and _NUMBER.fullmatch(text) is not None:
            number = int(text)
            value = self.field.alias.get(number, number)
        if value is None or not self.field.minimum <= value <= self.field.maximum:
            self._fail(item, self.field.allowed)
        return value

    def _all(self) -> list[int]:
        return list(range(self.field.minimum, self.field.maximum + 1))

    def _fail(self, found: str, expected: str) -> NoReturn:
        where = f"field {self.position} ({self.field.name})"
        if self.field in (DAY_OF_MONTH, DAY_OF_WEEK) and (foreign := _FOREIGN.fullmatch(found)):
            raise ScheduleError(
                "spec.schedule",
                f"{where}: found {found!r}, but Quartz's {foreign[1].upper()!r} is not supported; "
                f"allowed: {self.field.allowed}",
            )
        raise ScheduleError("spec.schedule", f"{where}: found {found!r}, expected {expected}")
