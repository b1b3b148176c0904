"""cronjob reads Kubernetes CronJobs whose container is curl or wget.

Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/cron-job-v1/
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from crontask_cli.files import yaml_objects
from crontask_cli.importing.command_lines import put_command
from crontask_cli.importing.dialects import from_go
from crontask_cli.importing.documents import (
    Fields,
    fields_of,
    flag_of,
    note_others,
    number_of,
    text_of,
)
from crontask_cli.importing.found import (
    MAX_DEADLINE_SECONDS,
    MAX_TIMEOUT_SECONDS,
    MOST_RETRIES,
    Draft,
    Found,
    Hints,
    NotConvertible,
    found,
)
from crontask_cli.importing.shell_words import split

_SHELLS: Final = ("sh", "bash", "ash", "dash")
_POLICIES: Final = ("Allow", "Forbid", "Replace")
_REFERENCE: Final = re.compile(r"\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)|\$\$")
_KNOWN: Final = (
    "schedule timeZone suspend concurrencyPolicy startingDeadlineSeconds jobTemplate "
    "successfulJobsHistoryLimit failedJobsHistoryLimit"
)
_KNOWN_JOB: Final = (
    "template backoffLimit activeDeadlineSeconds ttlSecondsAfterFinished completions parallelism"
)
_BACKOFF: Final = {"initialSeconds": 10, "factor": 2, "maxSeconds": 360}
"""Source: https://kubernetes.io/docs/concepts/workloads/controllers/job/ (six minutes at most)."""


def read(source: str, content: bytes, hints: Hints) -> Iterator[Found]:
    """Yield what the objects of a file are."""
    for place, item in yaml_objects(source, content):
        yield found(place, _draft, item, hints)


def _draft(place: str, item: Any, hints: Hints) -> Draft:
    manifest = fields_of(item)
    if manifest.get("kind") != "CronJob":
        raise NotConvertible("it is no CronJob")
    metadata = fields_of(manifest.get("metadata"), "metadata")
    name = text_of(metadata, "name")
    draft = Draft(place, name, name, text_of(metadata, "namespace", ""))
    spec = fields_of(manifest.get("spec"), "spec")
    job = fields_of(fields_of(spec.get("jobTemplate"), "spec.jobTemplate").get("spec"), "spec")
    for note in (*note_others(_KNOWN, spec), *note_others(_KNOWN_JOB, job)):
        draft.note(note)
    for field in ("completions", "parallelism"):
        if number_of(job, field, 1) != 1:
            draft.note(f"{field}: a run is one call")
    template = fields_of(fields_of(job.get("template"), "template").get("spec"), "template.spec")
    _put_container(draft, template)
    _put_times(draft, spec, hints)
    _put_retries(draft, job, template)
    return draft


def _put_times(draft: Draft, spec: Fields, hints: Hints) -> None:
    schedule, zone = from_go(text_of(spec, "schedule"))
    when: Fields = {"schedule": schedule}
    zone = text_of(spec, "timeZone", zone or hints.time_zone)
    if zone not in ("UTC", "Etc/UTC"):
        when["timeZone"] = zone
    if flag_of(spec, "suspend"):
        when["suspend"] = True
    policy = text_of(spec, "concurrencyPolicy", "Allow")
    if policy not in _POLICIES:
        raise NotConvertible(f"concurrencyPolicy: expected one of {', '.join(_POLICIES)}")
    if policy != "Allow":
        when["concurrencyPolicy"] = policy
    # Without one the latest missed run is made up for, however long ago that was.
    deadline = number_of(spec, "startingDeadlineSeconds", MAX_DEADLINE_SECONDS)
    when["startingDeadlineSeconds"] = max(0, min(deadline, MAX_DEADLINE_SECONDS))
    draft.spec = when | draft.spec


