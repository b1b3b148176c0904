"""The OpenAPI document: FastAPI's own, with what it cannot know of bodies and settings."""

import json
import re
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from crontask_api.routes.described import REF, REFUSALS, TAGS
from crontask_api.schemas.requests import REQUESTS
from crontask_api.schemas.run_requests import RUN_REQUESTS
from crontask_api.settings import AuthMode, Settings

Json = dict[str, Any]

DESCRIPTION: Final = """\
Scheduled HTTP and gRPC callbacks, kept as CronTask resources in Kubernetes.

Every answer is `{state, msg, data}`. `state` is 0 when the request was read, 1 when it cannot \
be used, and -1 when nothing of it could be done because of the cluster; `msg` says why, or warns. \
只有state为0的情况下才判断data的每一项: single items that failed say so in `err` and `code`. \
The HTTP status is 200 for all of these. Requests that do not reach an endpoint get the envelope \
too, with the HTTP status {statuses}.

{auth}A page for people is at `/docs`, this document at `/openapi.json`.

Requests are JSON, whatever their content type. Fields that are not known are ignored with a \
warning in `msg`; null means "not given". A batch has up to {most} items, which are answered in \
their order."""

_ASKED: Final = "Each request has a token in the header `Authorization: Bearer TOKEN`"
_ALWAYS: Final = f"{_ASKED}. "
_UNLESS_NONE: Final = f"{_ASKED}, unless the service runs without authentication. "

INTERFACE_VERSION: Final = "1.0"
"""Grows with the interface, not with the program."""

BEARER: Final = "bearer"
_ABOUT: Final = frozenset({"description", "examples"})
_REFERENCE: Final = re.compile(f'"{REF}"'.replace("{model}", '([^"]+)'))


def describe(app: FastAPI, settings: Settings) -> None:
    """Let `app` describe itself, as it is with these `settings`."""

    def openapi() -> Json:
        if app.openapi_schema is None:
            document = get_openapi(
                title="CronTask",
                version=INTERFACE_VERSION,
                description=_description(settings),
                routes=app.routes,
                tags=list(TAGS),
                servers=[{"url": "/", "description": "This service."}],
                separate_input_output_schemas=False,
            )
            _complete(document, secured=settings.auth is not AuthMode.NONE)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _description(settings: Settings) -> str:
    *first, last = map(str, REFUSALS)
    statuses = f"{', '.join(first)} or {last}"
    auth = _ALWAYS if settings.auth is not AuthMode.NONE else _UNLESS_NONE
    return (
        DESCRIPTION.replace("{auth}", auth)
        .replace("{most}", str(settings.max_batch))
        .replace("{statuses}", statuses)
    )


def _complete(document: Json, *, secured: bool) -> None:
    components = document["components"]
    _, bodies = models_json_schema(
        [(model, "validation") for model in (*REQUESTS, *RUN_REQUESTS)], ref_template=REF
    )
    components["schemas"] |= bodies["$defs"]
    for model in components["schemas"].values():
        for field in model.get("properties", {}).values():
            _lift_description(field)
            _flatten(field)
    for path in document["paths"].values():
        for operation in path.values():
            # FastAPI checks nothing itself, so its own answer to what is wrong never comes.
            operation["responses"].pop("422", None)
            if secured and "requestBody" in operation:
                operation["security"] = [{BEARER: []}]
    document["security"] = []
    if secured:
        components["securitySchemes"] = {BEARER: {"type": "http", "scheme": "bearer"}}
    components["schemas"] = dict(sorted(_used(document).items()))


def _lift_description(field: Json) -> None:
    """Say of an optional `field` itself what pydantic says of its one alternative to null.

    Generators of clients look for it there.
    """
    choices = [each for each in field.get("anyOf", []) if each != {"type": "null"}]
    if len(choices) == 1:
        for name in _ABOUT & choices[0].keys():
            field.setdefault(name, choices[0].pop(name))


def _flatten(field: Json) -> None:
    """Make one list of the alternatives of `field` and of theirs, and tell how wide numbers are.

    Of a list within a list oapi-codegen makes a field that Go cannot set, and of a number
    without a format a float32, in which a timestamp is wrong by a minute.
    """
    if "anyOf" in field:
        choices = (each.get("anyOf", [each]) for each in field["anyOf"])
        field["anyOf"] = [choice for each in choices for choice in each]
    for schema in (field, *field.get("anyOf", [])):
        if schema.get("type") == "number":
            schema["format"] = "double"


def _used(document: Json) -> Json:
    """Return the models of `document` that it refers to, directly or by others."""
    schemas: Json = document["components"]["schemas"]
    names = _references(document["paths"])
    waiting = list(names)
    while waiting:
        found = _references(schemas[waiting.pop()]) - names
        names |= found
        waiting += found
    return {name: schemas[name] for name in names}


def _references(part: Json) -> set[str]:
    return set(_REFERENCE.findall(json.dumps(part)))
