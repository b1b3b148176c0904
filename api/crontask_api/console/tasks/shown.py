"""shown_rows says of tasks what the rows of a table show, in the visitor's language."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote

from crontask_api.console.live.row import Key, Row
from crontask_api.console.picture.strip import KINDS, Strip, strip_of
from crontask_api.console.words.language import Language, exact, machine
from crontask_core.enums import Phase

LATE_SECONDS: Final = 15.0
"""A run that did not begin by then is late: the operator calls 10 s on time, and a status
takes a moment to be written."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment as a page shows it."""

    relative: str
    lasting: str
    """How long ago it was, as a span."""
    exact: str
    machine: str


@dataclass(frozen=True, slots=True)
class State:
    """What is to be known of a task first: a word, and the kind of its mark."""

    kind: str
    word: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row of a table."""

    reference: str
    """Namespace and name, as forms send it back."""
    address: str
    title: str
    name: str
    """The object's name, if it is another."""
    namespace: str
    called: str
    told: str
    """The schedule in words; empty if there are none."""
    expression: str
    state: State
    next_run: Moment | None
    is_late: bool
    last_run: Moment | None
    last: State
    note: str
    """What it is doing at the moment, or for how long it has failed; may be empty."""
    error: str
    since: Moment | None
    strip: Strip


def reference_of(key: Key) -> str:
    """Return what a form says of a task."""
    return "/".join(key)


def task_address(key: Key) -> str:
    """Return the address of a task's page."""
    namespace, name = key
    return f"/console/tasks/{quote(namespace, safe='')}/{quote(name, safe='')}"


def moment(language: Language, seconds: float | None, now: float) -> Moment | None:
    """Return what is shown of a moment, None for none."""
    if seconds is None:
        return None
    return Moment(
        language.relative(seconds, now),
        language.since(seconds, now),
        exact(seconds),
        machine(seconds),
    )


def is_late(row: Row, now: float) -> bool:
    """Return whether a run should have begun by `now` and nothing says that it did."""
    return (
        row.next_run is not None
        and row.phase == Phase.ACTIVE
        and not row.active
        and row.next_run + LATE_SECONDS < now
    )


def shown_rows(rows: Iterable[Row], language: Language, now: float) -> list[ShownRow]:
    """Return what is shown of `rows`."""
    return [_shown(row, language, now) for row in rows]


def state_of(row: Row, language: Language) -> State:
    """Return where a task stands."""
    kinds: dict[str, str] = {
        Phase.ACTIVE: "good",
        Phase.SUSPENDED: "paused",
        Phase.INVALID: "bad",
        Phase.FAILED: "bad",
        Phase.SUCCEEDED: "done",
    }
    if row.failures and row.phase == Phase.ACTIVE:
        return State("bad", language.text("state.failing"))
    kind = kinds.get(row.phase, "new")
    return State(kind, language.known(f"phase.{row.phase}", row.phase))


def last_of(row: Row, language: Language) -> State:
    """Return how the last run went."""
    kind = KINDS.get(row.last_status, "new")
    return State(kind, language.known(f"status.{row.last_status}", row.last_status))


def _shown(row: Row, language: Language, now: float) -> ShownRow:
    told = language.schedule(
        row.schedule, time_zone=row.time_zone, seed=row.uid, only_once=row.type == "Single"
    )
    if row.at is not None:
        told = language.once(exact(row.at))
    return ShownRow(
        reference=reference_of(row.key),
        address=task_address(row.key),
        title=row.title,
        name=row.name if row.name != row.title else "",
        namespace=row.namespace,
        called=f"{row.method} {row.target}",
        told=told,
        expression=row.schedule,
        state=state_of(row, language),
        next_run=_due(language, row.next_run, now),
        is_late=is_late(row, now),
        last_run=moment(language, row.last_run, now),
        last=last_of(row, language),
        note=_note(row, language, now),
        error=row.error,
        since=moment(language, row.failing_since, now),
        strip=strip_of(row.runs),
    )


def _due(language: Language, seconds: float | None, now: float) -> Moment | None:
    shown = moment(language, seconds, now)
    if shown is None or seconds is None:
        return None
    return replace(shown, relative=language.due(seconds, now))


def _note(row: Row, language: Language, now: float) -> str:
    if row.active:
        return language.text("tasks.running")
    if row.retry_at is not None:
        return language.text("tasks.retrying", when=language.relative(row.retry_at, now))
    if row.failures:
        return language.counted("tasks.failed_in_row", row.failures)
    return ""
