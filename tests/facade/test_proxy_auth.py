"""Mode proxy: who a trusted proxy says that people are, and nobody else's word for it."""

import sys
from collections.abc import Iterator

import httpx
import pytest

from dev.control_plane import ControlPlane
from dev.ports import free_port
from dev.processes import Child
from dev.programs import Program
from tests.facade.cluster import RBAC, create
from tests.facade.objects import Objects
from tests.facade.test_console_form import filled
from tests.facade.test_console_login import CONSOLE, mark_in
from tests.support.login_proxy import ADDRESS
from tests.support.programs import run_facade, stopped_at_the_end
from tests.support.wait import eventually_sync

LIST = "/crontab/list_task"
URL = "http://127.0.0.1:1/x"
ALICE = {"X-Forwarded-User": "alice", "X-Forwarded-Groups": "shop-ops"}


@pytest.fixture(scope="module")
def behind(control_plane: ControlPlane) -> Iterator[Program]:
    """A facade that believes what comes from the proxy's address."""
    settings = {
        **CONSOLE,
        "CRONTASK_API_AUTH": "proxy",
        "CRONTASK_API_TRUSTED_PROXIES": f"{ADDRESS}/32",
        "CRONTASK_API_PROXY_LOGOUT_PATH": "/oauth2/sign_out",
    }
    with run_facade(control_plane, "default", settings=settings) as program:
        yield program


@pytest.fixture(scope="module")
def proxy(behind: Program, control_plane: ControlPlane) -> Iterator[Program]:
    """The proxy at which people log in, in front of it."""
    port = free_port()
    child = Child.start(
        "proxy",
        [sys.executable, "-m", "tests.support.login_proxy", str(port), behind.url],
        log=control_plane.folder / "login-proxy.log",
    )
    program = Program(child, f"http://127.0.0.1:{port}")
    with stopped_at_the_end(program):
        program.wait_until_ready("/oauth2/sign_out")
        yield program


@pytest.fixture
def team(kube: httpx.Client, namespace: str) -> str:
    """A namespace in which the group shop-ops may do everything with CronTasks."""
    metadata = {"metadata": {"name": "ops"}}
    rule = {"apiGroups": ["crontask.dev"], "resources": ["crontasks"], "verbs": ["*"]}
    create(kube, f"{RBAC}/{namespace}/roles", {**metadata, "rules": [rule]})
    group = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "shop-ops"}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "ops"}
    create(
        kube,
        f"{RBAC}/{namespace}/rolebindings",
        {**metadata, "roleRef": role, "subjects": [group]},
    )
    return namespace


def person(url: str, name: str = "", address: str = "127.0.0.1") -> httpx.Client:
    """Return a client at `address`, of somebody who is logged in if it has a `name`."""
    auth = httpx.BasicAuth(name.encode(), f"{name.replace('ö', 'o')}-secret") if name else None
    transport = httpx.HTTPTransport(local_address=address)
    return httpx.Client(base_url=url, auth=auth, timeout=30, transport=transport)


def asked(client: httpx.Client, namespace: str, headers: object = ()) -> httpx.Response:
    """Return the answer to a list of the tasks of `namespace`."""
    given = headers.items() if isinstance(headers, dict) else headers
    sent = [("X-CronTask-Namespace", namespace), *given]  # type: ignore[misc]
    return client.post(LIST, json={}, headers=sent)


def test_who_logs_in_at_the_proxy_may_do_what_their_groups_may(
    proxy: Program, team: str, objects: Objects
) -> None:
    objects.create("a", taskName="A task")
    with person(proxy.url, "alice") as alice, person(proxy.url, "böb") as bob:
        assert "A task" in asked(alice, team).text
        answer = asked(bob, team)
        assert answer.status_code == 403
        assert "böb may not list" in answer.json()["msg"]
        # What they say of themselves is not passed on.
        assert asked(bob, team, ALICE).status_code == 403
    with person(proxy.url) as nobody:
        assert asked(nobody, team, ALICE).status_code == 401


def test_the_clusters_own_names_are_refused(proxy: Program, team: str) -> None:
    with person(proxy.url, "mallory") as mallory:
        answer = asked(mallory, team)
        assert answer.status_code == 403
        assert '"system:masters" is a name of the cluster\'s own' in answer.json()["msg"]
        assert mallory.get("/console/").status_code == 403


@pytest.mark.parametrize(
    "more",
    [{}, {"X-Forwarded-For": ADDRESS}, {"Forwarded": f"for={ADDRESS}"}, {"X-Real-IP": ADDRESS}],
)
def test_nobody_else_is_believed(behind: Program, team: str, more: dict[str, str]) -> None:
    with person(behind.url) as stranger:
        answer = asked(stranger, team, {**ALICE, **more})
        assert answer.status_code == 401
        assert "by way of the proxy" in answer.json()["msg"]
        page = stranger.get("/console/", headers={**ALICE, **more})
        assert page.status_code == 401
        assert "by way of the proxy" in page.text


def test_the_connection_counts_and_not_whom_the_proxy_speaks_for(
    behind: Program, team: str
) -> None:
    with person(behind.url, address=ADDRESS) as trusted:
        for forwarded in ("203.0.113.7", "127.0.0.1", ""):
            headers = {**ALICE, **({"X-Forwarded-For": forwarded} if forwarded else {})}
            assert asked(trusted, team, headers).status_code == 200


def test_a_header_that_came_twice_is_nobodys(behind: Program, team: str) -> None:
    with person(behind.url, address=ADDRESS) as trusted:
        for name in ALICE:
            answer = asked(trusted, team, [*ALICE.items(), (name.lower(), "root")])
            assert answer.status_code == 401
            assert f"{name}: expected one header of this name" in answer.json()["msg"]


def test_at_the_console_the_person_is_who_the_proxy_says(
    proxy: Program, behind: Program, team: str, objects: Objects
) -> None:
    with person(proxy.url, "alice") as alice, person(proxy.url, "böb") as bob:
        page = alice.get(f"/console/new?namespace={team}")
        assert page.status_code == 200
        assert 'class="user" title="alice"' in page.text
        data = filled(page.text, taskName="By proxy", schedule="@daily", callback__http__url=URL)
        assert alice.post("/console/new", data=data).status_code == 303
        (name,) = objects.names()
        log = behind.child.log.read_text()
        assert [
            line
            for line in log.splitlines()
            if "changed by the console" in line and "user=alice" in line and name in line
        ]
        # To others it is not there.
        assert bob.get(f"/console/tasks/{team}/{name}").status_code == 404
        assert "By proxy" not in bob.get("/console/tasks").text
        eventually_sync(lambda: "By proxy" in alice.get("/console/tasks").text)
        # There is no token to ask for, and who logs out does so at the proxy.
        assert alice.get("/console/login").headers["Location"] == "/console/"
        out = alice.post("/console/logout", data={"mark": mark_in(page.text)})
        assert out.headers["Location"] == "/oauth2/sign_out"


def test_the_api_is_tried_as_the_person(proxy: Program, team: str, objects: Objects) -> None:
    objects.create("a", taskName="A task")
    address = "/console/api/crontab-list_task"
    for name, said in (("alice", "A task"), ("böb", "may not list")):
        with person(proxy.url, name) as somebody:
            mark = mark_in(somebody.get(address).text)
            data = {"mark": mark, "body": "{}", "header.X-CronTask-Namespace": team}
            assert said in somebody.post(address, data=data).text
