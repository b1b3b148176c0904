"""What a CronTask says is what its form says, and what comes back: nothing is lost or changed."""

import re
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crontask_api.console.form.build import build
from crontask_api.console.form.draft import KEPT, PARTS, Draft, read_draft
from crontask_api.console.form.fields import FIELDS, SECTIONS, Kind
from crontask_api.console.form.preview import Preview
from crontask_api.console.form.read import draft_of
from crontask_api.console.form.shown import shown_form
from crontask_api.console.frame.assets import Assets
from crontask_api.console.frame.templates import Templates
from crontask_api.console.words.language import Language
from crontask_core.constants import MANAGED_BY_LABEL, MODULE_LABEL
from crontask_core.spec import parse_spec
from dev.crd import load_schema, walk
from tests.unit.console.specs import specs
from tests.unit.console.submitted import Pairs, submitted

ENGLISH = Language("en")
TEMPLATES = Templates(Assets())

Json = dict[str, Any]


def sent(draft: Draft, *, is_new: bool = True) -> Pairs:
    """Return what a browser sends that was shown `draft`."""
    page = TEMPLATES.render(
        "form",
        {
            "t": ENGLISH.text,
            "n": ENGLISH.number,
            "counted": ENGLISH.counted,
            "language": ENGLISH,
            "languages": [],
            "themes": [],
            "theme": "auto",
            "nonce": "n",
            "mark": "m",
            "here": "/",
            "user": "",
            "live": "",
            "said": "",
            "section": "",
            "title": "t",
            "address": "/a",
            "back": "/b",
            "about": "",
            "hidden": [],
            "is_new": is_new,
            "sections": shown_form(draft, ENGLISH, {}, is_new=is_new),
            "told": [],
            "trial": None,
            "trial_told": [],
            "offers_trial": True,
            "differences": [],
            "preview": Preview(),
            "uid": "",
            "notice": "",
            "guarded": "saved",
            "spaces": [],
            "more_prefix": "more.",
        },
    )
    (form,) = re.findall(r'<form id="form".*?</form>', page, re.S)
    return submitted(form)


HTTP = {"http": {"url": "http://x/"}}


@settings(max_examples=150)
@given(specs())
@example({"schedule": "@daily", "callback": {"http": {"url": "http://x/", "body": "\na\nb\r\n"}}})
def test_a_form_that_is_left_alone_changes_nothing(spec: Json) -> None:
    draft = draft_of(spec, {"team": "a"}, shows_headers=True, namespace="shop")
    back = read_draft(sent(draft))
    assert back.settled() == draft.settled()
    built = build(back, spec, {"team": "a"}, shows_headers=True)
    assert (built.wrong, built.spec, built.labels) == ({}, spec, {"team": "a"})


@settings(max_examples=150)
@given(specs())
def test_a_form_that_was_filled_in_makes_the_same_task(spec: Json) -> None:
    draft = draft_of(spec, {}, shows_headers=True)
    built = build(read_draft(sent(draft)), {}, {}, shows_headers=True)
    assert built.wrong == {}
    assert parse_spec(_plain(built.spec)) == parse_spec(_plain(spec))
    # And so the form of that task is the same form.
    again = draft_of(built.spec, {}, shows_headers=True)
    assert again.settled() == draft.settled()


@settings(max_examples=100)
@given(specs(), specs())
@example(
    {"schedule": "@daily", "callback": HTTP, "retry": {"backoff": {"attempts": 5}}},
    {"schedule": "@daily", "callback": HTTP, "retry": {"backoff": {}}},
)
@example(
    {"schedule": "@daily", "callback": HTTP, "retry": {"backoff": {"attempts": 5}}},
    {"at": "2026-03-29T08:30:00Z", "callback": HTTP, "retry": {"delaysSeconds": [2]}},
)
def test_one_task_is_changed_to_any_other(before: Json, after: Json) -> None:
    draft = read_draft(sent(draft_of(after, {}, shows_headers=True)))
    built = build(draft, before, {}, shows_headers=True)
    assert parse_spec(_plain(built.spec)) == parse_spec(_plain(after))


@given(specs(), st.sampled_from(["x-new", "team"]))
def test_what_this_version_does_not_know_stays(spec: Json, name: str) -> None:
    spec = {**spec, "newField": {"a": [1]}}
    kind = next(iter(spec["callback"]))
    spec["callback"][kind]["newField"] = "b"
    draft = draft_of(spec, {}, shows_headers=True).with_text("timeoutSeconds", "77")
    built = build(read_draft(sent(draft)), spec, {name: "1"}, shows_headers=True)
    assert built.spec["newField"] == {"a": [1]}
    assert built.spec["callback"][kind]["newField"] == "b"
    assert built.spec["timeoutSeconds"] == 77


def test_every_field_of_the_crd_is_in_the_form() -> None:
    paths = {path for path, _ in walk(load_schema()["properties"]["spec"])}
    leaves = {path for path in paths if not any(other.startswith(f"{path}.") for other in paths)}
    leaves = {path for path in leaves if f"{path}[]" not in paths}
    known = {f"{name}[]" for name, each in FIELDS.items() if each.kind in _LISTS} | FIELDS.keys()
    for name, each in FIELDS.items():
        if each.kind is Kind.ENTRIES:
            known |= {f"{name}[].{part}" for part in PARTS}
    # What TLS verifies is a switch.
    known |= {f"{name}.insecureSkipVerify" for name in FIELDS if name.endswith(".tls")}
    assert leaves - known == set()


