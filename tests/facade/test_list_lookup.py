"""A large query reads pages of a list, and answers what single reads would."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crontask_api.kube.client import MOST_IN_PAGE
from crontask_api.service.list_lookup import FEWEST, MOST_READ_FOR_ONE
from dev.control_plane import ControlPlane
from tests.facade.client import Facade, Json, item
from tests.facade.interposer import Fault, Interposer
from tests.facade.objects import Objects
from tests.facade.test_query import FIRST
from tests.support.programs import run_facade

SINGLE = "/crontasks/"
"""In the path of what reads one task."""
LISTED = "limit="
MANY = 10_000

SETTINGS = {"CRONTASK_API_ALLOWED_NAMESPACES": "*"}
IMPATIENT = {
    **SETTINGS,
    "CRONTASK_API_KUBERNETES_TIMEOUT_SECONDS": "0.5",
    "CRONTASK_API_REQUEST_TIMEOUT_SECONDS": "5",
}
"""Of a facade for what hangs; adding many tasks may take longer on a busy machine."""


@pytest.fixture(scope="module")
def url(
    control_plane: ControlPlane, between: Interposer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A facade behind the interposer."""
    kubeconfig = between.write_kubeconfig(tmp_path_factory.mktemp("ahead") / "kubeconfig")
    with run_facade(control_plane, "default", kubeconfig=kubeconfig, settings=SETTINGS) as program:
        yield program.url


@pytest.fixture
def facade(url: str, between: Interposer, namespace: str) -> Iterator[Facade]:
    """A client of that facade."""
    between.clear()
    with Facade(url, namespace) as client:
        yield client


def add(facade: Facade, count: int) -> list[Json]:
    """Add tasks; return references to them by turns by id and by name."""
    results = facade.add(*(item(name=f"report {number}") for number in range(count)))
    return [
        {"task_id": result["task_id"]} if number % 2 else {"name": result["name"]}
        for number, result in enumerate(results)
    ]


def test_a_large_query_reads_no_task_by_itself(
    facade: Facade, objects: Objects, between: Interposer
) -> None:
    references = add(facade, 2 * MOST_IN_PAGE)
    last = objects.names()[-1]
    objects.set_status(last, runs=[FIRST])
    single = between.expect(Fault("GET", SINGLE, times=MANY))

    data = facade.data("query_task_status", *references)

    assert single.seen == 0
    assert [entry["task_id"] for entry in data["log_list"]] == [last]
    assert [result["name"] for result in data["task_result"]] == [
        f"report {number}" for number in range(2 * MOST_IN_PAGE)
    ]


def test_it_answers_what_single_queries_do(facade: Facade, objects: Objects) -> None:
    objects.create("kubectls", taskName="of kubectl")
    objects.create("bare")
    objects.create("twin-a", taskName="twins")
    objects.create("twin-b", taskName="twins")
    references = [
        *add(facade, FEWEST),
        {"name": "of kubectl"},
        {"name": "bare"},
        {"task_id": "bare"},
        {"name": "twins"},
        {"name": "nobody"},
        {"task_id": "0", "name": "report 1"},
        {"task_id": 12345, "name": "report 1"},
        {},
        "no object",
        {"name": 7},
    ]

    together = facade.results("query_task_status", *references)

    assert together == [
        result
        for reference in references
        for result in facade.results("query_task_status", reference)
    ]
    assert {result["code"] for result in together} > {0}, "some of them are errors"


def test_whoever_may_not_list_reads_one_by_one(facade: Facade, between: Interposer) -> None:
    references = add(facade, FEWEST)
    refused = between.expect(Fault("GET", LISTED, times=MANY, answer=(403, b"{}")))

    results = facade.results("query_task_status", *references)

    assert refused.seen == 1
    assert {result["err"] for result in results} == {""}


def test_few_of_many_are_not_looked_for_among_all(facade: Facade, between: Interposer) -> None:
    references = add(facade, FEWEST * MOST_READ_FOR_ONE + MOST_IN_PAGE + 1)
    lists = between.expect(Fault("GET", LISTED, times=MANY))

    results = facade.results("query_task_status", *references[:FEWEST])

    assert lists.seen == 1
    assert {result["err"] for result in results} == {""}


def test_a_small_query_lists_nothing(facade: Facade, between: Interposer) -> None:
    references = add(facade, FEWEST - 1)
    lists = between.expect(Fault("GET", LISTED, times=MANY))

    results = facade.results("query_task_status", *references)

    assert lists.seen == 0
    assert {result["err"] for result in results} == {""}


def test_when_nothing_answers_every_item_says_so(
    control_plane: ControlPlane, facade: Facade, between: Interposer, namespace: str, tmp_path: Path
) -> None:
    references = add(facade, FEWEST)
    kubeconfig = between.write_kubeconfig(tmp_path / "kubeconfig")
    with (
        run_facade(control_plane, "default", kubeconfig=kubeconfig, settings=IMPATIENT) as program,
        Facade(program.url, namespace) as impatient,
    ):
        between.expect(Fault("GET", times=MANY, hang=True))
        answer = impatient.post("query_task_status", {"task_list": references})
        between.clear()

    assert answer["state"] == -1
    told = [result["err"] for result in answer["data"]["task_result"]]
    assert len(told) == FEWEST
    assert all(err.startswith("the API server gave no answer in time") for err in told)
