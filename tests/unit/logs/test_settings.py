"""A wrong setting is named at the start, without what it was set to."""

from collections.abc import Awaitable, Callable
from typing import cast

import kopf
import pytest

from crontask_api.__main__ import main
from crontask_api.settings import Settings as FacadeSettings
from crontask_logs.line_writer import LINES
from crontask_operator.handlers import start
from crontask_operator.process.settings import Settings as OperatorSettings
from tests.unit.logs.planted import DATABASE, SECRET

FACADE = [f"CRONTASK_API_{name.upper()}" for name in FacadeSettings.model_fields]
OPERATOR = [f"CRONTASK_{name.upper()}" for name in OperatorSettings.model_fields]


@pytest.fixture(autouse=True)
def _empty(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*FACADE, *OPERATOR):
        monkeypatch.delenv(name, raising=False)


def is_checked(name: str, facade: bool) -> bool:
    """Whether the setting called `name` cannot be any text."""
    model = FacadeSettings if facade else OperatorSettings
    field = model.model_fields[
        name.removeprefix("CRONTASK_API_" if facade else "CRONTASK_").lower()
    ]
    return field.annotation is not str or bool(field.metadata)


@pytest.mark.parametrize("name", [name for name in FACADE if is_checked(name, facade=True)])
def test_the_facade(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.setenv("CRONTASK_API_AUTH", "basic")
    monkeypatch.setenv(name, DATABASE)

    with pytest.raises(SystemExit):
        main([])

    LINES.flush()
    told = "".join(capsys.readouterr())
    assert "CRONTASK_API_AUTH" in told
    assert SECRET not in told


@pytest.mark.parametrize("name", [name for name in OPERATOR if is_checked(name, facade=False)])
async def test_the_operator(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("CRONTASK_SHARDS", "0")
    monkeypatch.setenv(name, DATABASE)

    # Of the arguments that kopf gives, these are used.
    operate = cast(Callable[..., Awaitable[None]], start)
    with pytest.raises(kopf.PermanentError) as raised:
        await operate(settings=kopf.OperatorSettings(), memo=kopf.Memo())

    assert "CRONTASK_SHARDS" in str(raised.value)
    assert SECRET not in str(raised.value)
    assert raised.value.__cause__ is None
