"""The OpenAPI document. Made from the same models that requests are checked with."""

from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from crontask_api.reference.endpoints import ENDPOINTS, Endpoint
from crontask_api.routes.scope import IDEMPOTENCY_KEY, MAX_KEY_LENGTH
from crontask_api.schemas.responses import Nothing
from crontask_api.settings import AuthMode, Settings
from crontask_api.web.access import REQUEST_ID
from crontask_api.web.namespaces import HEADER
from crontask_kube.names import NAMESPACE_PATTERN

Json = dict[str, Any]

DESCRIPTION: Final = """\
Scheduled HTTP and gRPC callbacks, kept as CronTask resources in Kubernetes.

Every answer is `{state, msg, data}`. `state` is 0 when the request was read, 1 when it cannot \
be used, and -1 when nothing of it could be done because of the cluster; `msg` says why, or warns. \
只有state为0的情况下才判断data的每一项: single items that failed say so in `err` and `code`. \
The HTTP status is 200 for all of these. Requests that do not reach an endpoint get the envelope \
too, with the HTTP status {statuses}.

Requests are JSON, whatever their content type. Fields that are not known are ignored with a \
warning in `msg`; null means "not given". A batch has up to {most} items, which are answered in \
their order."""

INTERFACE_VERSION: Final = "1.0"
"""Grows with the interface, not with the program."""

BEARER: Final = "bearer"
_REF: Final = "#/components/schemas/{model}"

REFUSALS: Final = {
    400: "What came is no HTTP/1.1.",
    401: "The client has not proved who it is.",
    403: "The client may not do this, or the namespace, Host or Origin is not served.",
    404: "There is no such path.",
    405: "The path does not take this method.",
    408: "The head or the body did not arrive in time.",
    413: "The body is too large.",
    429: "The client has its share of requests in progress; wait for their answers.",
    431: "The head is too large.",
    500: "A fault of the service itself; its log tells more.",
    503: "Too much to do at the same time; try again.",
}
"""What is answered instead of an endpoint, by HTTP status."""

_OF_PATHS: Final = frozenset({404, 405})
"""Those that no endpoint of this document answers to its method."""


def openapi(settings: Settings) -> Json:
    """Return the document of a facade with these `settings`."""
    secured = settings.auth is not AuthMode.NONE
    document: Json = {
        "openapi": "3.1.0",
        "info": {
            "title": "CronTask",
            "version": INTERFACE_VERSION,
            "description": _description(settings),
        },
        "tags": [
            {"name": "documented", "description": "The endpoints of the original service."},
            {"name": "extensions", "description": "Endpoints beyond them, in the same form."},
            {"name": "operations", "description": "For what runs and watches the service."},
        ],
        "paths": {
            **{f"/crontab/{each.name}": {"post": _operation(each)} for each in ENDPOINTS},
            **_operations(),
        },
        "components": {"schemas": _schemas()},
    }
    if secured:
        document["components"]["securitySchemes"] = {BEARER: {"type": "http", "scheme": "bearer"}}
        for each in ENDPOINTS:
            document["paths"][f"/crontab/{each.name}"]["post"]["security"] = [{BEARER: []}]
    return document


def _description(settings: Settings) -> str:
    *first, last = map(str, REFUSALS)
    statuses = f"{', '.join(first)} or {last}"
    return DESCRIPTION.replace("{most}", str(settings.max_batch)).replace("{statuses}", statuses)


def _schemas() -> Json:
    models: list[type[BaseModel]] = [Nothing]
    for each in ENDPOINTS:
        models += [each.request, each.data]
    _, schemas = models_json_schema(
        [(model, "validation") for model in dict.fromkeys(models)], ref_template=_REF
    )
    found: Json = schemas["$defs"]
    return {name: found[name] for name in sorted(found)}


def _operation(endpoint: Endpoint) -> Json:
    answer = {"state": 0, "msg": "", "data": endpoint.answer}
    return {
        "operationId": endpoint.name,
        "tags": ["documented" if endpoint.is_documented else "extensions"],
        "summary": endpoint.summary,
        "description": endpoint.description,
        "parameters": _parameters(endpoint),
        "requestBody": {
            "required": endpoint.body_required,
            "content": {
                "application/json": {
                    "schema": _reference(endpoint.request),
                    "example": endpoint.example,
                }
            },
        },
        "responses": {
            "200": {
                "description": "Read; the envelope says what came of it.",
                "headers": _ID_HEADER,
                "content": {
                    "application/json": {"schema": _envelope(endpoint.data), "example": answer}
                },
            },
            **{
                str(status): {
                    "description": words,
                    "headers": _ID_HEADER,
                    "content": {"application/json": {"schema": _envelope(Nothing)}},
                }
                for status, words in REFUSALS.items()
                if status not in _OF_PATHS
            },
        },
    }


_ID_HEADER: Final = {
    REQUEST_ID: {
        "description": "Id of the request in the log; the client's own if it sent one.",
        "schema": {"type": "string"},
    }
}


def _parameters(endpoint: Endpoint) -> list[Json]:
    parameters = [
        _header(
            HEADER,
            "Namespace of the tasks, where the settings allow another than the default.",
            {"type": "string", "pattern": NAMESPACE_PATTERN},
        )
    ]
    if endpoint.takes_key:
        parameters.append(
            _header(
                IDEMPOTENCY_KEY,
                "A request that is sent again with the same key and items answers as it did.",
                {"type": "string", "minLength": 1, "maxLength": MAX_KEY_LENGTH},
            )
        )
    return parameters


def _header(name: str, description: str, schema: Json) -> Json:
    return {"name": name, "in": "header", "description": description, "schema": schema}


def _reference(model: type[BaseModel]) -> Json:
    return {"$ref": _REF.format(model=model.__name__)}


def _envelope(data: type[BaseModel]) -> Json:
    choices = [_reference(data)] if data is Nothing else [_reference(data), _reference(Nothing)]
    return {
        "type": "object",
        "required": ["state", "msg", "data"],
        "additionalProperties": False,
        "properties": {
            "state": {
                "enum": [0, 1, -1],
                "description": "0 read, 1 the request cannot be used, -1 system error. 返回码",
            },
            "msg": {"type": "string", "description": "Error or warning; else empty. 错误信息"},
            "data": {"anyOf": choices},
        },
    }


def _operations() -> Json:
    def get(summary: str, *statuses: str) -> Json:
        answers = {
            status: {
                "description": "Yes." if status == "200" else "No; msg says why.",
                "content": {"application/json": {"schema": _envelope(Nothing)}},
            }
            for status in statuses
        }
        return {"get": {"tags": ["operations"], "summary": summary, "responses": answers}}

    text = {"description": "The text.", "content": {"text/plain": {"schema": {"type": "string"}}}}
    return {
        "/healthz": get("Whether the process answers", "200"),
        "/readyz": get("Whether the API server answers and knows CronTasks", "200", "503"),
        "/metrics": {
            "get": {
                "tags": ["operations"],
                "summary": "Metrics for Prometheus",
                "responses": {"200": text},
            }
        },
    }
