"""The scripts for Argo CD, run as it runs them: as Lua 5.1 with the few libraries that it opens.

What a script may use is that of ``util/lua/lua.go`` in argoproj/argo-cd: the basic library,
``table``, ``require``, and of ``os`` the two functions that tell the time.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import yaml
from lupa import lua51

SCRIPTS: Final = Path(__file__).parents[2] / "integrations" / "argocd" / "crontask.dev" / "CronTask"

NOW: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
"""The time that a script is told."""

CLOSED: Final = ("string", "math", "io", "debug", "coroutine", "python")


def run_script(path: str, obj: Mapping[str, Any]) -> Any:
    """Return what the script at `path`, below `SCRIPTS`, answers for the object `obj`."""
    lua = lua51.LuaRuntime(unpack_returned_tuples=True)
    # What Lua holds has no types.
    scope: Any = lua.globals()
    loaded, date = scope.package.loaded, scope.os.date
    scope.os = loaded.os = lua.table(
        date=lambda form: date(form, NOW.timestamp()), time=lambda: NOW.timestamp()
    )
    for name in CLOSED:
        scope[name] = loaded[name] = None
    scope.obj = _to_lua(lua, obj)
    return _from_lua(lua.execute((SCRIPTS / path).read_text(encoding="utf-8")))


def load(path: str) -> Any:
    """Return what the YAML file at `path`, below `SCRIPTS`, holds."""
    return yaml.safe_load((SCRIPTS / path).read_text(encoding="utf-8"))


def _to_lua(lua: Any, value: Any) -> Any:
    if isinstance(value, Mapping):
        return lua.table_from({key: _to_lua(lua, item) for key, item in value.items()})
    if isinstance(value, list):
        return lua.table_from([_to_lua(lua, item) for item in value])
    return value


def _from_lua(value: Any) -> Any:
    if lua51.lua_type(value) != "table":
        return value
    items = {key: _from_lua(item) for key, item in value.items()}
    if list(items) == list(range(1, len(items) + 1)):
        return list(items.values())
    return items
