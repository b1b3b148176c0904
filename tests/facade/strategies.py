"""Items as clients may send them, and what they read back as."""

from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]

TEXT = st.characters(exclude_categories=["Cs"])
names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=253).filter(
    str.strip
)
bodies = st.text(TEXT, max_size=300)
spaces = st.sampled_from([" ", "  ", "\t"])


@st.composite
def redo_params(draw: st.DrawFn) -> str:
    """Delays, with white space of any kind between them."""
    delays = draw(st.lists(st.integers(0, 86_400), max_size=20))
    return "".join(f"{draw(spaces)}{delay}" for delay in delays)


def _field(low: int, high: int) -> st.SearchStrategy[str]:
    numbers = st.integers(low, high)
    return st.one_of(
        st.just("*"),
        st.just("?"),
        numbers.map(str),
        numbers.map(lambda first: f"{first}-{high}"),
        st.integers(1, high).map(lambda step: f"*/{step}"),
        st.lists(numbers, min_size=1, max_size=4, unique=True).map(
            lambda values: ",".join(map(str, sorted(values)))
        ),
    )


# Days up to the 28th: every month has them, so every expression fires.
_FIELDS = [_field(0, 59), _field(0, 59), _field(0, 23), _field(1, 28), _field(1, 12)]
five_fields = st.tuples(*_FIELDS).map(" ".join)
six_fields = st.tuples(five_fields, _field(0, 6)).map(" ".join)
descriptors = st.sampled_from(["@hourly", "@daily", "@weekly", "@monthly", "@yearly"])
intervals = st.integers(1, 100_000).map(lambda seconds: f"@every {seconds}s")
crons = st.one_of(five_fields, six_fields, descriptors, intervals)
timestamps = st.one_of(
    st.integers(1, 10**11 - 1),
    st.integers(1, 10**11 - 1).map(str),
    st.integers(1, 10**11 - 1).map(float),
)

_HOSTS = st.from_regex(r"[a-z][a-z0-9]{0,20}(\.[a-z]{2,5}){0,3}", fullmatch=True)
_PORTS = st.integers(1, 65_535)
_WORD = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,20}", fullmatch=True)
_PATH = st.text(st.sampled_from("abcXYZ019/-_.~%20?=&路径"), max_size=40).map(
    lambda text: text.replace("%", "%20")
)


@st.composite
def http_urls(draw: st.DrawFn) -> str:
    """URLs for post and get."""
    scheme = draw(st.sampled_from(["http", "https"]))
    return f"{scheme}://{draw(_HOSTS)}:{draw(_PORTS)}/{draw(_PATH)}"


@st.composite
def rpc_urls(draw: st.DrawFn) -> str:
    """URLs for rpc."""
    handler = ".".join(draw(st.lists(_WORD, min_size=1, max_size=3)))
    return f"{draw(_HOSTS)}:{draw(_PORTS)}/{handler}.{draw(_WORD)}"


regexps = st.sampled_from(["", "*", "ok", '"code":\\s*0', "^(?i)[a-z]+$", "路|径", "\\d{3}"])
any_case = st.sampled_from([str.lower, str.upper, str.title])


@st.composite
def callbacks(draw: st.DrawFn) -> Json:
    """The url and method, with a body type that fits them."""
    case = draw(any_case)
    if draw(st.booleans()):
        return {"url": draw(rpc_urls()), "method": case("rpc"), "body_type": 1}
    method = draw(st.sampled_from(["post", "get"]))
    return {
        "url": draw(http_urls()),
        "method": case(method),
        "body_type": draw(st.sampled_from([1, 2, "", None])),
    }


zones = st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York"])


@st.composite
def timings(draw: st.DrawFn) -> Json:
    """A type and a start time that fits it, perhaps with a zone, in one way or the other."""
    if draw(st.booleans()):
        zone = draw(st.sampled_from([{}, {}, {"time_zone": "Asia/Shanghai"}]))
        return {"type": 1, "start_time": draw(timestamps), **zone}
    timing: Json = {"type": draw(st.integers(1, 7)), "start_time": draw(crons)}
    match draw(st.sampled_from(["none", "none", "field", "prefix", "empty"])):
        case "field":
            timing["time_zone"] = draw(zones)
        case "prefix":
            timing["start_time"] = f"TZ={draw(zones)} {timing['start_time']}"
        case "empty":
            timing["time_zone"] = ""
    return timing


@st.composite
def optional_fields(draw: st.DrawFn) -> Json:
    """The optional fields, each perhaps absent."""
    given: Json = draw(
        st.fixed_dictionaries(
            {}, optional={"resp_regexp": regexps, "body": bodies, "redo_param": redo_params()}
        )
    )
    return given


@st.composite
def items(draw: st.DrawFn) -> Json:
    """Items that can be added."""
    return {
        "name": draw(names),
        "enable": draw(st.integers(1, 2)),
        "module": draw(st.integers(0, 2**31 - 1)),
        **draw(timings()),
        **draw(callbacks()),
        **draw(optional_fields()),
    }


@st.composite
def changes(draw: st.DrawFn) -> Json:
    """Fields of an update, a type and a start time perhaps without each other."""
    some = st.fixed_dictionaries(
        {}, optional={"enable": st.integers(1, 2), "module": st.integers(0, 2**31 - 1)}
    )
    given: Json = {**draw(some), **draw(optional_fields())}
    timing = draw(timings())
    both = ["start_time", "time_zone"]
    for field in draw(st.sampled_from([[], ["type"], ["time_zone"], both, ["type", *both]])):
        if field in timing:
            given[field] = timing[field]
    if draw(st.booleans()):
        given |= draw(callbacks())
    return given


def is_timestamp(start: object) -> bool:
    """Whether a start time is a moment."""
    return not isinstance(start, str) or start.isdecimal()


def zone_of(given: Json) -> str | None:
    """Return the zone that an item or an update gives to a cron expression, if any."""
    start = given.get("start_time", "")
    if isinstance(start, str) and start.startswith("TZ="):
        return start.removeprefix("TZ=").split()[0]
    zone = given.get("time_zone")
    return None if zone is None else zone or "UTC"


def read_back(item: Json, zone: str) -> Json:
    """Return what ``get_task`` answers of the documented fields after `item` was added."""
    given = {name: value for name, value in item.items() if value is not None}
    regexp = given.get("resp_regexp", "")
    return {
        "name": given["name"],
        "enable": given["enable"],
        "module": given["module"],
        "type": given["type"],
        "start_time": _start_read_back(given["start_time"]),
        "url": given["url"],
        "method": given["method"].lower(),
        "body": given.get("body", ""),
        "body_type": given.get("body_type") or 1,
        "resp_regexp": "" if regexp == "*" else regexp,
        "redo_param": " ".join(given.get("redo_param", "").split()),
        "time_zone": zone,
    }


def _start_read_back(start: Any) -> int | str:
    if is_timestamp(start):
        return int(start)
    fields = start.split()[1:] if start.startswith("TZ=") else start.split()
    if len(fields) < 5:
        return " ".join(fields)
    second, minute, hour, day, month, *weekday = fields
    return " ".join(
        [
            *(field.replace("?", "*") for field in (second, minute, hour)),
            day,
            month.replace("?", "*"),
            *(weekday or ["*"]),
        ]
    )
