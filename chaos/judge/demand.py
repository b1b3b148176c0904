"""demand computes which moments a task had, from its edits as they were acknowledged.

It shares nothing with the operator: a period divides a minute, so the moments of a
schedule are the multiples of its period. Time runs to the right::

    edit sent   acked        followed at the latest            next edit
    |-----------|------------|--------------------------|------|
      either schedule        |  this one, each moment   | not certain to be served

A task that was edited before any operator saw it counts from its creation by its new schedule:
what it was before is known to nobody.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from chaos.history import Life, Span, State
from chaos.judge.bounds import Bounds


@dataclass(frozen=True, slots=True)
class Demand:
    """The moments of one task, in seconds since the epoch."""

    required: frozenset[int]
    """Each of them is to be called, or counted as missed or skipped."""
    optional: frozenset[int]
    """Each of them may be."""


def demand(
    life: Life, bounds: Bounds, until: float, end: float, gone: float | None = None
) -> Demand:
    """Return the moments of `life`; those after `until`, and none after `end`, are optional.

    `gone` is when a watch showed its deletion, if it was deleted and that is known.
    """
    required: set[int] = set()
    optional: set[int] = set()
    known = bounds.seen_by(life.states[0].edit)
    for state, following in _stretches(life):
        first = state is life.states[0]
        if state.suspended:
            continue
        begin = float(life.created) if state.edit.sent <= known else state.edit.sent
        certain = begin if first else bounds.seen_by(state.edit)
        # What comes after the story, when everything was served, leaves nothing in doubt.
        ends = following is not None and following.sent <= until
        doubtful = bounds.unsure_from(following.sent) if following and ends else inf
        last = (
            end
            if following is None
            else min(end, bounds.seen_by(following, gone if following is life.deleted else None))
        )
        for moment in _moments(life, state, begin, last):
            # What is past when it is set is due at once.
            due = max(moment, life.created) if life.once is not None else moment
            is_certain = (certain < due or first) and due < doubtful and due <= until
            (required if is_certain else optional).add(moment)
    return Demand(frozenset(required), frozenset(optional - required))


def _stretches(life: Life) -> Iterator[tuple[State, Span | None]]:
    ends = [state.edit for state in life.states[1:]]
    yield from zip(life.states, [*ends, life.deleted], strict=True)


def _moments(life: Life, state: State, begin: float, last: float) -> Iterator[int]:
    if life.once is not None:
        if life.once <= last:
            yield life.once
        return
    moment = (int(begin) // state.period + 1) * state.period
    while moment <= last:
        yield moment
        moment += state.period
