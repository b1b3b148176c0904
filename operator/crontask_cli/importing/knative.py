"""knative reads PingSources of Knative Eventing.

Source: https://knative.dev/docs/eventing/sources/ping-source/reference/
"""

import base64
import binascii
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urljoin

from crontask_cli.files import yaml_objects
from crontask_cli.importing.dialects import from_go
from crontask_cli.importing.documents import Fields, fields_of, note_others, text_of
from crontask_cli.importing.found import Draft, Found, Hints, NotConvertible, found, shown
from crontask_cli.importing.http_call import HttpCall, put_call

_KNOWN: Final = "schedule timezone contentType data dataBase64 sink ceOverrides"
_SERVICES: Final = ("v1", "serving.knative.dev/v1")
"""Versions of the two kinds called Service, which are both reached by their names."""


def read(source: str, content: bytes, hints: Hints) -> Iterator[Found]:
    """Yield what the objects of a file are."""
    for place, item in yaml_objects(source, content):
        yield found(place, _draft, item, hints)


def _draft(place: str, item: Any, hints: Hints) -> Draft:
    manifest = fields_of(item)
    if manifest.get("kind") != "PingSource":
        raise NotConvertible("it is no PingSource")
    metadata = fields_of(manifest.get("metadata"), "metadata")
    name = text_of(metadata, "name")
    draft = Draft(place, name, name, text_of(metadata, "namespace", ""))
    spec = fields_of(manifest.get("spec"), "spec")
    for note in note_others(_KNOWN, spec):
        draft.note(note)
    # A PingSource without a schedule runs every minute.
    text = text_of(spec, "schedule", "* * * * *")
    draft.spec["schedule"], zone = from_go(text, seconds=len(text.split()) == 6)
    zone = text_of(spec, "timezone", zone or hints.time_zone)
    if zone != "UTC":
        draft.spec["timeZone"] = zone
    headers = {
        "Ce-Specversion": "1.0",
        "Ce-Type": "dev.knative.sources.ping",
        "Ce-Source": f"/apis/v1/namespaces/{draft.namespace or 'default'}/pingsources/{name}",
    }
    overrides = fields_of(fields_of(spec.get("ceOverrides"), "ceOverrides").get("extensions"), "")
    headers |= {f"Ce-{key.capitalize()}": text_of(overrides, key) for key in overrides}
    body, kind = text_of(spec, "data", ""), text_of(spec, "contentType", "application/json")
    if encoded := text_of(spec, "dataBase64", ""):
        body = _decoded(encoded)
    if body:
        headers["Content-Type"] = kind
    draft.note("Ce-Id and Ce-Time: no header differs from run to run; Idempotency-Key does")
    url = _sink(draft, spec, fields_of(manifest.get("status"), "status"))
    put_call(draft, HttpCall(url, headers=list(headers.items()), body=body))
    return draft


def _sink(draft: Draft, spec: Fields, status: Fields) -> str:
    sink = fields_of(spec.get("sink"), "spec.sink")
    for note in note_others("ref uri", sink):
        draft.note(f"sink.{note}")
    uri = text_of(sink, "uri", "")
    reference = fields_of(sink.get("ref"), "spec.sink.ref")
    if not reference:
        return uri or text_of(sink, "uri")
    if text_of(reference, "kind") == "Service" and reference.get("apiVersion") in _SERVICES:
        namespace = text_of(reference, "namespace", draft.namespace or "default")
        base = f"http://{text_of(reference, 'name')}.{namespace}.svc.cluster.local"
        return urljoin(base, uri) if uri else base
    resolved = text_of(status, "sinkUri", "")
    if not resolved:
        kind = shown(reference.get("kind"))
        raise NotConvertible(f"spec.sink.ref: a {kind} has no URL; kubectl get -o yaml has sinkUri")
    return resolved


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise NotConvertible("spec.dataBase64: expected text in base64") from None
