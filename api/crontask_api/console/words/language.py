"""Language says texts and moments as one language does, for templates and pages."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from crontask_api.console.words import chinese, english
from crontask_api.console.words.schedule import TELLERS, told_schedule

_TEXTS: Final = {"en": english.TEXTS, "zh": chinese.TEXTS}
_TAGS: Final = {"en": "en", "zh": "zh-Hans"}

LANGUAGES: Final = tuple(_TEXTS)
DEFAULT: Final = "en"

VIEW_LAG_SECONDS: Final = 10
"""How old what a page shows of a task may be: its status is written seconds after a run."""

_UNITS: Final = ((365 * 86400, "y"), (86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


@dataclass(frozen=True, slots=True)
class Language:
    """One of `LANGUAGES`."""

    code: str

    @property
    def tag(self) -> str:
        """What the page says that it is written in (RFC 5646)."""
        return _TAGS[self.code]

    def text(self, key: str, /, **values: object) -> str:
        """Return the text `key` with `values` in it.

        Raises
        ------
        KeyError
            If there is no such text.
        """
        text = _TEXTS[self.code][key]
        return text.format(**values) if values else text

    def counted(self, key: str, count: int, **values: object) -> str:
        """Return the text for `count` of something, with these values in it too."""
        which = "one" if count == 1 else "other"
        return self.text(f"{key}.{which}", count=self.number(count), **values)

    def known(self, key: str, otherwise: str) -> str:
        """Return the text `key`, or what another version of the operator calls it."""
        return _TEXTS[self.code].get(key, otherwise)

    def number(self, number: int) -> str:
        """Return a number with its thousands apart."""
        return f"{number:,}"

    def span(self, seconds: float) -> str:
        """Return a span of time in its largest unit, and the next one for small numbers."""
        if seconds < 1:
            return f"{seconds * 1000:.0f} ms"
        if seconds < 10:
            return f"{seconds:.1f} {self.text('unit.s')}"
        rest = int(seconds)
        for index, (size, unit) in enumerate(_UNITS):
            count, left = divmod(rest, size)
            if count:
                told = f"{count} {self.text(f'unit.{unit}')}"
                if count < 10 and index + 1 < len(_UNITS):
                    smaller, name = _UNITS[index + 1]
                    if less := left // smaller:
                        told = f"{told} {less} {self.text(f'unit.{name}')}"
                return told
        return f"0 {self.text('unit.s')}"

    def relative(self, moment: float, now: float) -> str:
        """Return how far `moment` is from `now`, both in seconds since the epoch."""
        distance = int(moment) - int(now)
        if not distance:
            return self.text("time.now")
        span = self.whole_span(abs(distance))
        return self.text("time.future" if distance > 0 else "time.past", span=span)

    def since(self, moment: float, now: float) -> str:
        """Return for how long something has been so, since `moment`."""
        return self.whole_span(max(0, int(now) - int(moment)))

    def due(self, moment: float, now: float) -> str:
        """Return when a run is due. It is now for as long as the view may lag behind."""
        lag = int(now) - int(moment)
        return self.relative(now if 0 < lag <= VIEW_LAG_SECONDS else moment, now)

    def whole_span(self, seconds: int) -> str:
        """Return a span of whole seconds, as the countdowns of the page count it."""
        # Without the fractions that a measured span has.
        return self.span(seconds) if seconds >= 10 else f"{seconds} {self.text('unit.s')}"

    def schedule(
        self, expression: str, *, time_zone: str, seed: str, only_once: bool = False
    ) -> str:
        """Return when a schedule fires, in words; empty if there are none for it."""
        return told_schedule(
            self.code, expression, time_zone=time_zone, seed=seed, only_once=only_once
        )

    def once(self, moment: str) -> str:
        """Return the words for a task that runs once, at a moment."""
        return TELLERS[self.code].once(moment)


def exact(moment: float) -> str:
    """Return a moment to the second, in UTC."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%S} UTC"


def machine(moment: float) -> str:
    """Return a moment for the attribute ``datetime``."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"


def choose_language(chosen: str, accepted: str) -> Language:
    """Return the language that was `chosen`, or else the best of ``Accept-Language``."""
    if chosen in LANGUAGES:
        return Language(chosen)
    best, weight = DEFAULT, 0.0
    # A browser sends a few; what somebody else sends is looked at no further.
    for part in accepted[:500].split(","):
        tag, _, rest = part.strip().partition(";")
        code = tag.strip().partition("-")[0].lower()
        quality = _quality(rest)
        if code in LANGUAGES and quality > weight:
            best, weight = code, quality
    return Language(best)


def _quality(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if not name:
        return 1.0
    try:
        return min(float(value), 1.0)
    except ValueError:
        return 0.0
