"""The command line on a real terminal, and in a pipe."""

import re
import signal
import subprocess
from socket import create_server

import pytest

from dev.control_plane import ControlPlane
from tests.support.cli import Crontask
from tests.support.crontasks import CronTasks, task
from tests.support.terminal import Terminal


def on_terminal(
    crontask: Crontask, *arguments: str, columns: int = 100, **environment: str
) -> Terminal:
    return Terminal(crontask.command(*arguments), crontask.variables(**environment), columns)


def test_colour_is_for_terminals_alone(person: Crontask, tasks: CronTasks) -> None:
    tasks.create(task(), "a").raise_for_status()
    tasks.merge_status({"phase": "Active"}, "a").raise_for_status()

    with on_terminal(person, "list") as terminal:
        assert terminal.end() == 0
    assert "\x1b[32mActive" in terminal.text
    for name, value in (("NO_COLOR", "1"), ("TERM", "dumb")):
        plain = person.variables(**{name: value})
        with Terminal(person.command("list"), plain) as terminal:
            assert terminal.end() == 0
        assert "Active" in terminal.text
        assert "\x1b" not in terminal.text
    assert "\x1b" not in person.ok("list")


def test_a_narrow_terminal_has_whole_lines(person: Crontask, tasks: CronTasks) -> None:
    tasks.create(task(taskName="每日报告" * 20), "a").raise_for_status()

    with on_terminal(person, "list", columns=90, NO_COLOR="1") as terminal:
        assert terminal.end() == 0
    lines = terminal.text.splitlines()
    assert len(lines) == 2
    assert "…" in lines[1]
    assert "每日报告" * 20 in person.ok("list")


@pytest.mark.parametrize("namespaces", [False, True])
def test_a_list_fits_a_terminal_of_80_columns(
    control_plane: ControlPlane, namespace: str, tasks: CronTasks, namespaces: bool
) -> None:
    tasks.create(task(schedule="30 9,12,15,18 * * MON-FRI"), "daily-report").raise_for_status()
    last = {"executionId": "e" * 32, "status": "Succeeded", "runType": "Scheduled"}
    last |= {"time": "2026-03-01T02:30:01Z"}
    status = {"phase": "Active", "nextRunTime": "2098-01-01T00:00:00Z", "lastRun": last}
    tasks.merge_status(status, "daily-report").raise_for_status()
    where = ("-A",) if namespaces else ("-n", namespace)
    person = Crontask(control_plane.kubeconfig, where)

    with on_terminal(person, "list", columns=80, NO_COLOR="1") as terminal:
        assert terminal.end() == 0
    lines = terminal.text.splitlines()
    assert max(map(len, lines)) <= 80
    assert any("daily-report" in line and "Succeeded" in line for line in lines)
    # In a pipe nothing is left out.
    in_a_pipe = person.ok("list").splitlines()
    assert in_a_pipe[0].endswith("AGE")
    assert any("30 9,12,15,18 * * MON-FRI" in line for line in in_a_pipe)


@pytest.mark.parametrize("piped", [False, True])
def test_moments_look_alike_in_all_commands(
    person: Crontask, tasks: CronTasks, piped: bool
) -> None:
    tasks.create(task(schedule="0 0 29 2 *", timeZone="Asia/Tokyo"), "a").raise_for_status()
    asked = ("0 0 29 2 *", "--tz", "Asia/Tokyo")
    nobody = Crontask()

    def printed(crontask: Crontask, *arguments: str) -> list[str]:
        if piped:
            return crontask.ok(*arguments).splitlines()
        with on_terminal(crontask, *arguments, NO_COLOR="1") as terminal:
            assert terminal.end() == 0
        return terminal.text.splitlines()

    (planned,) = printed(nobody, "next", *asked, "-n", "1")
    assert re.fullmatch(r"\d{4}-02-29T00:00:00\+09:00  [A-Z][a-z]{2}  in \d+[dhy]\w*", planned)
    assert f"Next: {planned}" in printed(nobody, "explain", *asked)
    moment, weekday, distance = planned.split("  ")
    shown = printed(person, "get", "a")
    (line,) = (each for each in shown if moment in each)
    # In the task's zone, in the viewer's, and how far it is.
    local = re.escape(f"{moment[:5]}02-28T15:00:00Z  ") + "[A-Z][a-z]{2}"
    assert re.fullmatch(rf" +{re.escape(moment)}  {weekday} +{local} +{distance}", line)


