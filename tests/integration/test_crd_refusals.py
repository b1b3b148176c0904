"""What the API server itself refuses, with the field at fault and a message for people.

Each object is right but for one mistake, and each refusal must name that mistake alone.
"""

from collections.abc import Iterator

import pytest

from dev.control_plane import ControlPlane
from tests.support.crontasks import CronTasks, causes
from tests.support.refusals import grpc, http, policies, references, when
from tests.support.refusals.refusal import Refusal

REFUSALS = {
    **when.REFUSALS,
    **http.REFUSALS,
    **grpc.REFUSALS,
    **policies.REFUSALS,
    **references.REFUSALS,
}


@pytest.fixture(scope="module")
def crontasks(control_plane: ControlPlane) -> Iterator[CronTasks]:
    with control_plane.client() as client:
        yield CronTasks(client)


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_one_mistake_is_refused_and_named(crontasks: CronTasks, refusal: Refusal) -> None:
    response = crontasks.create(refusal.spec, dry_run=True)

    assert response.status_code == 422, response.text
    ((field, message),) = causes(response)
    assert field == refusal.field
    assert refusal.message in message