def _put_retries(draft: Draft, job: Fields, template: Fields) -> None:
    limit = number_of(job, "backoffLimit", 6)
    if limit > MOST_RETRIES:
        draft.note(f"backoffLimit {limit}: {MOST_RETRIES} retries are the most")
    if "retry" in draft.spec and limit > 0:
        draft.note("backoffLimit: the command's own retries are kept, those of the pod are not")
    elif limit > 0:
        draft.spec["retry"] = {"backoff": _BACKOFF | {"attempts": min(limit, MOST_RETRIES)}}
    deadline = number_of(job, "activeDeadlineSeconds", 0)
    if deadline > 0:
        draft.spec.setdefault("retry", {})["maxTotalSeconds"] = min(deadline, MAX_DEADLINE_SECONDS)
        limit = min(draft.spec.get("timeoutSeconds", MAX_TIMEOUT_SECONDS), deadline)
        draft.spec["timeoutSeconds"] = limit
    if text_of(template, "restartPolicy", "Never") == "OnFailure" and limit > 0:
        draft.note("restartPolicy OnFailure: the delays are those of new pods")


def _put_container(draft: Draft, template: Fields) -> None:
    containers = template.get("containers")
    if not isinstance(containers, list) or len(containers) != 1:
        raise NotConvertible("expected one container")
    if template.get("initContainers"):
        raise NotConvertible("the pod has init containers")
    container = fields_of(containers[0], "containers[0]")
    image = text_of(container, "image", "")
    command = _texts(container, "command")
    arguments = _texts(container, "args")
    name = PurePosixPath(image.partition("@")[0]).name.partition(":")[0]
    if not command and name == "curl":
        # The image curlimages/curl has curl for its entrypoint.
        command = ["curl"]
    values, secrets = _environment(container)
    words = [_expanded(word, values, secrets) for word in (*command, *arguments)]
    if (
        len(words) >= 3
        and PurePosixPath(words[0]).name in _SHELLS
        and re.fullmatch(r"-[eux]*c", words[1])
    ):
        words = split(words[2], values | {name: f"$({name})" for name in secrets})
        if words[:1] == ["exec"]:
            words = words[1:]
    headers, words = _secret_headers(words, secrets)
    put_command(draft, words, is_busybox=name in ("busybox", "alpine"))
    if headers:
        http = draft.spec["callback"]["http"]
        http["headers"] = [*headers, *http.get("headers", ())]
        for header in headers:
            header["secretKeyRef"] = dict(header["secretKeyRef"])


def _environment(container: Fields) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Return the variables whose values are known, and those that Secrets hold."""
    values: dict[str, str] = {}
    secrets: dict[str, dict[str, str]] = {}
    found_values = container.get("env")
    for entry in found_values if isinstance(found_values, list) else ():
        fields = fields_of(entry, "env")
        name = text_of(fields, "name")
        reference = fields_of(fields.get("valueFrom"), "valueFrom").get("secretKeyRef")
        if reference is not None:
            named = fields_of(reference, "secretKeyRef")
            secrets[name] = {"name": text_of(named, "name"), "key": text_of(named, "key")}
        elif "valueFrom" not in fields:
            values[name] = text_of(fields, "value", "")
    return values, secrets


def _secret_headers(
    words: list[str], secrets: Mapping[str, dict[str, str]]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the headers whose whole value a Secret has, and the other words."""
    headers: list[dict[str, Any]] = []
    kept: list[str] = []
    for index, word in enumerate(words):
        before = words[index - 1] if index else ""
        name, _, value = word.removeprefix("--header=").partition(":")
        variable = re.fullmatch(r"\$\((.+)\)", value.strip())
        if variable and variable[1] in secrets and (
            before in ("-H", "--header") or word.startswith("--header=")
        ):  # fmt: skip
            headers.append({"name": name.strip(), "secretKeyRef": secrets[variable[1]]})
            if before in ("-H", "--header"):
                kept.pop()
            continue
        if any(f"$({each})" in word for each in secrets):
            raise NotConvertible("a Secret is part of an argument; a header can be one as a whole")
        kept.append(word)
    return headers, kept


def _expanded(word: str, values: Mapping[str, str], secrets: Mapping[str, Any]) -> str:
    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return "$"
        if name in secrets:
            return match[0]
        if name not in values:
            raise NotConvertible(f"the value of the variable {name} is not known")
        return values[name]

    return _REFERENCE.sub(value, word)


def _texts(container: Fields, name: str) -> list[str]:
    found_texts = container.get(name)
    if found_texts is None:
        return []
    if not isinstance(found_texts, list) or not all(isinstance(each, str) for each in found_texts):
        raise NotConvertible(f"{name}: expected a list of texts")
    return found_texts
