"""No way of logging an error tells a secret that the error or its variables hold."""

import asyncio
import gc
import json
import logging
import sys
import threading
import traceback
from datetime import datetime

import pytest
import structlog
from pydantic import BaseModel, ValidationError

from crontask_logs import configure_logs
from crontask_logs.exceptions import describe
from crontask_logs.line_writer import LINES
from crontask_logs.processors import SafeHandler
from tests.unit.logs.conftest import Logged
from tests.unit.logs.planted import ALL, SECRET

each_planted = pytest.mark.parametrize("planted", ALL.values(), ids=ALL)


def fail(planted: str) -> None:
    """Raise an error with `planted` in its message, its cause and a local variable."""
    authorization = planted
    try:
        raise ValueError(authorization)
    except ValueError as error:
        raise RuntimeError(f"while sending {authorization!r}") from error


def check(logged: Logged, *words: str) -> None:
    """Fail unless all of `words` were logged, and nothing planted."""
    text = logged()
    assert SECRET not in text
    for word in words:
        assert word in text


@each_planted
def test_a_traceback_has_no_variables_and_no_foreign_messages(logged: Logged, planted: str) -> None:
    try:
        fail(planted)
    except RuntimeError as error:
        logging.getLogger("kopf").exception(f"Throttling, due to {error!r}; {error}")  # noqa: G004 - as kopf
        structlog.get_logger("facade").error("fault", exc_info=error, text=str(error))
        structlog.get_logger("facade").exception("fault")

    check(logged, "Throttling", "fault", "RuntimeError", "ValueError", "in fail", "test_errors.py")


@each_planted
def test_an_error_as_an_argument_shows_its_type(logged: Logged, planted: str) -> None:
    try:
        fail(planted)
    except RuntimeError as error:
        logging.getLogger("urllib3").warning("retrying after %r", error)
        logging.getLogger("urllib3").warning("retrying after %(why)s", {"why": error})
        structlog.get_logger("facade").warning("retrying", why=error, more=[{"why": error}])

    check(logged, "retrying after", "RuntimeError")


@each_planted
def test_a_traceback_that_is_text_already_keeps_its_frames_alone(
    logged: Logged, planted: str
) -> None:
    # As starlette hands an error of the start to uvicorn.
    try:
        fail(planted)
    except RuntimeError:
        logging.getLogger("uvicorn.error").error(traceback.format_exc())

    check(logged, "in fail", "RuntimeError")


@each_planted
async def test_what_asyncio_reports(logged: Logged, planted: str) -> None:
    def called_back(argument: str) -> None:
        fail(argument)

    task = asyncio.create_task(asyncio.to_thread(fail, planted))
    await asyncio.wait([task])
    del task
    gc.collect()
    loop = asyncio.get_running_loop()
    loop.call_soon(called_back, planted)
    await asyncio.sleep(0)

    check(logged, "never retrieved", "Exception in callback", "in fail")


@each_planted
def test_groups_and_notes(logged: Logged, planted: str) -> None:
    single = OSError(planted)
    single.add_note(planted)
    group = ExceptionGroup(planted, [single, KeyError(planted)])
    logging.getLogger("x").error("fault", exc_info=group)

    check(logged, "ExceptionGroup", "OSError", "KeyError")


@each_planted
def test_what_nobody_catches(logged: Logged, planted: str) -> None:
    thread = threading.Thread(target=fail, args=[planted])
    thread.start()
    thread.join()
    try:
        fail(planted)
    except RuntimeError as error:
        sys.excepthook(RuntimeError, error, error.__traceback__)

    class Unraisable:
        def __del__(self) -> None:
            fail(planted)

    Unraisable()
    gc.collect()

    check(logged, "A thread ended", "The process ends", "An error could not be raised")


@each_planted
def test_a_line_that_cannot_be_formatted_is_not_repeated(logged: Logged, planted: str) -> None:
    (handler,) = (each for each in logging.getLogger().handlers if isinstance(each, SafeHandler))
    # To the handler alone: that of pytest would have the test fail.
    handler.handle(logging.makeLogRecord({"name": "x", "msg": "%d", "args": (planted,)}))

    check(logged, "could not be written", "TypeError")


@each_planted
def test_pydantic_repeats_what_it_was_given(logged: Logged, planted: str) -> None:
    class Model(BaseModel):
        number: int

    with pytest.raises(ValidationError) as raised:
        Model.model_validate({"number": planted})
    assert planted[:10] in str(raised.value)
    logging.getLogger("x").error("fault: %s", raised.value, exc_info=raised.value)
    logging.getLogger("x").error(f"at {raised.value}", exc_info=raised.value)  # noqa: G004

    check(logged, "ValidationError")


def test_the_system_s_own_words_are_kept(logged: Logged) -> None:
    try:
        open("/none/such")  # noqa: PTH123, SIM115 - it fails
    except OSError as error:
        logging.getLogger("x").error("fault", exc_info=error)

    check(logged, "FileNotFoundError: [Errno 2] No such file or directory")
    assert describe(AttributeError("'X' object has no attribute 'y'")).endswith("attribute 'y'")


def test_one_record_is_one_line(logged: Logged) -> None:
    logging.getLogger("x").warning("first\nlevel=error forged\r")

    assert logged().count("\n") == 1


def test_endless_chains_and_deep_frames_are_bounded(logged: Logged) -> None:
    def recurse() -> None:
        recurse()

    with pytest.raises(RecursionError) as raised:
        recurse()
    deep = raised.value
    chained: Exception = deep
    for number in range(500):
        chained, cause = ValueError(number), chained
        chained.__cause__ = cause
    first = ValueError("first")
    first.__cause__ = ExceptionGroup("many", [first, *(KeyError(n) for n in range(500))])
    for error in (deep, chained, first):
        logging.getLogger("x").error("fault", exc_info=error)

    assert len(logged()) < 30_000


@pytest.mark.parametrize("text", ["19", "1", "T", "2026", "error", "facade"])
def test_a_short_message_mutilates_no_line(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("json", "debug", fields=("task",))
    try:
        raise KeyError(text)
    except KeyError:
        structlog.get_logger("facade").exception("Task 19 failed.")

    LINES.flush()
    line = json.loads(capsys.readouterr().err)
    assert line["event"] == "Task 19 failed."
    assert (line["level"], line["logger"]) == ("error", "facade")
    datetime.fromisoformat(line["timestamp"])
    assert "KeyError: [withheld]" in line["exception"]


def test_a_message_of_four_characters_is_withheld(logged: Logged) -> None:
    try:
        raise ValueError("pa55")
    except ValueError as error:
        logging.getLogger("kopf").exception(f"due to {error}", extra={"task": f"a {error}"})  # noqa: G004 - as kopf
        structlog.get_logger("facade").error("fault", exc_info=error, level=str(error))

    assert "pa55" not in logged()
