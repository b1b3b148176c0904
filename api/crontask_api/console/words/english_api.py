"""API holds what the pages of the HTTP API say in English; `chinese_api` has the same."""

from typing import Final

API: Final = {
    "nav.api": "API",
    "help.api": "API",
    "api.title": "HTTP API",
    "api.endpoints": "Endpoints",
    "api.overview": "What all have in common",
    "api.openapi": "For programs",
    "api.numbers.state": "state of an answer",
    "api.numbers.code": "code of an item",
    "api.refusals": "HTTP status instead of an answer",
    "api.try": "Try it",
    "api.try.rights": "The request is really carried out, with your rights and in your name.",
    "api.body": "Body",
    "api.send": "Send",
    "api.bytes": "{count} bytes",
    "api.cut": "Only the begin of the answer is shown.",
    "api.table.header": "Headers",
    "api.table.field": "Fields of the request",
    "api.table.answer": "Fields of data",
    "api.name": "Name",
    "api.kind": "Type",
    "api.meaning": "Meaning",
    "api.required": "Required.",
    "api.example": "An answer",
}
