"""What a route needs of the application and of the request it serves."""

import secrets
from dataclasses import dataclass

from fastapi import Request

from crontask_api.kube.client import CronTaskClient
from crontask_api.schemas.items import Item
from crontask_api.service.context import Context
from crontask_api.settings import Settings
from crontask_api.web.body import Batch, parse_batch, read_body


@dataclass(frozen=True, slots=True)
class Scope:
    """One request, with the settings and the client of the application."""

    request: Request
    settings: Settings
    client: CronTaskClient

    @classmethod
    def of(cls, request: Request) -> "Scope":
        """Return the scope of `request`."""
        state = request.app.state
        return cls(request, state.settings, state.client)

    async def read_batch(self, model: type[Item]) -> Batch:
        """Return the request's items.

        Raises
        ------
        RequestError
            If the body is too large or is no batch.
        """
        body = await read_body(self.request, self.settings.max_body_bytes)
        return parse_batch(body, model, most=self.settings.max_batch)

    def context(self) -> Context:
        """Return what the operations need."""
        return Context(
            client=self.client,
            namespace=self.settings.namespace,
            time_zone=self.settings.time_zone,
            request_id=secrets.token_hex(8),
            timeout_seconds=self.settings.request_timeout_seconds,
        )
