"""conflict finds what others changed in a task while a person was editing it.

A form knows as of which version it was made, and a digest of each of its fields as they were
then. So what a person changed can be told from what others did.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from crontask_api.console.form.draft import SECRET, VALUE, Draft
from crontask_api.console.form.fields import FIELDS, NEW_ONLY, Kind
from crontask_api.kube.objects import CronTask

CHOICE: Final = "choice."
"""Begins the name of what a person chooses of two versions of a field."""
THEIRS: Final = "theirs"

_NAMES: Final = tuple(name for name in FIELDS if name not in NEW_ONLY)
_DIGITS: Final = 8


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that others changed, and that is not the same in the form.

    `takes_theirs` is what is chosen to begin with: what they wrote, where the person did
    not touch the field.
    """

    name: str
    mine: str
    theirs: str
    takes_theirs: bool


def base_of(task: CronTask, draft: Draft) -> str:
    """Return what a form for `task` carries; `draft` is that of the task as it is."""
    settled = draft.settled()
    digests = "".join(_digest(name, settled) for name in _NAMES)
    return f"{_version(task)}.{digests}"


def differences(base: str, task: CronTask, mine: Draft, theirs: Draft) -> list[Difference]:
    """Return what others changed since `base` that is another thing in `mine`."""
    if base == base_of(task, theirs):
        return []
    mine, theirs = mine.settled(), theirs.settled()
    before = _digests(base)
    found = []
    for name in _NAMES:
        was = before.get(name)
        if was == _digest(name, theirs) or mine.is_same(name, theirs):
            continue
        is_untouched = was == _digest(name, mine)
        found.append(Difference(name, _told(name, mine), _told(name, theirs), is_untouched))
    return found


def with_choices(
    mine: Draft, theirs: Draft, form: list[tuple[str, str]], found: Collection[Difference] = ()
) -> Draft:
    """Return `mine` with those fields as in `theirs` for which the form says so.

    Those in `found` are left: nobody has seen yet what there is to choose.
    """
    unseen = {each.name for each in found}
    for name, value in form:
        field = name.removeprefix(CHOICE)
        if name.startswith(CHOICE) and value == THEIRS and field in _NAMES and field not in unseen:
            mine = mine.taking(field, theirs)
    return mine


def is_of(base: str, task: CronTask) -> bool:
    """Return whether `base` is of this very task, and not of another one of its name."""
    return base.partition(".")[0] == task.metadata.uid


def _version(task: CronTask) -> str:
    return f"{task.metadata.uid}.{task.metadata.generation}"


def _digests(base: str) -> dict[str, str]:
    text = base.rpartition(".")[2]
    if len(text) != _DIGITS * len(_NAMES):
        # Another version made the form. Whatever is not the same is asked for.
        return {}
    parts = (text[at : at + _DIGITS] for at in range(0, len(text), _DIGITS))
    return dict(zip(_NAMES, parts, strict=True))


def _digest(name: str, draft: Draft) -> str:
    content = repr((draft.text(name), draft.rows(name))).encode(errors="replace")
    return hashlib.blake2b(content, digest_size=_DIGITS // 2).hexdigest()


def _told(name: str, draft: Draft) -> str:
    if FIELDS[name].kind is not Kind.ENTRIES:
        return draft.text(name)
    lines = []
    for row in draft.rows(name):
        said = {VALUE: row.value, SECRET: f"{row.secret}/{row.key}"}.get(row.source, "...")
        lines.append(f"{row.name}: {said}")
    return "\n".join(lines)
