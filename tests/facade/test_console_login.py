"""The console's door: who is let in, what a form must bring, and what no page ever leaves out."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from dev.control_plane import ControlPlane
from dev.processes import ChildFailedError
from dev.programs import Program
from dev.rights import release_name
from tests.facade.client import plain_client
from tests.support.programs import run_facade
from tests.support.wait import eventually_sync

KEY = "k" * 40
TOKEN = "ops-secret"  # noqa: S105 - made up
CONSOLE = {"CRONTASK_API_CONSOLE": "true", "CRONTASK_API_ALLOWED_NAMESPACES": "*"}


def _settings(folder: Path, **more: str) -> dict[str, str]:
    tokens, key = folder / "tokens", folder / "key"
    if not tokens.exists():
        tokens.write_text("ops:ops-secret\nshop:shop-secret\n")
    key.write_text(KEY)
    return {
        **CONSOLE,
        "CRONTASK_API_AUTH": "token",
        "CRONTASK_API_TOKENS_PATH": str(tokens),
        "CRONTASK_API_CONSOLE_KEY_PATH": str(key),
        **more,
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the tokens and the key are."""
    return tmp_path_factory.mktemp("console")


@pytest.fixture(scope="module")
def door(control_plane: ControlPlane, folder: Path) -> Iterator[Program]:
    """A facade with the console that takes tokens."""
    with run_facade(control_plane, "default", settings=_settings(folder)) as program:
        yield program


@pytest.fixture
def visitor(door: Program) -> Iterator[httpx.Client]:
    """A browser without scripts."""
    with plain_client(door.url) as client:
        yield client


def mark_in(page: str) -> str:
    """Return what a form of the page shows that it came from here."""
    (mark, *_) = re.findall(r'name="mark" value="(\w+)"', page)
    return str(mark)


def log_in(client: httpx.Client, token: str = TOKEN, **more: str) -> httpx.Response:
    """Return the answer to a login with `token`."""
    mark = mark_in(client.get("/console/login").text)
    return client.post("/console/login", data={"mark": mark, "token": token, **more})


def test_a_stranger_is_led_to_the_login_and_back(visitor: httpx.Client) -> None:
    answer = visitor.get("/console/tasks?text=a")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/console/login?back=%2Fconsole%2Ftasks%3Ftext%3Da"

    answer = log_in(visitor, back="/console/tasks?text=a")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console/tasks?text=a")
    assert visitor.get("/console/tasks?text=a").status_code == 200


@pytest.mark.parametrize(
    "back",
    ["https://evil.example/console/", "//evil.example/x", "/crontab/x", "javascript:x"],
)
def test_a_login_leads_nowhere_else(visitor: httpx.Client, back: str) -> None:
    where = log_in(visitor, back=back).headers["Location"]
    assert where in ("/console/", "/console")


@pytest.mark.parametrize("token", ["", "no-such-token", "ops-secret x", "t" * 9000])
def test_a_wrong_token_is_refused_and_not_repeated(visitor: httpx.Client, token: str) -> None:
    answer = log_in(visitor, token)
    assert answer.status_code in (401, 422)
    assert token == "" or token not in answer.text
    assert visitor.get("/console/").status_code == 303


def test_a_session_holds_over_a_restart_and_on_another_replica(
    control_plane: ControlPlane, folder: Path, visitor: httpx.Client
) -> None:
    log_in(visitor)
    with (
        run_facade(control_plane, "default", settings=_settings(folder)) as other,
        plain_client(other.url, cookies=visitor.cookies) as there,
    ):
        page = there.get("/console/tasks")
        assert page.status_code == 200
        # Its forms count there as well.
        mark = mark_in(visitor.get("/console/tasks").text)
        data = {"mark": mark, "theme": "dark"}
        assert there.post("/console/preferences", data=data).status_code == 303


def test_a_token_that_is_revoked_ends_its_sessions(folder: Path, visitor: httpx.Client) -> None:
    log_in(visitor, "shop-secret")
    assert visitor.get("/console/").status_code == 200
    (folder / "tokens").write_text("ops:ops-secret\n")
    eventually_sync(lambda: visitor.get("/console/").status_code == 303)
    assert "ended=1" in visitor.get("/console/").headers["Location"]


def test_who_logs_out_is_out(visitor: httpx.Client) -> None:
    log_in(visitor)
    visitor.post("/console/logout", data={"mark": mark_in(visitor.get("/console/").text)})
    assert visitor.get("/console/").status_code == 303


