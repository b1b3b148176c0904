"""wget makes a call of the arguments of GNU Wget, or of busybox' wget."""

from typing import Final

from crontask_cli.importing.command_lines import count, options, seconds
from crontask_cli.importing.found import Draft, NotConvertible
from crontask_cli.importing.http_call import MOST_REDIRECTS, HttpCall, put_call, put_delays

_WITH_VALUE: Final = (
    "output-document output-file header post-data body-data method timeout read-timeout "
    "connect-timeout dns-timeout tries waitretry user-agent user password http-user http-password "
    "max-redirect referer ca-certificate execute"
)
_WITHOUT: Final = (
    "quiet verbose no-verbose no-check-certificate spider retry-connrefused server-response "
    "no-cache no-hsts delete-after no-proxy"
)
_TAKES: Final = dict.fromkeys(_WITH_VALUE.split(), True) | dict.fromkeys(_WITHOUT.split(), False)
_SHORT: Final = {
    "O": "output-document", "o": "output-file", "T": "timeout", "t": "tries", "U": "user-agent",
    "q": "quiet", "v": "verbose", "nv": "no-verbose", "S": "server-response",
}  # fmt: skip
_NO_EQUAL: Final = {
    "connect-timeout": "the timeout of a task is for the whole call",
    "dns-timeout": "the timeout of a task is for the whole call",
    "ca-certificate": "put the certificates into a Secret, for tls.caSecretRef",
    "no-proxy": "the operator has one proxy for all tasks",
}

_TIMEOUT, _TRIES, _LONGEST_WAIT = 900, 20, 10
"""What GNU Wget does by default: seconds without an answer, attempts, seconds between them."""


def put_wget(draft: Draft, arguments: list[str], *, is_busybox: bool) -> None:
    """Write the request that wget sends into the spec of `draft`.

    Raises
    ------
    NotConvertible
        If a CronTask cannot do what it does.
    """
    found = list(options(arguments, _TAKES, _SHORT))
    given = {option.name: option.value for option in found}
    urls = [option.value for option in found if not option.name]
    if len(urls) != 1:
        raise NotConvertible(f"found {len(urls)} URLs, expected one")
    if "execute" in given:
        raise NotConvertible("--execute has no equal")
    for name, reason in _NO_EQUAL.items():
        if name in given:
            draft.note(f"--{name}: {reason}")
    body = given.get("post-data", given.get("body-data", ""))
    by_default = "HEAD" if "spider" in given else "POST" if "post-data" in given else "GET"
    silence = given.get("timeout", given.get("read-timeout", str(_TIMEOUT)))
    call = HttpCall(
        urls[0] if "://" in urls[0] else f"http://{urls[0]}",
        method=given.get("method", by_default),
        headers=[_header(option.value) for option in found if option.name == "header"],
        body=body,
        timeout=seconds(silence, "--timeout"),
        redirects=count(given.get("max-redirect", str(MOST_REDIRECTS)), "--max-redirect"),
        insecure="no-check-certificate" in given,
    )
    _put_names(call, given, has_body=bool(body))
    put_call(draft, call)
    if not is_busybox:
        _put_tries(draft, given)


def _put_names(call: HttpCall, given: dict[str, str], *, has_body: bool) -> None:
    names = {name.lower() for name, _ in call.headers}
    if has_body and "content-type" not in names:
        call.headers.append(("Content-Type", "application/x-www-form-urlencoded"))
    for option, header in (("user-agent", "User-Agent"), ("referer", "Referer")):
        if given.get(option) and header.lower() not in names:
            call.headers.append((header, given[option]))
    if ("user" in given or "http-user" in given) and "authorization" not in names:
        call.headers.append(("Authorization", ""))


def _put_tries(draft: Draft, given: dict[str, str]) -> None:
    tries = given.get("tries", str(_TRIES))
    attempts = 0 if tries == "inf" else count(tries, "--tries")
    if not attempts:
        draft.note("--tries 0: wget never gives up")
    longest = seconds(given.get("waitretry", str(_LONGEST_WAIT)), "--waitretry")
    retries = min(attempts - 1 if attempts else _TRIES, 1000)
    delays = [min(number, longest) for number in range(1, retries + 1)]
    # A refused connection ends it, unless it was told otherwise; a task cannot tell the two.
    put_delays(draft, delays, ["Timeout", "ConnectionError"])


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon:
        raise NotConvertible("--header: expected NAME: VALUE")
    return name.strip(), value
