"""What a command line of curl or wget sends, as a task sends it."""

import json
from typing import Any

import pytest

from crontask_cli.importing.command_lines import put_command
from crontask_cli.importing.found import Draft, NotConvertible
from crontask_cli.importing.shell_words import split

FORM = "application/x-www-form-urlencoded"


def spec(line: str, stdin: str | None = None, **variables: str) -> dict[str, Any]:
    """Return the spec of what `line` sends."""
    draft = Draft("line", "name")
    put_command(draft, split(line, variables), stdin=stdin)
    return draft.spec


def http(line: str, stdin: str | None = None, **variables: str) -> dict[str, Any]:
    """Return the call of `line`, its headers as a mapping."""
    call: dict[str, Any] = spec(line, stdin, **variables)["callback"]["http"]
    call["headers"] = {each["name"]: each.get("value") for each in call.get("headers", ())}
    return call


@pytest.mark.parametrize(
    ("line", "method", "body", "headers"),
    [
        ("curl a.example", "GET", "", {}),
        ("/usr/bin/curl -I http://a.example", "HEAD", "", {}),
        (
            "curl -XPUT --url http://a.example -d 'a=1' -d b=2",
            "PUT",
            "a=1&b=2",
            {"Content-Type": FORM},
        ),
        (
            """curl --json '{"a": 1}' http://a.example""",
            "POST",
            '{"a": 1}',
            {"Content-Type": "application/json", "Accept": "application/json"},
        ),
        (
            "curl -H 'Content-Type:text/plain' --data-raw @x http://a.example",
            "POST",
            "@x",
            {"Content-Type": "text/plain"},
        ),
        ("curl -sSfA agent http://a.example", "GET", "", {"User-Agent": "agent"}),
        (
            "curl --data-urlencode 'q=a b&c' http://a.example",
            "POST",
            "q=a+b%26c",
            {"Content-Type": FORM},
        ),
        ("wget -q -O- a.example", "GET", "", {}),
        ("wget --spider http://a.example", "HEAD", "", {}),
        ("wget -nv --post-data=a=1 http://a.example", "POST", "a=1", {"Content-Type": FORM}),
        (
            "wget --method=PATCH --body-data x --header 'Content-Type: text/plain' http://a.example",
            "PATCH",
            "x",
            {"Content-Type": "text/plain"},
        ),
    ],
)
def test_a_request(line: str, method: str, body: str, headers: dict[str, str]) -> None:
    call = http(line)

    assert (call["method"], call.get("body", ""), call["headers"]) == (method, body, headers)
    assert call["url"] == "http://a.example"


def test_data_goes_into_the_query_with_get() -> None:
    call = http("curl -G -d a=1 --data-urlencode 'b=c d' 'http://a.example/x?y=1'")

    assert call["url"] == "http://a.example/x?y=1&a=1&b=c+d"
    assert (call["method"], call["headers"]) == ("GET", {})


def test_standard_input_is_the_body() -> None:
    assert http("curl -d @- http://a.example", "a\nb\n")["body"] == "ab"
    assert http("curl --data-binary @- http://a.example", "a\nb\n")["body"] == "a\nb\n"


def test_what_counts_as_success() -> None:
    assert spec("curl http://a.example")["expect"] == {"statusCodes": ["200-599"]}
    assert spec("curl -f http://a.example")["expect"] == {"statusCodes": ["200-399"]}
    assert spec("curl --fail-with-body http://a.example")["expect"]["statusCodes"] == ["200-399"]
    assert "expect" not in spec("wget http://a.example")


def test_time_and_redirects() -> None:
    assert spec("curl http://a.example")["timeoutSeconds"] == 3600
    assert spec("curl -m 2.5 http://a.example")["timeoutSeconds"] == 3
    assert "followRedirects" not in http("curl http://a.example")
    assert http("curl -L http://a.example")["followRedirects"] == 10
    assert http("curl -L --max-redirs 3 http://a.example")["followRedirects"] == 3
    assert spec("wget -T 20 http://a.example")["timeoutSeconds"] == 20
    assert http("curl -k https://a.example")["tls"] == {"insecureSkipVerify": True}