def test_who_logs_out_everywhere_is_out_on_every_replica_and_after_a_restart(
    control_plane: ControlPlane, kube: httpx.Client, folder: Path
) -> None:
    name = f"{release_name('default')}-everywhere-facade-logouts"
    place = "/api/v1/namespaces/default/configmaps"
    kube.post(place, json={"metadata": {"name": name}}).raise_for_status()
    settings = _settings(folder, CRONTASK_API_CONSOLE_LOGOUTS=f"default/{name}")
    (folder / "tokens").write_text("ops:ops-secret\nshop:shop-secret\n")
    with run_facade(control_plane, "default", settings=settings) as one:
        with (
            run_facade(control_plane, "default", settings=settings) as two,
            _browser(one) as here,
            _browser(two) as there,
            _browser(two) as others,
        ):
            for client, token in ((here, TOKEN), (there, TOKEN), (others, "shop-secret")):
                log_in(client, token)
                assert client.get("/console/").status_code == 200
            before = here.cookies["crontask_console"]
            mark = mark_in(here.get("/console/").text)
            assert here.post("/console/logout/everywhere", data={"mark": mark}).status_code == 303
            # Whoever kept the cookie has nothing in it any more.
            with _browser(one, before) as kept:
                assert "ended=1" in kept.get("/console/").headers["Location"]
            eventually_sync(lambda: there.get("/console/").status_code == 303)
            assert others.get("/console/").status_code == 200
        with run_facade(control_plane, "default", settings=settings) as three:
            with _browser(three, before) as kept, _browser(three) as late:
                assert kept.get("/console/").status_code == 303
                assert log_in(late).status_code == 303
                assert late.get("/console/").status_code == 200
            assert "logged out everywhere" in one.child.log.read_text()
    written = kube.get(f"{place}/{name}").json()["data"]
    assert len(written) == 1
    assert "ops" not in str(written)
    kube.delete(f"{place}/{name}")


def _browser(program: Program, session: str = "") -> httpx.Client:
    cookies = httpx.Cookies({"crontask_console": session} if session else {})
    return plain_client(program.url, cookies=cookies)


def test_a_login_is_a_session_of_its_own(visitor: httpx.Client) -> None:
    before = mark_in(visitor.get("/console/login").text)
    log_in(visitor)
    answer = visitor.post("/console/preferences", data={"mark": before, "theme": "dark"})
    assert answer.status_code == 403


@pytest.mark.parametrize("mark", [None, "", "0" * 64, "ü"])
def test_a_form_from_elsewhere_does_nothing(visitor: httpx.Client, mark: str | None) -> None:
    log_in(visitor)
    data = {"action": "delete", "task": "default/x", **({} if mark is None else {"mark": mark})}
    answer = visitor.post("/console/tasks/do", data=data)
    assert answer.status_code == 403
    assert "This form is too old" in answer.text


def test_a_page_of_another_origin_is_refused(visitor: httpx.Client) -> None:
    log_in(visitor)
    data = {"mark": mark_in(visitor.get("/console/").text)}
    for origin in ("https://evil.example", "null"):
        answer = visitor.post("/console/logout", data=data, headers={"Origin": origin})
        assert answer.status_code == 403


def test_another_site_cannot_take_a_session_away(visitor: httpx.Client) -> None:
    visitor.cookies.clear()
    for path in ("/console/", "/console/login", "/console/nothing"):
        answer = visitor.get(path, headers={"Sec-Fetch-Site": "cross-site"})
        assert "Set-Cookie" not in answer.headers


def test_what_every_answer_says(visitor: httpx.Client) -> None:
    log_in(visitor)
    for path in ("/console/", "/console/tasks", "/console/tasks/default/x", "/console/login"):
        headers = visitor.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        for part in (
            "default-src 'none'",
            "style-src 'self';",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "require-trusted-types-for 'script'",
        ):
            assert part in policy
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        cookies = headers.get_list("Set-Cookie")
        assert all("HttpOnly" in each and "SameSite=strict" in each for each in cookies)
    first, second = (
        re.findall(r"'nonce-(.+?)'", visitor.get("/console/").headers["Content-Security-Policy"])
        for _ in range(2)
    )
    assert first != second


def test_files_are_kept_for_ever_and_compressed(visitor: httpx.Client) -> None:
    page = visitor.get("/console/login")
    assert page.headers["Content-Encoding"] == "gzip"
    paths = set(re.findall(r'(?:href|src)="(/console/assets/[^"]+)"', page.text))
    assert len(paths) > 10
    for path in paths:
        answer = visitor.get(path)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Encoding"] == "gzip"
        plain = visitor.get(path, headers={"Accept-Encoding": "identity"})
        assert plain.content == answer.content
        assert "Content-Encoding" not in plain.headers
    assert visitor.get("/console/assets/htmx.min.js").status_code == 404


def test_whoever_guesses_has_to_wait(control_plane: ControlPlane, folder: Path) -> None:
    with (
        run_facade(control_plane, "default", settings=_settings(folder)) as program,
        plain_client(program.url) as client,
    ):
        statuses = [log_in(client, f"guess-{number}").status_code for number in range(11)]
        assert statuses == [401] * 10 + [429]
        # The right one as well: else it would be told apart.
        answer = log_in(client)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 30
        log = program.child.log.read_text()
        assert "guess-1" not in log
        assert "login refused" in log


def test_a_wrong_key_is_told_at_the_start(control_plane: ControlPlane, folder: Path) -> None:
    settings = _settings(folder)
    (folder / "short").write_text("short")
    settings["CRONTASK_API_CONSOLE_KEY_PATH"] = str(folder / "short")
    with (
        pytest.raises(ChildFailedError, match="short: expected keys of at least 32 characters"),
        run_facade(control_plane, "default", settings=settings),
    ):
        pass