def test_an_old_locale_is_no_reason_to_fail(person: Crontask, tasks: CronTasks) -> None:
    tasks.create(task(taskName="每日报告"), "a").raise_for_status()

    assert "每日报告" in person.run("list", LANG="C", LC_ALL="C").stdout
    latin = person.run("list", PYTHONIOENCODING="latin-1")
    assert latin.status == 0
    assert r"\u6bcf\u65e5" in latin.stdout


@pytest.mark.parametrize("command", [("list",), ("pause", "a"), ("logs", "-f")])
def test_ctrl_c_ends_a_command_that_waits(command: tuple[str, ...]) -> None:
    with create_server(("127.0.0.1", 0)) as listener:
        # It takes connections, and never answers.
        nobody = Crontask(None, ("--server", f"http://127.0.0.1:{listener.getsockname()[1]}"))
        with on_terminal(nobody, *command) as terminal:
            connection, _ = listener.accept()
            with connection:
                terminal.press("\x03")
                assert terminal.end() == -signal.SIGINT
        assert "Traceback" not in terminal.text


def test_a_reader_that_has_enough(person: Crontask, tasks: CronTasks) -> None:
    for number in range(3):
        tasks.create(task(), f"a{number}").raise_for_status()
    with subprocess.Popen(
        person.command("list"),
        env=person.variables(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as listing:
        assert listing.stdout is not None
        assert listing.stderr is not None
        listing.stdout.close()
        assert listing.wait(60) in (0, -signal.SIGPIPE)
        assert listing.stderr.read() == ""


@pytest.mark.parametrize("keys", ["q", "\x03"])
def test_top_shows_what_is_and_leaves_a_clean_terminal(
    anybody: Crontask, tasks: CronTasks, keys: str
) -> None:
    tasks.create(task(taskName="[red]a\x9b2J"), "failing").raise_for_status()
    status = {"phase": "Active", "consecutiveFailures": 7}
    tasks.merge_status(status, "failing").raise_for_status()

    with on_terminal(anybody, "top") as terminal:
        terminal.wait_for("7 in a row")
        terminal.press(keys)
        status_code = terminal.end()
    assert status_code == (0 if keys == "q" else -signal.SIGINT)
    assert r"[red]a\x9b2J" in terminal.text
    assert "\x9b" not in terminal.text
    # The cursor is back, and the screen that was there before.
    assert terminal.text.rindex("\x1b[?25h") > terminal.text.rindex("\x1b[?25l")
    assert terminal.text.rindex("\x1b[?1049l") > terminal.text.rindex("\x1b[?1049h")


def test_a_bar_shows_much_work_on_a_terminal(person: Crontask, tasks: CronTasks) -> None:
    for number in range(20):
        tasks.create(task(), f"many-{number:02}").raise_for_status()

    with on_terminal(person, "pause", "--all") as terminal:
        assert terminal.end() == 0
    assert terminal.text.count(" paused") == 20
    assert "\x1b[?25l" in terminal.text
    assert terminal.text.rindex("\x1b[?25h") > terminal.text.rindex("\x1b[?25l")
    assert person.ok("resume", "--all").count(" resumed\n") == 20


def test_a_deletion_of_many_is_asked_about(person: Crontask, tasks: CronTasks) -> None:
    tasks.create(task(), "a").raise_for_status()
    tasks.create(task(), "b").raise_for_status()

    with on_terminal(person, "delete", "--all") as terminal:
        terminal.wait_for("Delete 2 tasks and their logs? [y/N]")
        terminal.press("n\n")
        assert terminal.end() == 1
    assert "nothing was deleted" in terminal.text
    assert len(tasks.all()) == 2
    with on_terminal(person, "delete", "--all") as terminal:
        terminal.wait_for("[y/N]")
        terminal.press("y\n")
        assert terminal.end() == 0
    assert tasks.all() == []