_LISTS = (Kind.WORDS, Kind.NUMBERS)


def test_every_default_is_that_of_the_crd() -> None:
    for path, schema in walk(load_schema()["properties"]["spec"]):
        each = FIELDS.get(path)
        if each is not None and each.in_spec and each.default and path != "suspend":
            default = schema["default"]
            told = ", ".join(default) if isinstance(default, list) else str(default)
            assert each.default == told, path
        if each is not None and each.kind is Kind.CHOICE:
            assert {*each.choices} - {""} == {*schema["enum"]}, path


def test_every_condition_has_a_rule_that_hides_what_does_not_hold() -> None:
    found = Assets().find(Assets().path("form.css").rpartition("/")[2])
    assert found is not None
    sheet = found.plain.decode()
    for section in SECTIONS:
        for each in section.fields:
            for one in each.only:
                rule = (
                    f'.form:not(:has([name="{one.switch}"][value="{one.value}"]:checked)) '
                    f".only-{one.switch.replace('.', '-')}-{one.value}"
                )
                assert rule in sheet


HEADERS = [
    {"name": "X-Api-Key", "value": "k3y-that-is-secret"},
    {"name": "Accept", "value": "text/plain"},
    {"name": "Authorization", "secretKeyRef": {"name": "token", "key": "value"}},
]
SPEC = {"schedule": "@daily", "callback": {"http": {"url": "http://x/", "headers": HEADERS}}}


def test_headers_that_may_not_be_read_are_kept_unseen() -> None:
    draft = draft_of(SPEC, {}, shows_headers=False)
    rows = draft.rows("callback.http.headers")
    assert [row.source for row in rows] == [KEPT, "value", "secret"]
    pairs = sent(draft)
    assert "k3y-that-is-secret" not in repr(pairs)
    # Something else is changed beside it.
    pairs = [
        (name, "application/json") if value == "text/plain" else (name, value)
        for name, value in pairs
    ]
    built = build(read_draft(pairs), SPEC, {}, shows_headers=False)
    assert built.spec["callback"]["http"]["headers"] == [
        HEADERS[0],
        {"name": "Accept", "value": "application/json"},
        HEADERS[2],
    ]


def test_nobody_keeps_a_value_that_is_not_there() -> None:
    pairs = [
        ("callback.http.headers.0.name", "X-Other"),
        ("callback.http.headers.0.source", "kept"),
    ]
    built = build(read_draft(pairs), SPEC, {}, shows_headers=False)
    assert built.spec["callback"]["http"]["headers"] == [{"name": "X-Other"}]


def test_the_own_labels_are_kept_and_the_one_of_the_module_follows_it() -> None:
    labels = {MANAGED_BY_LABEL: "crontask-api", MODULE_LABEL: "1", "team": "a"}
    spec = {**deepcopy(SPEC), "module": 1}
    draft = draft_of(spec, labels, shows_headers=True)
    assert draft.text("metadata.labels") == "team=a"
    draft = draft.with_text("module", "2").with_text("metadata.labels", "team = b\n\nx=")
    built = build(read_draft(sent(draft, is_new=False)), spec, labels, shows_headers=True)
    assert built.labels == {
        MANAGED_BY_LABEL: "crontask-api", MODULE_LABEL: "2", "team": "b", "x": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "text", "key"),
    [
        ("timeoutSeconds", "ten", "wrong.number"),
        ("timeoutSeconds", "1.5", "wrong.number"),
        ("timeoutSeconds", "9" * 400, "wrong.number"),
        ("timeoutSeconds", "\u0663", "wrong.number"),
        ("historyLimit", "1_000", "wrong.number"),
        ("retry.delaysSeconds", "2, four", "wrong.number"),
        ("retry.backoff.factor", "1e9", "wrong.factor"),
        ("retry.backoff.factor", "nan", "wrong.factor"),
        ("metadata.labels", "a=1\nb", "wrong.label"),
        ("metadata.labels", "=1", "wrong.label"),
        ("metadata.labels", "a=1\na=2", "wrong.label_twice"),
    ],
)
def test_a_text_that_is_none_is_told_at_its_field(field: str, text: str, key: str) -> None:
    draft = draft_of(SPEC, {}, shows_headers=True).with_text(field, text)
    retry = "backoff" if "backoff" in field else "delays"
    built = build(draft.with_text("retry", retry), SPEC, {}, shows_headers=True)
    assert built.wrong[field].key == key
    assert len(built.wrong[field].found) <= 61


def _plain(spec: Json) -> Json:
    """Return `spec` without what says the same as nothing."""
    plain = deepcopy(spec)
    http = plain["callback"].get("http", {})
    if http.get("tls") in ({}, {"insecureSkipVerify": False}):
        del http["tls"]
    grpc = plain["callback"].get("grpc", {})
    if grpc.get("tls") == {"insecureSkipVerify": False}:
        grpc["tls"] = {}
    return plain
