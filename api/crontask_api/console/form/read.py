"""draft_of makes of a CronTask what a form shows of it."""

from typing import Any, Final

from crontask_api.console.form.draft import KEPT, SECRET, VALUE, Draft, Entry
from crontask_api.console.form.fields import (
    FIELDS,
    LABELS,
    NAMESPACE,
    OBJECT_NAME,
    PROTOCOL,
    RETRY,
    TASK_NAME,
    TIMING,
    Kind,
)
from crontask_api.console.form.texts import labels_text, text_of
from crontask_core.constants import MANAGED_BY_LABEL, MODULE_LABEL
from crontask_core.header_names import HARMLESS

OWN_LABELS: Final = frozenset({MANAGED_BY_LABEL, MODULE_LABEL})
"""Labels that are kept as they should be without anybody's help."""

Json = dict[str, Any]


def draft_of(
    spec: Json, labels: Json, *, shows_headers: bool, namespace: str = "", name: str = ""
) -> Draft:
    """Return the draft of a task.

    Parameters
    ----------
    shows_headers
        Whether the visitor may read values of headers. If not, each is kept unseen.
    """
    texts = {
        each.name: text_of(each, value_at(spec, each.name))
        for each in FIELDS.values()
        if each.in_spec
    }
    callback = spec.get("callback", {})
    texts |= {
        NAMESPACE: namespace,
        OBJECT_NAME: name,
        TASK_NAME: spec.get("taskName", ""),
        LABELS: labels_text({key: labels[key] for key in labels.keys() - OWN_LABELS}),
        TIMING: "at" if "at" in spec else "schedule",
        PROTOCOL: "grpc" if "grpc" in callback else "http",
        RETRY: _retry(spec.get("retry", {})),
        **_reference("callback.grpc.descriptorSetRef", spec),
        **_tls("callback.http.tls", spec),
        **_tls("callback.grpc.tls", spec),
    }
    entries = {
        each.name: tuple(_entry(one, shows_headers) for one in value_at(spec, each.name) or ())
        for each in FIELDS.values()
        if each.kind is Kind.ENTRIES
    }
    return Draft(texts, entries)


def value_at(spec: Json, path: str) -> Any:
    """Return the value at a path such as ``callback.http.url``, None if there is none."""
    value: Any = spec
    for part in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value


def is_harmless(name: str) -> bool:
    """Return whether a header of this name holds no credential."""
    return name.isascii() and name.lower() in HARMLESS


def _retry(retry: Json) -> str:
    if "backoff" in retry:
        return "backoff"
    return "delays" if retry.get("delaysSeconds") else "none"


def _tls(path: str, spec: Json) -> dict[str, str]:
    tls = value_at(spec, path)
    texts = _reference(f"{path}.caSecretRef", spec)
    if tls is None:
        chosen = FIELDS[path].default
    elif "caSecretRef" in tls:
        chosen = "ca"
    else:
        chosen = "insecure" if tls.get("insecureSkipVerify") else "system"
    return {path: chosen, **texts}


def _reference(path: str, spec: Json) -> dict[str, str]:
    found = value_at(spec, path) or {}
    return {f"{path}.{part}": found.get(part, "") for part in ("name", "key")}


def _entry(header: Json, shows_headers: bool) -> Entry:
    name, reference = header["name"], header.get("secretKeyRef")
    if reference is not None:
        return Entry(name, SECRET, secret=reference["name"], key=reference["key"])
    if shows_headers or is_harmless(name):
        return Entry(name, VALUE, header.get("value", ""))
    return Entry(name, KEPT)
