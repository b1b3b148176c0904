"""Paths to the API server: of names that Kubernetes would accept, or of none."""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crontask_kube.names import SHOWN_BYTES, IllegalNameError, check_key, check_object_name
from crontask_kube.paths import Resource, resource_path
from crontask_kube.urls import request_url

NO_SEGMENTS: Final = (
    "",
    ".",
    "..",
    "../../team-b/secrets/crown",
    "../../../../../version",
    "?limit=1",
    "a?b",
    "a#b",
    "a/b",
    "a/status",
    "a%2fb",
    "..%2f",
    "%2e%2e",
    "a\\b",
    "a;b",
    "a b",
    "a\n",
    "a\r\nX: y",
    "a\x00",
    "a\x7f",
    "a\u2028",
    "\uff0e\uff0e",  # full stops of full width, which some normal forms turn into ".."
    "é",
    "A",
    "-a",
    "a-",
    ".a",
    "a.",
    "a..b",
    "a" * 254,
)
NO_NAMESPACES: Final = (*NO_SEGMENTS, "a.b", "a" * 64)
NO_KEYS: Final = ("", ".", "..", "..a", "a/b", "a%2f", "a b", "a\n", "é", "a" * 254)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (
            resource_path(Resource.CRON_TASKS, "shop", "nightly", "status"),
            "/apis/crontask.dev/v1/namespaces/shop/crontasks/nightly/status",
        ),
        (
            resource_path(Resource.CRON_TASKS, "shop"),
            "/apis/crontask.dev/v1/namespaces/shop/crontasks",
        ),
        (resource_path(Resource.SECRETS, "s", "a.b-c"), "/api/v1/namespaces/s/secrets/a.b-c"),
        (resource_path(Resource.CONFIG_MAPS, "s", "7"), "/api/v1/namespaces/s/configmaps/7"),
        (resource_path(Resource.EVENTS, "s"), "/api/v1/namespaces/s/events"),
        (resource_path(Resource.TOKEN_REVIEWS), "/apis/authentication.k8s.io/v1/tokenreviews"),
        (
            resource_path(Resource.SUBJECT_ACCESS_REVIEWS),
            "/apis/authorization.k8s.io/v1/subjectaccessreviews",
        ),
    ],
)
def test_a_path_is_that_of_the_kubernetes_api(path: str, expected: str) -> None:
    assert path == expected


@pytest.mark.parametrize("text", NO_SEGMENTS, ids=repr)
def test_no_name_makes_no_path(text: str) -> None:
    with pytest.raises(IllegalNameError, match=r"^name: expected a name of lower-case letters"):
        resource_path(Resource.SECRETS, "shop", text)


@pytest.mark.parametrize("text", NO_NAMESPACES, ids=repr)
def test_no_namespace_makes_no_path(text: str) -> None:
    with pytest.raises(IllegalNameError, match=r"^namespace: expected a namespace of lower-case"):
        resource_path(Resource.SECRETS, text, "token")


def test_a_namespaced_resource_needs_a_namespace() -> None:
    with pytest.raises(IllegalNameError, match=r"^namespace: "):
        resource_path(Resource.SECRETS, None, "token")


@pytest.mark.parametrize("text", ["", "scale", "../x"])
def test_no_other_subresource_makes_a_path(text: str) -> None:
    with pytest.raises(IllegalNameError, match=r"^subresource: "):
        resource_path(Resource.CRON_TASKS, "shop", "nightly", text)


@given(st.text() | st.from_regex(r"[a-z./%?#\\-]{1,12}", fullmatch=True))
def test_whatever_makes_a_path_is_one_segment(text: str) -> None:
    try:
        path = resource_path(Resource.SECRETS, "shop", text)
    except IllegalNameError:
        return
    assert re.fullmatch(r"/api/v1/namespaces/shop/secrets/[a-z0-9.-]+", path)
    *_, last = path.split("/")
    assert unquote(last) == last == text
    assert last not in (".", "..")


@pytest.mark.parametrize("text", NO_KEYS, ids=repr)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(IllegalNameError, match=r"^a\.key: expected a key of letters"):
        check_key(text, "a.key")


@pytest.mark.parametrize("text", ["a", "tls.crt", "_A-z.", ".dockerconfigjson", "a..b", "0" * 253])
def test_a_key_of_kubernetes_is_one(text: str) -> None:
    assert check_key(text, "key") == text


@pytest.mark.parametrize("check", [check_object_name, check_key])
def test_a_message_is_bounded_and_on_one_line(check: Callable[[str, str], str]) -> None:
    with pytest.raises(IllegalNameError) as caught:
        check("\n" + "é" * 1_000_000, "field")
    message = str(caught.value)
    assert message.isprintable()
    assert len(message.encode()) < 200 + SHOWN_BYTES


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("/api/v1/namespaces/s/secrets/%2e%2e", None, "/api/v1/namespaces/s/secrets/%2e%2e"),
        ("/a/..%2f..%2fb", None, "/a/..%2f..%2fb"),
        ("/a/../b", None, "/a/../b"),
        ("/a", {"fieldSelector": "spec.taskName=a&limit=9 /é%"}, None),
    ],
)
def test_a_url_goes_out_as_it_stands(
    path: str, query: dict[str, str] | None, expected: str | None
) -> None:
    url = request_url("https://host/prefix", path, query)
    if expected is not None:
        assert url.raw_path_qs == "/prefix" + expected
    else:
        assert url.raw_path == "/prefix" + path
        assert dict(url.query) == query
