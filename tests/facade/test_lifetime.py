"""One facade from before the API server is there to its own end."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from dev.ports import free_port
from dev.programs import Program, start_facade
from tests.facade.client import Facade, connect, item
from tests.facade.interposer import Fault, Interposer
from tests.support.wait import eventually_sync

IMPATIENT = {
    "CRONTASK_API_ALLOWED_NAMESPACES": "*",
    "CRONTASK_API_KUBERNETES_TIMEOUT_SECONDS": "0.5",
    "CRONTASK_API_REQUEST_TIMEOUT_SECONDS": "1.5",
}


def test_from_before_the_api_server_is_there_to_the_end(
    kube: httpx.Client, tmp_path: Path, namespace: str
) -> None:
    port = free_port()
    with Interposer(kube, port) as interposer:
        kubeconfig = interposer.write_kubeconfig(tmp_path / "kubeconfig")
    program = start_facade(kubeconfig, log=tmp_path / "log", settings=IMPATIENT)
    try:
        program.wait_until_ready("/healthz")
        with Facade(program.url, namespace) as facade:
            assert facade.http.get("/readyz").status_code == 503
            for endpoint in ("add_task", "update_task", "query_task_status", "run_again_task"):
                answer = facade.post(endpoint, {"task_list": [item()]})
                assert answer["state"] == -1
                assert "cannot be reached" in answer["msg"]
                assert answer["data"]["task_result"][0]["code"] == -1

            with Interposer(kube, port) as interposer:
                assert facade.http.get("/readyz").status_code == 200
                facade.add_one()
                _end_with_a_request_in_progress(program, facade, interposer)
    finally:
        program.child.stop()


def _end_with_a_request_in_progress(
    program: Program, facade: Facade, interposer: Interposer
) -> None:
    reached, go = threading.Event(), threading.Event()

    def hold() -> None:
        reached.set()
        go.wait(10)

    with ThreadPoolExecutor(2) as threads:
        interposer.expect(Fault("POST", before=hold))
        answer = threads.submit(facade.add, item(name="the last"))
        assert reached.wait(10)
        end = threads.submit(program.child.stop)
        eventually_sync(lambda: _refuses_connections(program.url))
        go.set()

        assert answer.result()[0]["err"] == ""
        end.result()
    assert program.child.poll() == 0


def _refuses_connections(url: str) -> bool:
    try:
        connect(url).close()
    except ConnectionRefusedError:
        return True
    return False
