"""build makes of a draft the spec that it stands for, for those who save it or try it.

What a person left alone stays as it was, fields included that this version does not know.
"""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

from crontask_api.console.form.draft import KEPT, SECRET, Draft, Entry
from crontask_api.console.form.fields import FIELDS, LABELS, PROTOCOL, RETRY, TIMING, Field, Kind
from crontask_api.console.form.read import OWN_LABELS, draft_of, value_at
from crontask_api.console.form.texts import TextError, labels_of, value_of
from crontask_core.constants import MODULE_LABEL

Json = dict[str, Any]

_STAY: Final = frozenset({"callback", "http", "grpc", "backoff"})
"""What says something by being there, even if it is empty."""


@dataclass(slots=True)
class Built:
    """A spec and labels, and what is wrong with the texts that they were made of."""

    spec: Json
    labels: dict[str, str]
    wrong: dict[str, TextError] = field(default_factory=dict)


def build(draft: Draft, spec: Json, labels: Json, *, shows_headers: bool) -> Built:
    """Return what `draft` makes of a task with `spec` and `labels`; of a new one if both are empty.

    `shows_headers` is what `draft_of` was told, or would have been.
    """
    made = Built(deepcopy(spec), {})
    before = draft_of(spec, labels, shows_headers=shows_headers).settled()
    draft = draft.settled()
    _choose(made.spec, "schedule", "at", draft.text(TIMING))
    _choose(made.spec.setdefault("callback", {}), "http", "grpc", draft.text(PROTOCOL))
    made.spec["callback"].setdefault(draft.text(PROTOCOL), {})
    _set_retry(made.spec, draft, before)
    for each in FIELDS.values():
        if draft.holds(each):
            _apply(made, each, draft, before)
    # The API server then names the field, and not the whole spec.
    made.spec.setdefault(draft.text(TIMING), "")
    _set_labels(made, draft, labels)
    return made


def _apply(made: Built, each: Field, draft: Draft, before: Draft) -> None:
    name = each.name
    if each.kind is Kind.ENTRIES:
        if not draft.is_same(name, before):
            _put(made.spec, name, _headers(draft.rows(name), value_at(made.spec, name) or []))
        return
    if name.endswith(".tls"):
        _set_tls(made.spec, name, draft, before)
    elif name.endswith("descriptorSetRef.name"):
        _set_reference(made.spec, name.removesuffix(".name"), draft, before)
    elif each.in_spec and not draft.is_same(name, before):
        try:
            value = value_of(each, draft.text(name))
        except TextError as error:
            made.wrong[name] = error
            return
        _put(made.spec, name, value)


def _choose(mapping: Json, one: str, other: str, chosen: str) -> None:
    mapping.pop(other if chosen == one else one, None)


def _set_retry(spec: Json, draft: Draft, before: Draft) -> None:
    if draft.is_same(RETRY, before):
        return
    retry = spec.setdefault("retry", {})
    retry.pop("delaysSeconds", None)
    retry.pop("backoff", None)
    if draft.text(RETRY) == "backoff":
        retry["backoff"] = {}


def _set_tls(spec: Json, path: str, draft: Draft, before: Draft) -> None:
    parts = (path, f"{path}.caSecretRef.name", f"{path}.caSecretRef.key")
    if all(draft.is_same(part, before) for part in parts):
        return
    chosen, name, key = map(draft.text, parts)
    tls = {
        "ca": {"caSecretRef": {"name": name, "key": key}},
        "insecure": {"insecureSkipVerify": True},
        # Over HTTP the scheme asks for TLS, and this is how it is verified by default.
        "system": {} if FIELDS[path].default != "system" else None,
    }.get(chosen)
    _put(spec, path, tls)


def _set_reference(spec: Json, path: str, draft: Draft, before: Draft) -> None:
    parts = (f"{path}.name", f"{path}.key")
    if not all(draft.is_same(part, before) for part in parts):
        name, key = map(draft.text, parts)
        _put(spec, path, {"name": name, "key": key} if name or key else None)


def _headers(rows: tuple[Entry, ...], before: list[Json]) -> list[Json] | None:
    known = {header["name"].lower(): header for header in before}
    return [_header(row, known) for row in rows] or None


def _header(row: Entry, known: dict[str, Json]) -> Json:
    if row.source == SECRET:
        return {"name": row.name, "secretKeyRef": {"name": row.secret, "key": row.key}}
    if row.source == KEPT:
        # Without one that is kept, the API server says that it has no value.
        kept = known.get(row.name.lower(), {})
        return {"name": row.name} | ({"value": kept["value"]} if "value" in kept else {})
    return {"name": row.name, "value": row.value}


def _set_labels(made: Built, draft: Draft, before: Json) -> None:
    try:
        made.labels = labels_of(draft.text(LABELS))
    except TextError as error:
        made.wrong[LABELS] = error
        return
    own = {name: before[name] for name in OWN_LABELS & before.keys()}
    if MODULE_LABEL in own:
        own[MODULE_LABEL] = str(made.spec.get("module", 0))
    made.labels |= own


def _put(spec: Json, path: str, value: Any) -> None:
    """Set the value at `path`; for None take it away, with what is then empty above it."""
    *above, last = path.split(".")
    places = [spec]
    for part in above:
        if value is None and part not in places[-1]:
            return
        places.append(places[-1].setdefault(part, {}))
    if value is not None:
        places[-1][last] = value
        return
    places[-1].pop(last, None)
    for part, place, parent in zip(above[::-1], places[:0:-1], places[-2::-1], strict=True):
        if place or part in _STAY:
            return
        del parent[part]
