"""What is wrong with a draft stands at its field; what takes rights, what others changed."""

from typing import Any

import pytest

from crontask_api.console.form.complaints import of_refusal, of_spec
from crontask_api.console.form.conflict import base_of, differences, is_of, with_choices
from crontask_api.console.form.credentials import Need, needs
from crontask_api.console.form.judging import judge_as_operator
from crontask_api.console.form.preview import preview_of
from crontask_api.console.form.read import draft_of
from crontask_api.console.words.language import Language
from crontask_api.kube.objects import CronTask
from crontask_core.errors import ScheduleError
from crontask_kube.errors import Cause, InvalidError
from tests.unit.console.tasks import NOW, task

Json = dict[str, Any]

ENGLISH = Language("en")
SECRET = {"name": "Authorization", "secretKeyRef": {"name": "token", "key": "value"}}
HIDDEN = {"name": "X-Api-Key", "value": "k3y"}
HARMLESS = {"name": "Accept", "value": "text/plain"}


def _refusal(*causes: tuple[str, str]) -> InvalidError:
    error = InvalidError("CronTask is invalid", status=422)
    error.causes = tuple(Cause(message, field) for field, message in causes)
    return error


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("spec.schedule", "schedule"),
        ("spec.callback.http.url", "callback.http.url"),
        ("spec.callback.http.headers[1].value", "callback.http.headers.1.value"),
        ("spec.callback.http.headers[0].secretKeyRef.key",
         "callback.http.headers.0.secretKeyRef.key"),
        ("spec.callback.grpc.metadata[3]", "callback.grpc.metadata.3"),
        ("spec.callback.http.headers", "callback.http.headers"),
        ("spec.expect.statusCodes[2]", "expect.statusCodes"),
        ("spec.retry.backoff.initialSeconds", "retry.backoff.initialSeconds"),
        ("spec.callback.grpc.descriptorSetRef", "callback.grpc.descriptorSetRef.name"),
        ("spec.callback.http.tls.caSecretRef.name", "callback.http.tls.caSecretRef.name"),
        ("metadata.name", "metadata.name"),
        ("metadata.labels", "metadata.labels"),
        ("spec", ""),
    ],
)  # fmt: skip
def test_a_complaint_is_told_at_its_field(path: str, name: str) -> None:
    assert of_refusal(_refusal((path, "wrong"))) == {name: ["wrong"]}


def test_what_is_no_field_of_the_form_is_told_with_its_path() -> None:
    assert of_refusal(_refusal(("status.x", "wrong"))) == {"": ["status.x: wrong"]}
    assert of_refusal(_refusal()) == {"": ["CronTask is invalid"]}


def test_the_api_servers_sentences_stand_without_what_only_it_needs() -> None:
    complaints = of_refusal(
        _refusal(
            ("spec.at", 'Invalid value: "object": expected a moment'),
            ("spec.type", 'Unsupported value: "x": supported values: "Single"'),
            ("<nil>", "some validation rules were not checked"),
            ("spec.at", 'Invalid value: "object": expected a moment'),
        )
    )
    assert complaints == {
        "at": ["expected a moment"],
        "type": ['Unsupported value: "x": supported values: "Single"'],
    }


def test_the_operators_sentences_stand_there_too() -> None:
    assert of_spec(ScheduleError("spec.timeZone", "no such zone")) == {"timeZone": ["no such zone"]}
    doubts = judge_as_operator(
        {"schedule": "61 * * * *", "callback": {"http": {"url": "http://x/"}}}, NOW.timestamp(), ""
    )
    assert [*doubts] == ["schedule"]
    doubts = judge_as_operator(
        {
            "schedule": "@daily",
            "callback": {"http": {"url": "http://x/"}},
            "expect": {"bodyRegex": "(?=x)"},
        },
        NOW.timestamp(),
        "",
    )
    assert [*doubts] == ["expect.bodyRegex"]


def _spec(*headers: Json, url: str = "http://a/x", **more: Any) -> Json:
    return {"callback": {"http": {"url": url, "headers": [*headers], **more}}}


KEPT = {"X-Api-Key"}
URL, REGEX, TLS = "callback.http.url", "expect.bodyRegex", "callback.http.tls"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # A new task names a Secret.
        ({}, _spec(SECRET), [Need("callback.http.headers.0.secretKeyRef.name", "token")]),
        # It stays where it was, on another path.
        (_spec(SECRET, HIDDEN), _spec(SECRET, HIDDEN, url="http://a/y?z"), []),
        # It would go elsewhere.
        (_spec(SECRET, HIDDEN), _spec(SECRET, HIDDEN, url="http://b/x"),
         [Need(URL, "token"), Need(URL, "", "X-Api-Key")]),
        # A header that cannot hold a secret goes anywhere.
        (_spec(HARMLESS), _spec(HARMLESS, url="http://b/x"), []),
        # Under another name the target would log it.
        (_spec(SECRET), _spec({**SECRET, "name": "X-Other"}),
         [Need("callback.http.headers.0.secretKeyRef.name", "token")]),
        # A guess of what it is.
        (_spec(SECRET), {**_spec(SECRET), "expect": {"bodyRegex": "^a"}}, [Need(REGEX, "token")]),
        (_spec(HIDDEN), {**_spec(HIDDEN), "expect": {"bodyRegex": "^a"}},
         [Need(REGEX, "", "X-Api-Key")]),
        # Somebody on the way could read it.
        (_spec(SECRET, url="https://a/"),
         _spec(SECRET, url="https://a/", tls={"insecureSkipVerify": True}), [Need(TLS, "token")]),
        # Whose certificates are trusted is to be read as well.
        ({}, _spec(tls={"caSecretRef": {"name": "ca", "key": "x"}}),
         [Need(f"{TLS}.caSecretRef.name", "ca")]),
        # To another protocol it does not come along.
        (_spec(SECRET), {"callback": {"grpc": {"address": "b:1", "metadata": [SECRET]}}},
         [Need("callback.grpc.metadata.0.secretKeyRef.name", "token")]),
    ],
)  # fmt: skip
def test_what_may_be_secret_goes_nowhere_else(
    before: Json, after: Json, expected: list[Need]
) -> None:
    assert needs(before, after, KEPT) == expected


