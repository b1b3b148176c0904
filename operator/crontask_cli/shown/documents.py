"""documents writes CronTasks as JSON and YAML, harmless for a terminal and whole for programs."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from crontask_cli.shown.safe import is_safe, safe_json

LIST: Final = {"apiVersion": "v1", "kind": "List"}


def as_json(value: Any) -> str:
    """Return `value` as indented JSON."""
    return safe_json(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def as_json_line(value: Any) -> str:
    """Return `value` as JSON in one line."""
    return safe_json(msgspec.json.encode(value).decode())


def as_yaml(value: Any) -> str:
    """Return `value` as YAML."""
    import yaml

    # libyaml's is ten times as fast, but lets bidirectional marks pass.
    fast = getattr(yaml, "CSafeDumper", None)
    if fast is not None:
        text = _dumped(yaml, value, fast)
        if is_safe(text):
            return text
    from crontask_cli.shown.safe_yaml import SafeYaml

    return _dumped(yaml, value, SafeYaml)


def as_list(manifests: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the ``v1`` List of `manifests`, as kubectl writes one."""
    return {**LIST, "items": list(manifests)}


def _dumped(yaml: Any, value: Any, dumper: Any) -> str:
    text: str = yaml.dump(
        value, Dumper=dumper, sort_keys=False, allow_unicode=True, default_flow_style=False
    )
    return text.removesuffix("\n")
