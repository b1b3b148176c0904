"""credentials tells which rights a change of a task needs, besides that to change tasks.

What a task sends may be a credential: values of Secrets, and values of headers that a
visitor may not read. The operator reads them with its own rights, so a visitor could have
them sent to an address of theirs. Whoever cannot read them may keep them where they are and
going where they go, and no more; an update over the API has the same rule.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from crontask_api.console.form.read import value_at
from crontask_api.console.frame.visit import Visit
from crontask_api.mapping.destination import SentCredentials, sent_by, taken_elsewhere

Json = dict[str, Any]

_LISTS: Final = ("callback.http.headers", "callback.grpc.metadata")
_TRUSTED: Final = ("callback.http.tls", "callback.grpc.tls")


@dataclass(frozen=True, slots=True)
class Need:
    """A right that is needed, and the field that asks for it.

    `secret` is the name of a Secret to read; empty for whole CronTasks.
    """

    field: str
    secret: str
    header: str = ""


def needs(before: Json, after: Json, kept: Collection[str]) -> list[Need]:
    """Return what it takes to make a task with the spec `after` of one with `before`.

    `kept` are the names of headers whose values the visitor took over without seeing them.
    """
    callback, old = after.get("callback", {}), before.get("callback", {})
    field = "callback.grpc.address" if "grpc" in callback else "callback.http.url"
    found = [*_new_references(before, after), *_of(field, taken_elsewhere(old, callback), kept)]
    sent = sent_by({kind: each for kind, each in callback.items() if kind in old})
    for field in ("expect.bodyRegex", *_TRUSTED):
        if (value := value_at(after, field)) and value != value_at(before, field):
            found += _of(field, sent, kept)
    return list(dict.fromkeys(found))


async def lacking(visit: Visit, namespace: str, wanted: list[Need]) -> list[Need]:
    """Return those that the visitor lacks.

    Raises
    ------
    ApiError
        If the API server had to be asked, and is away.
    """
    rights, identity = visit.console.authenticator, visit.identity
    missing = []
    for need in wanted:
        if need.secret:
            has = await rights.may_read_secret(identity, namespace, need.secret)
        else:
            has = await rights.may_read_tasks(identity, namespace)
        if not has:
            missing.append(need)
    return missing


def _of(field: str, taken: SentCredentials, kept: Collection[str]) -> list[Need]:
    return [
        *(Need(field, name) for name in taken.secrets),
        *(Need(field, "", name) for name in taken.headers if name in kept),
    ]


def _new_references(before: Json, after: Json) -> list[Need]:
    found = []
    for path in _LISTS:
        old = value_at(before, path) or []
        for index, header in enumerate(value_at(after, path) or []):
            reference = header.get("secretKeyRef")
            if reference is not None and header not in old:
                found.append(Need(f"{path}.{index}.secretKeyRef.name", reference["name"]))
    for path in _TRUSTED:
        reference = value_at(after, f"{path}.caSecretRef")
        if reference is not None and reference != value_at(before, f"{path}.caSecretRef"):
            found.append(Need(f"{path}.caSecretRef.name", reference["name"]))
    return found
