"""definition_of tells what a task is, field by field and as YAML, for its page."""

from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import yaml

from crontask_api.console.live.row import called
from crontask_api.console.words.language import Language, exact
from crontask_api.kube.objects import CronTask
from crontask_core.constants import API_VERSION, KIND
from crontask_core.spec import CronTaskSpec, Header, Retry, Tls

HIDDEN: Final = "..."
"""Stands for the value of a header that the visitor has no right to read."""

MANAGED: Final = frozenset({"kubectl.kubernetes.io/last-applied-configuration"})
"""Annotations that repeat the whole object, header values among them."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: what it is called, and its value, which may have several lines."""

    label: str
    value: str
    is_code: bool = False
    """Whether the value is to be read by a program."""


def definition_of(
    task: CronTask, spec: CronTaskSpec, language: Language, *, shows_headers: bool
) -> list[Field]:
    """Return the fields that say something; those at their defaults as well if they matter."""
    text = language.text
    method, target = called(spec)
    http, grpc = spec.callback.http, spec.callback.grpc
    headers = http.headers if http else grpc.metadata if grpc else ()
    body = http.body if http else grpc.body if grpc else ""
    tls = http.tls if http else grpc.tls if grpc else None
    expect = spec.expect
    fields = [
        *_when(task, spec, language),
        Field(text("field.method"), method),
        Field(text("field.url"), target, True),
        *(
            Field(text("field.headers"), _header(header, language, shows_headers), True)
            for header in headers
        ),
        Field(text("field.body"), body or text("value.none"), bool(body)),
        *([Field(text("field.tls"), _tls(tls, language))] if tls else []),
        Field(text("field.timeout"), text("value.seconds", count=spec.timeout_seconds)),
        Field(text("field.expect"), ", ".join(expect.status_codes), True),
        Field(text("field.regex"), expect.body_regex or text("value.any"), bool(expect.body_regex)),
        Field(text("field.retry"), _retry(spec.retry, language)),
        Field(
            text("field.missed"),
            text(
                "value.missed",
                policy=_chosen("missedRunPolicy", spec.missed_run_policy, language),
                seconds=spec.starting_deadline_seconds,
            ),
        ),
        Field(
            text("field.overlap"),
            _chosen("concurrencyPolicy", spec.concurrency_policy, language),
        ),
        Field(text("field.history"), str(spec.history_limit)),
        Field(text("field.module"), str(spec.module)),
    ]
    if spec.type:
        fields.append(Field(text("field.type"), _chosen("type", spec.type, language)))
    return fields


def yaml_of(task: CronTask, *, shows_headers: bool) -> str:
    """Return the task as a manifest to apply, without what the cluster added."""
    meta = task.metadata
    annotations = {name: value for name, value in meta.annotations.items() if name not in MANAGED}
    metadata: dict[str, Any] = {"name": meta.name, "namespace": meta.namespace}
    if meta.labels:
        metadata["labels"] = dict(meta.labels)
    if annotations:
        metadata["annotations"] = annotations
    manifest = {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": metadata,
        "spec": task.spec if shows_headers else _without_headers(task.spec),
    }
    text: str = yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True, width=100)
    return text


def _when(task: CronTask, spec: CronTaskSpec, language: Language) -> list[Field]:
    text = language.text
    if spec.at is not None:
        return [Field(text("field.at"), exact(spec.at.timestamp()))]
    expression = spec.schedule or ""
    told = language.schedule(
        expression,
        time_zone=spec.time_zone,
        seed=task.metadata.uid,
        only_once=spec.is_one_shot,
    )
    dst = text(
        "value.dst",
        gap=_chosen("dst.gap", spec.dst.gap, language),
        overlap=_chosen("dst.overlap", spec.dst.overlap, language),
    )
    return [
        Field(text("field.schedule"), f"{told}\n{expression}" if told else expression),
        Field(text("field.zone"), spec.time_zone),
        Field(text("field.dst"), dst),
    ]


def _chosen(field: str, choice: StrEnum, language: Language) -> str:
    """Return a choice as the form tells it."""
    return language.known(f"choice.{field}.{choice}", choice.value)


def _header(header: Header, language: Language, is_shown: bool) -> str:
    reference = header.secret_key_ref
    if reference is not None:
        value = language.text("value.secret", name=reference.name, key=reference.key)
    else:
        value = (header.value or "") if is_shown else language.text("value.hidden")
    return f"{header.name}: {value}"


def _tls(tls: Tls, language: Language) -> str:
    if tls.insecure_skip_verify:
        return language.text("value.insecure")
    reference = tls.ca_secret_ref
    if reference is None:
        return language.text("value.hidden")
    return language.text("value.ca", name=reference.name, key=reference.key)


def _retry(retry: Retry, language: Language) -> str:
    backoff = retry.backoff
    if backoff is not None:
        return language.text(
            "value.backoff",
            attempts=backoff.attempts,
            first=backoff.initial_seconds,
            factor=f"{backoff.factor:g}",
            most=backoff.max_seconds,
        )
    if retry.delays_seconds:
        delays = ", ".join(map(str, retry.delays_seconds))
        return language.text("value.delays", delays=delays)
    return language.text("value.none")


def _without_headers(spec: dict[str, Any]) -> dict[str, Any]:
    copied = deepcopy(spec)
    callback = copied.get("callback", {})
    for protocol, name in (("http", "headers"), ("grpc", "metadata")):
        for header in callback.get(protocol, {}).get(name, []):
            if "value" in header:
                header["value"] = HIDDEN
    return copied
