"""What the OpenAPI document says of every endpoint, for the routes that say the rest."""

from typing import Annotated, Any, Final, Generic, TypeVar, cast

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, create_model

from crontask_api.codes import State
from crontask_api.schemas.fields import shown_as
from crontask_api.schemas.responses import Nothing
from crontask_api.web.access import REQUEST_ID

Json = dict[str, Any]
DataT = TypeVar("DataT")

PREFIX: Final = "/crontab"

DOCUMENTED: Final = "documented"
EXTENSIONS: Final = "extensions"
OPERATIONS: Final = "operations"
TAGS: Final = (
    {"name": DOCUMENTED, "description": "The endpoints of the original service."},
    {"name": EXTENSIONS, "description": "Endpoints beyond them, in the same form."},
    {"name": OPERATIONS, "description": "For what runs and watches the service."},
)

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
"""Those that no endpoint of the document answers to its method."""

_HEADERS: Final = {
    REQUEST_ID: {
        "description": "Id of the request in the log; the client's own if it sent one.",
        "schema": {"type": "string"},
    }
}


class Answer(BaseModel, Generic[DataT]):
    """The form of every answer."""

    model_config = ConfigDict(extra="forbid")

    state: Annotated[
        State,
        shown_as(
            {"type": "integer", "enum": [0, 1, -1]},
            "0 read, 1 the request cannot be used, -1 system error. 返回码",
        ),
    ]
    msg: Annotated[str, Field(description="Error or warning; else empty. 错误信息")]
    data: Annotated[
        DataT | Nothing, Field(description="What was asked for; empty if state is not 0.")
    ]


class Refusal(Answer[Nothing]):
    """An answer without data: a refusal, or that all is well."""


def answers(data: type, example: Json) -> dict[int | str, Json]:
    """Return the ``responses`` of a route that answers `data`, with its example."""
    whole = {"state": 0, "msg": "", "data": example}
    return {
        200: {
            "model": create_model(
                f"AnswerOf{data.__name__}",
                __base__=cast(type[BaseModel], Answer.__class_getitem__(data)),
            ),
            "description": "Read; the envelope says what came of it.",
            "headers": _HEADERS,
            "content": {"application/json": {"example": whole}},
        },
        **{
            status: {"model": Refusal, "description": words, "headers": _HEADERS}
            for status, words in REFUSALS.items()
            if status not in _OF_PATHS
        },
    }


def endpoint_router(tag: str) -> APIRouter:
    """Return what one endpoint is registered with; generated clients call it by its name."""
    return APIRouter(
        prefix=PREFIX, tags=[tag], generate_unique_id_function=lambda route: route.name
    )


def takes(model: type[BaseModel], example: Json, *, required: bool = True) -> Json:
    """Return the ``openapi_extra`` of a route whose body is a `model`.

    The body is read by `Reads`: FastAPI would refuse all for one wrong item, and bodies
    without a content type.
    """
    content = {"schema": {"$ref": REF.format(model=model.__name__)}, "example": example}
    return {"requestBody": {"required": required, "content": {"application/json": content}}}


REF: Final = "#/components/schemas/{model}"
