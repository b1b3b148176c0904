"""Export and import are each other's opposite for all that the documented API can say."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crontask_cli.exporting import to_list
from crontask_cli.importing.formats import Source
from tests.unit.cli.importing.reading import manifests

LINE = st.text(
    st.characters(codec="utf-8", min_codepoint=0x20, exclude_characters="\x7f"),
    min_size=1,
    max_size=40,
).filter(str.strip)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)
MINUTE, HOUR = st.integers(0, 59), st.integers(0, 23)
CRON = st.builds("{} {} {} {} {} {}".format, MINUTE, MINUTE, HOUR, st.sampled_from(
    ["*", "1", "1,15", "1-10/3"]), st.sampled_from(["*", "JAN", "1-6"]), st.sampled_from(
    ["*", "MON-FRI", "0", "1,3"]))  # fmt: skip
REPEATED = CRON | st.sampled_from(["@daily", "@every 90s", "@hourly"])
DELAYS = st.lists(st.integers(0, 86400), max_size=20).map(lambda each: " ".join(map(str, each)))
HTTP = st.fixed_dictionaries(
    {
        "url": st.sampled_from(["http://a.example/x?y=%20", "https://例え.example:8443/"]),
        "method": st.sampled_from(["get", "post"]),
        "body": TEXT,
        "body_type": st.sampled_from([1, 2]),
    }
)
RPC = st.fixed_dictionaries(
    {
        "url": st.sampled_from(["a.svc:50051/shop.v1.Sales.Close", "[::1]:1/S.M"]),
        "method": st.just("rpc"),
        "body": TEXT,
    }
)


@st.composite
def items(draw: st.DrawFn) -> dict[str, Any]:
    """Draw an item of a ``task_list``."""
    is_once = draw(st.booleans())
    once = st.integers(4_000_000_000_000, 90_000_000_000_000).map(lambda each: each / 1000)
    return {
        "task_id": str(draw(st.integers(1, 2**53))),
        "name": draw(LINE),
        "enable": draw(st.sampled_from([1, 2])),
        "module": draw(st.integers(0, 2**31 - 1)),
        "type": 1 if is_once else draw(st.integers(1, 7)),
        "start_time": draw(once) if is_once else draw(REPEATED),
        **draw(HTTP | RPC),
        "resp_regexp": draw(st.sampled_from(["", "ok", '"code": *0'])),
        "redo_param": draw(DELAYS),
        **draw(st.sampled_from([{}, {"time_zone": "Asia/Shanghai"}])),
    }


def imported(item: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps({"task_list": [item]})
    (manifest,) = manifests(Source.GO_CRONTAB, text)
    return manifest


@given(items())
def test_what_is_imported_is_exported_again(item: dict[str, Any]) -> None:
    manifest = imported(item)

    exported, left_out = to_list(manifest)

    assert left_out == []
    assert {"body_type": 1, **exported} == {"body_type": 1, **item}
    assert imported(exported) == manifest
