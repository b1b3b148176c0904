"""curl makes a call of the arguments of curl (https://curl.se/docs/manpage.html)."""

import re
from typing import Final
from urllib.parse import quote_plus

from crontask_cli.importing.command_lines import Option, count, options, seconds
from crontask_cli.importing.found import Draft, NotConvertible
from crontask_cli.importing.http_call import MOST_REDIRECTS, HttpCall, put_call, put_delays

_WITH_VALUE: Final = (
    "request header data data-raw data-ascii data-binary data-urlencode json url max-time "
    "connect-timeout retry retry-delay retry-max-time max-redirs user user-agent referer cookie "
    "output write-out cacert cert key proxy interface stderr limit-rate"
)
_WITHOUT: Final = (
    "fail fail-with-body silent show-error location insecure get head compressed include verbose "
    "no-buffer globoff retry-all-errors retry-connrefused ipv4 ipv6 http1.1 http2 "
    "no-progress-meter remote-name progress-bar no-keepalive location-trusted"
)
_TAKES: Final = dict.fromkeys(_WITH_VALUE.split(), True) | dict.fromkeys(_WITHOUT.split(), False)
_SHORT: Final = {
    "X": "request", "H": "header", "d": "data", "m": "max-time", "u": "user", "A": "user-agent",
    "e": "referer", "b": "cookie", "o": "output", "w": "write-out", "E": "cert", "x": "proxy",
    "f": "fail", "s": "silent", "S": "show-error", "L": "location", "k": "insecure", "G": "get",
    "I": "head", "i": "include", "v": "verbose", "N": "no-buffer", "g": "globoff", "4": "ipv4",
    "6": "ipv6", "O": "remote-name", "#": "progress-bar",
}  # fmt: skip
_DATA: Final = ("data", "data-raw", "data-ascii", "data-binary", "data-urlencode", "json")
_NO_EQUAL: Final = {
    "connect-timeout": "the timeout of a task is for the whole call",
    "cacert": "put the certificates into a Secret, for tls.caSecretRef",
    "cert": "a task has no certificate of its own",
    "key": "a task has no certificate of its own",
    "proxy": "the operator has one proxy for all tasks",
    "interface": "the operator's pod has one",
    "limit-rate": "there is no limit of speed",
    "ipv4": "the operator's resolver decides",
    "ipv6": "the operator's resolver decides",
    "location-trusted": "a redirect to another host takes no credentials along",
}
_RETRIED: Final = ["Timeout", "408", "429", "500", "502-504"]
"""What curl takes for transient."""
_FIRST_DELAY, _LONGEST_DELAY = 1, 600
"""Seconds: curl doubles the delay each time."""
_GLOB: Final = re.compile(r"[\[\]{}]")


def put_curl(draft: Draft, arguments: list[str], *, stdin: str | None) -> None:
    """Write the request that curl sends into the spec of `draft`.

    Raises
    ------
    NotConvertible
        If a CronTask cannot do what it does.
    """
    found = list(options(arguments, _TAKES, _SHORT))
    given = {option.name: option.value for option in found}
    urls = [option.value for option in found if option.name in ("", "url")]
    if len(urls) != 1:
        raise NotConvertible(f"found {len(urls)} URLs, expected one")
    url = urls[0] if "://" in urls[0] else f"http://{urls[0]}"
    if "globoff" not in given and _GLOB.search(url):
        raise NotConvertible("curl makes several URLs of [] and {}")
    for name, reason in _NO_EQUAL.items():
        if name in given:
            draft.note(f"--{name}: {reason}")
    data = _data(found, stdin)
    call = HttpCall(url, headers=_headers(found, given), timeout=0)
    if "get" in given and data:
        call.url += ("&" if "?" in url else "?") + data
    else:
        call.body = data
    by_default = "HEAD" if "head" in given else "POST" if call.body or _sends(given) else "GET"
    call.method = given.get("request", by_default)
    _put_options(call, given)
    put_call(draft, call)
    _put_retries(draft, given)


def _sends(given: dict[str, str]) -> bool:
    return "get" not in given and any(name in given for name in _DATA)


def _put_options(call: HttpCall, given: dict[str, str]) -> None:
    fails = "fail" in given or "fail-with-body" in given
    call.status_codes = ["200-399"] if fails else ["200-599"]
    if "max-time" in given:
        call.timeout = seconds(given["max-time"], "--max-time")
    if "location" in given or "location-trusted" in given:
        most = given.get("max-redirs", str(MOST_REDIRECTS))
        call.redirects = MOST_REDIRECTS if most == "-1" else count(most, "--max-redirs")
    call.insecure = "insecure" in given


def _put_retries(draft: Draft, given: dict[str, str]) -> None:
    times = count(given.get("retry", "0"), "--retry")
    if not times:
        return
    retry_on = [] if "retry-all-errors" in given else list(_RETRIED)
    if "retry-connrefused" in given and retry_on:
        retry_on.append("ConnectionError")
    delay = seconds(given.get("retry-delay", "0"), "--retry-delay")
    delays = [
        delay or min(_FIRST_DELAY * 2 ** min(number, 20), _LONGEST_DELAY)
        for number in range(min(times, 1000))
    ]
    put_delays(draft, delays, retry_on)
    longest = seconds(given.get("retry-max-time", "0"), "--retry-max-time")
    if longest:
        draft.spec["retry"]["maxTotalSeconds"] = min(longest, 604_800)
    if draft.spec.get("expect", {}).get("statusCodes") == ["200-599"]:
        # curl tries these again without -f as well, and takes the last for a success.
        draft.spec["expect"]["statusCodes"] = ["200-407", "409-428", "430-499", "501", "505-599"]
        draft.note("--retry without --fail: an answer that is retried to the end is a failure here")


def _headers(found: list[Option], given: dict[str, str]) -> list[tuple[str, str]]:
    headers: list[tuple[str, str]] = []
    for option in found:
        if option.name == "header":
            if option.value.startswith("@"):
                raise NotConvertible("--header reads a file")
            name, colon, value = option.value.partition(":")
            if colon and value.strip():
                headers.append((name.strip(), value))
    names = {name.lower() for name, _ in headers}
    by_default = [
        ("user-agent", "User-Agent", "user-agent"),
        ("referer", "Referer", "referer"),
        ("user", "Authorization", "authorization"),
        ("cookie", "Cookie", "cookie"),
    ]
    for option_name, header, key in by_default:
        if option_name in given and key not in names:
            headers.append((header, given[option_name]))
    content = "application/json" if "json" in given else "application/x-www-form-urlencoded"
    if _sends(given) and "content-type" not in names:
        headers.append(("Content-Type", content))
    if "json" in given and "accept" not in names:
        headers.append(("Accept", "application/json"))
    return headers


def _data(found: list[Option], stdin: str | None) -> str:
    parts = []
    for option in found:
        if option.name not in _DATA:
            continue
        value = option.value
        if option.name == "data-urlencode":
            parts.append(_encoded(value))
        elif value.startswith("@") and option.name != "data-raw":
            if value != "@-" or stdin is None:
                raise NotConvertible(f"--{option.name} reads a file")
            whole = option.name in ("data-binary", "json")
            parts.append(stdin if whole else stdin.replace("\n", ""))
        else:
            parts.append(value)
    return ("" if any(each.name == "json" for each in found) else "&").join(parts)


def _encoded(value: str) -> str:
    name, equals, content = value.partition("=")
    if "@" in name or (not equals and value.startswith("@")):
        raise NotConvertible("--data-urlencode reads a file")
    if not equals:
        return quote_plus(value)
    return f"{name}={quote_plus(content)}" if name else quote_plus(content)
