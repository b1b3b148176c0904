"""namespaces says which namespace a request is about, for the routes."""

import re
from typing import Final

from crontask_api.errors import RequestError
from crontask_api.settings import Settings
from crontask_api.shown import shown
from crontask_kube.names import NAMESPACE_PATTERN

HEADER: Final = "X-CronTask-Namespace"
ANY: Final = "*"


def choose_namespace(settings: Settings, *, header: str | None, field: str | None) -> str:
    """Return the namespace that the request asks for, or the default.

    Raises
    ------
    RequestError
        If header and field differ, or if the name cannot be one; with HTTP status 403
        if the settings do not allow it.
    """
    if header and field and header != field:
        raise RequestError(
            f"namespace: the header {HEADER} says {shown(header)}, the field {shown(field)}"
        )
    asked = field or settings.namespace if header is None else header
    if not re.fullmatch(NAMESPACE_PATTERN, asked):
        raise RequestError(f"namespace: expected a namespace's name, found {shown(asked)}")
    allowed = {settings.namespace, *settings.allowed_namespaces}
    if asked not in allowed and ANY not in allowed:
        raise RequestError(f"namespace: {shown(asked)} is not served here", status=403)
    return asked
