"""cluster looks at CRD, rights, Leases and replicas, for ``crontask doctor``."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import msgspec

from crontask_cli.checks.base import Finding, Verdict, clock, pace
from crontask_cli.service.cluster import ClusterService
from crontask_cli.service.task import read_task
from crontask_cli.times import compact, parse_moment
from crontask_core.constants import GROUP, PLURAL, VERSION
from crontask_kube.errors import ApiError, ForbiddenError, NotFoundError
from crontask_kube.paths import Resource, everywhere_path, resource_path

LEASE_LABEL: Final = f"{GROUP}/lease"
"""Label of the operator's Leases, with what each stands for (docs/design/ownership.md)."""

VERBS: Final = {
    "list": "list, top, logs",
    "get": "get",
    "watch": "logs -f, top",
    "create": "apply",
    "patch": "run, pause, resume, apply",
    "delete": "delete",
}
"""What the commands need each right for."""

_INSTALL: Final = "install the chart, or have it upgraded: helm upgrade --install"


def check_cluster(service: ClusterService, now: datetime) -> Iterator[Finding]:
    """Yield what is found, in the order in which one thing rests on the other."""
    answer = service.http.send("GET", Resource.CRON_TASKS.group_path)
    if answer.status == 401:
        yield Finding(
            "API server", Verdict.BAD, "it does not accept the credentials", "sign in again"
        )
        return
    yield Finding("API server", Verdict.GOOD, "it answers")
    yield clock(answer.headers.get("Date"), now)
    yield _definition(service, answer.status, answer.body)
    if answer.status >= 300:
        return
    yield _rights(service)
    yield from _leases(service, now)
    try:
        tasks = [read_task(item) for page in service.pages("") for item in page]
    except ForbiddenError:
        yield Finding("operator", Verdict.UNKNOWN, "you may not list tasks here")
        return
    yield pace(tasks, now)
    yield Finding(
        "history", Verdict.GOOD, "each task's status keeps its latest attempts (spec.historyLimit)"
    )


def _definition(service: ClusterService, status: int, body: bytes) -> Finding:
    if status == 404:
        return Finding("CRD", Verdict.BAD, f"the cluster does not know {GROUP}/{VERSION}", _INSTALL)
    if status >= 300:
        return Finding("CRD", Verdict.UNKNOWN, f"the API server answered HTTP {status}")
    served = msgspec.json.decode(body, type=dict[str, Any]).get("resources") or []
    if not any(each.get("name") == f"{PLURAL}/status" for each in served):
        return Finding("CRD", Verdict.BAD, f"{GROUP}/{VERSION} has no status", _INSTALL)
    try:
        path = resource_path(Resource.DEFINITIONS, None, f"{PLURAL}.{GROUP}")
        found = msgspec.json.decode(service.http.request("GET", path), type=dict[str, Any])
    except ForbiddenError:
        return Finding("CRD", Verdict.GOOD, f"{GROUP}/{VERSION} is served")
    wrong = [
        f"{each.get('type')}: {each.get('message')}"
        for each in found.get("status", {}).get("conditions", ())
        if each.get("type") in ("Established", "NamesAccepted") and each.get("status") != "True"
    ]
    if wrong:
        return Finding("CRD", Verdict.BAD, "; ".join(wrong), _INSTALL)
    return Finding("CRD", Verdict.GOOD, f"{GROUP}/{VERSION} is served and established")


def _rights(service: ClusterService) -> Finding:
    where = service.namespace
    missing = [verb for verb in VERBS if not _may(service, where, verb)]
    place = f"in {where}" if where else "in all namespaces"
    if not missing:
        return Finding("your rights", Verdict.GOOD, f"all that the commands need {place}")
    without = "; ".join(f"{verb} ({VERBS[verb]})" for verb in missing)
    return Finding(
        "your rights",
        # Whoever may only look has what they should have.
        Verdict.BAD if "list" in missing or "get" in missing else Verdict.UNKNOWN,
        f"none {place} for {without}",
        "ask for the role view to look, or edit to change: "
        f"kubectl create rolebinding -n {where or 'NAMESPACE'} NAME --clusterrole=edit --user=YOU",
    )


def _may(service: ClusterService, namespace: str, verb: str) -> bool:
    attributes = {"group": GROUP, "resource": PLURAL, "verb": verb, "namespace": namespace}
    review = {
        "apiVersion": Resource.OWN_ACCESS_REVIEWS.api_version,
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    answer = service.http.request(
        "POST", resource_path(Resource.OWN_ACCESS_REVIEWS), body=msgspec.json.encode(review)
    )
    status = msgspec.json.decode(answer, type=dict[str, Any]).get("status") or {}
    return status.get("allowed") is True


def _leases(service: ClusterService, now: datetime) -> Iterator[Finding]:
    try:
        answer = service.http.request(
            "GET", everywhere_path(Resource.LEASES), query={"labelSelector": LEASE_LABEL}
        )
    except ForbiddenError:
        yield Finding("leases", Verdict.UNKNOWN, "you may not see the operator's Leases")
        return
    except (ApiError, NotFoundError) as error:
        yield Finding("leases", Verdict.UNKNOWN, str(error))
        return
    items = msgspec.json.decode(answer, type=dict[str, Any]).get("items") or []
    shards = [each for each in items if _kind(each) == "shard"]
    held = [each for each in shards if _is_held(each, now)]
    replicas = {_holder(each) for each in items if _kind(each) == "member" and _is_held(each, now)}
    if not shards:
        yield Finding("leases", Verdict.BAD, "there are none: no operator ever ran", _INSTALL)
        return
    if len(held) < len(shards):
        free = [str(each["metadata"]["name"]) for each in shards if each not in held]
        seen = [parse_moment(str(_spec(each).get("renewTime", ""))) for each in shards]
        last = max(filter(None, seen), default=None)
        since = f", last renewed {compact(now - last)} ago" if last else ""
        yield Finding(
            "leases",
            Verdict.BAD,
            f"nobody holds {', '.join(free)}{since}: its tasks do not run",
            "look at the operator's pods and their log",
        )
    else:
        yield Finding("leases", Verdict.GOOD, f"all {len(shards)} are held")
    yield Finding(
        "replicas",
        Verdict.GOOD if replicas else Verdict.BAD,
        f"{len(replicas)} take part: {', '.join(sorted(replicas)) or '-'}",
        "" if replicas else "look at the operator's pods and their log",
    )


def _kind(lease: dict[str, Any]) -> str:
    return str((lease["metadata"].get("labels") or {}).get(LEASE_LABEL, ""))


def _spec(lease: dict[str, Any]) -> dict[str, Any]:
    return lease.get("spec") or {}


def _holder(lease: dict[str, Any]) -> str:
    return str(_spec(lease).get("holderIdentity") or "")


def _is_held(lease: dict[str, Any], now: datetime) -> bool:
    renewed = parse_moment(str(_spec(lease).get("renewTime", "")))
    if not _holder(lease) or renewed is None:
        return False
    return (now - renewed).total_seconds() <= 2 * int(_spec(lease).get("leaseDurationSeconds") or 0)
