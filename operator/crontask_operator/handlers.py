"""handlers passes on to the engine, which decides, what kopf calls them for."""

import logging
from typing import Any

import kopf

from crontask_core.constants import GROUP, PLURAL, VERSION
from crontask_logs import describe_settings_error
from crontask_operator.application import Application
from crontask_operator.kube.kopf_login import AGAIN_SECONDS
from crontask_operator.process.kopf_settings import configure
from crontask_operator.process.logs import configure_logging
from crontask_operator.process.settings import PREFIX, load_settings

logger = logging.getLogger(__name__)


@kopf.on.startup()
async def start(settings: kopf.OperatorSettings, memo: kopf.Memo, **_: Any) -> None:
    """Start the engine before the first event arrives."""
    # kopf's own log format shows messages of errors, and any of them may hold a secret.
    configure_logging("json", "INFO")
    try:
        ours = load_settings()
    except ValueError as error:
        why = describe_settings_error(error, PREFIX)
        # kopf would try again every minute, as if the settings could mend themselves.
        raise kopf.PermanentError(f"the settings cannot be used: {why}") from None
    configure_logging(ours.log_format, ours.log_level)
    configure(settings, drain_seconds=ours.drain_seconds)
    memo.application = Application(ours)
    try:
        await memo.application.start()
    except Exception as error:
        # A second start in the same process would find half of the first one's parts.
        logger.exception("The operator could not be started.")
        raise kopf.PermanentError("the operator could not be started") from error


@kopf.on.login(backoff=AGAIN_SECONDS)
async def log_in(memo: kopf.Memo, **_: Any) -> kopf.AiohttpSession:
    """Give kopf a session with the API server."""
    session: kopf.AiohttpSession = await memo.application.log_in()
    return session


@kopf.on.cleanup()
async def stop(memo: kopf.Memo, **_: Any) -> None:
    """Hand over to the next replica."""
    if "application" in memo:
        await memo.application.stop()


@kopf.on.event(GROUP, VERSION, PLURAL)
async def observe(event: kopf.RawEvent, memo: kopf.Memo, **_: Any) -> None:
    """Tell the engine what the object looks like now, or that it is gone."""
    if event["type"] == "DELETED":
        memo.application.engine.forget(event["object"]["metadata"]["uid"])
    else:
        memo.application.engine.observe(event["object"])


@kopf.on.probe(id="tasks")
async def tasks(memo: kopf.Memo, **_: Any) -> int:
    """Report how many tasks are known."""
    return len(memo.application.engine)


@kopf.on.probe(id="shards")
async def shards(memo: kopf.Memo, **_: Any) -> list[int]:
    """Report which shards this replica fires."""
    return sorted(memo.application.leases.held)