def test_whoever_writes_a_value_anew_knows_it() -> None:
    assert needs(_spec(HIDDEN), _spec(HIDDEN, url="http://b/"), set()) == []


def _drafts(now_is: CronTask, **mine: str) -> tuple[Any, Any]:
    theirs = draft_of(now_is.spec, now_is.metadata.labels, shows_headers=True)
    edited = draft_of(task().spec, task().metadata.labels, shows_headers=True)
    for name, text in mine.items():
        edited = edited.with_text(name, text)
    return edited, theirs


def test_what_others_changed_is_told_from_what_one_changed_oneself() -> None:
    base = base_of(task(), draft_of(task().spec, task().metadata.labels, shows_headers=True))
    now_is = task(timeoutSeconds=7, timeZone="Europe/Berlin", module=3)
    mine, theirs = _drafts(now_is, timeoutSeconds="9", historyLimit="4", module="3")
    found = differences(base, now_is, mine, theirs)
    # Not what one changed alone, and not what both changed to the same.
    assert [(each.name, each.mine, each.theirs, each.takes_theirs) for each in found] == [
        ("timeZone", "", "Europe/Berlin", True),
        ("timeoutSeconds", "9", "7", False),
    ]
    form = [("choice.timeZone", "theirs"), ("choice.timeoutSeconds", "mine")]
    chosen = with_choices(mine, theirs, [*form, ("choice.metadata.name", "theirs")])
    assert (chosen.text("timeZone"), chosen.text("timeoutSeconds")) == ("Europe/Berlin", "9")
    assert chosen.text("historyLimit") == "4"
    # As of what is there now, nothing is left to choose.
    assert differences(base_of(now_is, theirs), now_is, chosen, theirs) == []


def test_headers_are_one_thing_to_choose() -> None:
    base = base_of(task(), draft_of(task().spec, task().metadata.labels, shows_headers=True))
    now_is = task(callback=_spec(SECRET, HARMLESS, url="http://x.example/y")["callback"])
    mine, theirs = _drafts(now_is)
    (found,) = differences(base, now_is, mine, theirs)
    assert found.theirs == "Authorization: token/value\nAccept: text/plain"
    form = [("choice.callback.http.headers", "theirs")]
    assert len(with_choices(mine, theirs, form).rows("callback.http.headers")) == 2


def test_a_base_that_is_none_asks_for_everything_that_differs() -> None:
    now_is = task(timeoutSeconds=7)
    mine, theirs = _drafts(now_is)
    (found,) = differences("uid-a.1.zz", now_is, mine, theirs)
    assert (found.name, found.takes_theirs) == ("timeoutSeconds", False)
    assert is_of("uid-a.1.zz", now_is)
    assert not is_of("uid-b.1.zz", now_is)


def _preview(uid: str = "", **texts: str) -> Any:
    draft = draft_of({"schedule": "*/5 * * * *"}, {}, shows_headers=True)
    for name, text in texts.items():
        draft = draft.with_text(name, text)
    return preview_of(draft, ENGLISH, NOW.timestamp(), uid=uid)


def test_a_preview_has_words_and_five_moments() -> None:
    told = _preview(schedule="0 12 * * *", timeZone="Europe/Berlin")
    assert told.told == "every day at 12:00 Europe/Berlin"
    assert [each.utc for each in told.moments][:2] == ["2026-03-03 11:00:00", "2026-03-04 11:00:00"]
    assert (len(told.moments), told.zone, told.wrong, told.note) == (5, "Europe/Berlin", "", "")


def test_a_preview_says_what_is_wrong_and_nothing_before_there_is_a_schedule() -> None:
    assert "expected" in _preview(schedule="61 * * * *").wrong
    assert "Mars" in _preview(timeZone="Mars/Base").wrong
    assert _preview(schedule=" ").moments == []
    assert _preview(schedule="").wrong == ""


def test_a_preview_needs_no_more_than_the_schedule_to_be_right() -> None:
    assert len(_preview(timeoutSeconds="ten", **{"callback.http.url": "nonsense"}).moments) == 5


def test_a_preview_of_one_moment_says_when_it_has_passed() -> None:
    told = _preview(timing="at", at="2026-03-02T13:00:00+01:00")
    assert [each.utc for each in told.moments] == ["2026-03-02 12:00:00"]
    assert told.note == ENGLISH.text("form.preview.past")
    assert _preview(timing="at", at="2026-03-02T14:00:00+01:00").note == ""
    assert _preview(timing="at", at="tomorrow").wrong


def test_h_is_certain_only_of_a_task_that_exists() -> None:
    assert _preview(schedule="H * * * *").note == ENGLISH.text("form.preview.hashed")
    assert _preview(schedule="H * * * *", uid="u").note == ""
    assert _preview(schedule="@hourly").note == ""
