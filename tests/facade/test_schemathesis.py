"""schemathesis tries the OpenAPI document out on the real facade, all its checks on."""

import re
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import ignored_auth, negative_data_rejection

from crontask_api.app import create_app
from crontask_api.metrics import Metrics
from crontask_api.settings import AuthMode, Settings
from crontask_api.web.namespaces import HEADER as NAMESPACE
from crontask_kube.names import NAMESPACE_PATTERN as NAMESPACE_PATTERN
from dev.programs import Program
from tests.facade.client import Json

OPEN = Settings()
GUARDED = Settings(auth=AuthMode.KUBERNETES)
"""Its document is that of every facade that asks for a token."""


def _api(facade_settings: Settings) -> schemathesis.BaseSchema:
    config = SchemathesisConfig.from_dict({"seed": 1})
    return schemathesis.openapi.from_dict(
        create_app(facade_settings, Metrics()).openapi(), config=config
    )


open_api, guarded_api = _api(OPEN), _api(GUARDED)
quick = settings(
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@open_api.parametrize()
@settings(quick, max_examples=8)
def test_the_facade_keeps_to_its_document(
    case: schemathesis.Case[Any], shared_facade: Program, namespace: str
) -> None:
    # A namespace that may exist is this test's own, so that requests get further.
    given = case.headers.get(NAMESPACE, "x")
    headers = {NAMESPACE: namespace} if re.fullmatch(NAMESPACE_PATTERN, given) else {}
    response = case.call(base_url=shared_facade.url, headers=headers)

    case.validate_response(response, excluded_checks=[negative_data_rejection])
    # The facade refuses within HTTP 200; the check knows a refusal by its status.
    case.validate_response(_spoken(response), checks=[negative_data_rejection])


@guarded_api.include(method="POST").parametrize()
@settings(quick, max_examples=1)
def test_no_endpoint_forgets_to_ask_for_the_token(
    case: schemathesis.Case[Any], guarded: Program
) -> None:
    response = case.call(base_url=guarded.url, headers={"Authorization": "Bearer ops-secret"})

    case.validate_response(response, checks=[ignored_auth])


def _spoken(response: Response) -> Response:
    """Return `response` with the HTTP status that says what its envelope says."""
    is_envelope = "application/json" in response.headers["content-type"]
    if response.status_code == 200 and is_envelope and _refuses(response.json()):
        response.status_code = 422
    return response


def _refuses(envelope: Json) -> bool:
    results = envelope["data"].get("task_result", [])
    return envelope["state"] != 0 or any(result["code"] for result in results)