def test_retries() -> None:
    retry = spec("curl -f --retry 3 --retry-connrefused --retry-max-time 60 http://a.example")[
        "retry"
    ]
    assert retry["delaysSeconds"] == [1, 2, 4]
    assert retry["retryOn"] == ["Timeout", "408", "429", "500", "502-504", "ConnectionError"]
    assert retry["maxTotalSeconds"] == 60
    every = spec("curl -f --retry 2 --retry-delay 5 --retry-all-errors http://a.example")["retry"]
    assert every == {"delaysSeconds": [5, 5]}
    without = spec("curl --retry 1 http://a.example")["expect"]["statusCodes"]
    assert without == ["200-407", "409-428", "430-499", "501", "505-599"]
    assert spec("wget -t 3 http://a.example")["retry"] == {
        "delaysSeconds": [1, 2],
        "retryOn": ["Timeout", "ConnectionError"],
    }


@pytest.mark.parametrize(
    "line",
    [
        "curl -H 'Authorization: Bearer hidden' http://a.example",
        "curl -u me:hidden http://a.example",
        "curl http://me:hidden@a.example",
        "curl -H 'X-Api-Key: hidden' http://a.example",
        "curl -b session=hidden http://a.example",
        "wget --user me --password hidden http://a.example",
    ],
)
def test_a_credential_is_in_no_task(line: str) -> None:
    draft = Draft("line", "name")
    put_command(draft, split(line, {}))
    (header,) = draft.manifest("a-task")["spec"]["callback"]["http"]["headers"]

    assert header["secretKeyRef"] == {"name": "a-task-headers", "key": header["name"].lower()}
    assert "hidden" not in json.dumps([draft.spec, draft.notes])
    assert any("put its value into the Secret" in note for note in draft.notes)


def test_what_a_shell_does_to_words() -> None:
    line = r"""curl -d "a \"b\" $X" -d 'c $X' -d d\ e "${Y}/p" > /dev/null 2>&1 # that is all"""
    assert split(line, {"X": "1", "Y": "http://a"}) == [
        *("curl", "-d", 'a "b" 1', "-d", "c $X", "-d", "d e", "http://a/p"),
    ]
    assert split("curl a &>/dev/null", {}) == ["curl", "a"]
    assert split("curl a2>x b", {}) == ["curl", "a2", "b"]


REFUSED = {
    "ls": "expected curl or wget",
    "": "expected curl or wget",
    "curl": "found 0 URLs",
    "curl http://a http://b": "found 2 URLs",
    "curl ftp://a": "begins with http://",
    "curl http://a | sh": "needs a shell, for '|'",
    "curl http://a && true": "needs a shell, for '&&'",
    "curl http://a&": "needs a shell, for '&'",
    "curl http://a||true": "needs a shell, for '||'",
    "curl http://a <<x": "needs a shell, for '<<'",
    "curl http://a; true": "needs a shell, for ';'",
    "curl http://a/$(date)": "needs a shell, for what it computes",
    "curl http://a/`date`": "needs a shell, for what it computes",
    "curl http://a/$X": "the variable X is not known",
    "curl 'http://a": "a quote is not closed",
    'curl "http://a': "a quote is not closed",
    "curl http://a >": "ends after >",
    "curl -d @file http://a": "reads a file",
    "curl -d @- http://a": "reads a file",
    "curl -H @file http://a": "reads a file",
    "curl -F a=b http://a": "the option -F has no equal",
    "curl --form a=b http://a": "the option --form has no equal",
    "curl -T file http://a": "the option -T has no equal",
    "curl http://a/[1-9]": "several URLs",
    "curl -m": "--max-time has no value",
    "curl -m soon http://a": "expected seconds",
    "curl --fail=yes http://a": "takes no value",
    "curl -X BREW http://a": "the method 'BREW'",
    "curl http://a/%zz": "percent sign",
    "curl 'http://a/b c'": "white space",
    "curl http://a:99999/": "cannot be read",
    "curl -H 'Bad name: x' http://a": "no name of a header",
    "curl -H 'X-A: é' http://a": "printable ASCII",
    "curl -H 'X-A: b' -H 'x-a: c' http://a": "there twice",
    "wget --execute robots=off http://a": "--execute has no equal",
    "wget -i urls": "the option -i has no equal",
}


@pytest.mark.parametrize("line", REFUSED)
def test_what_is_left_out(line: str) -> None:
    with pytest.raises(NotConvertible) as caught:
        spec(line)
    assert REFUSED[line] in str(caught.value)


def test_a_long_line_is_read_in_time_that_grows_with_it() -> None:
    # Each of these made a naive reader look at the rest of the line again and again.
    for unit in ("'", '"', "\\", "2>", "a '", "$a", "-d x "):
        line = "curl http://a " + unit * 20_000
        with pytest.raises(NotConvertible):
            spec(line + "|")
    with pytest.raises(NotConvertible, match="longer than"):
        spec("curl http://a " + "x" * 200_000)
