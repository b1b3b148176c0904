"""Regular expressions take bounded memory: each, all of a namespace, and all."""

import pytest

from crontask_core.errors import ExpectError
from crontask_core.expect import compile_expect
from crontask_core.expressions import (
    EXPRESSION_BYTES,
    EXPRESSIONS,
    KEPT_BYTES,
    Expressions,
    compile_regex,
)
from crontask_core.spec import Expect
from tests.support.loop_pauses import measured_pauses
from tests.support.memory import grown_bytes

LARGE = r"[\pL\pN]{98}"
"""Takes a megabyte and 40 ms to compile if it may."""

MIB = 1024 * 1024


def test_one_that_grows_large_is_refused_with_the_field_and_the_bound() -> None:
    with pytest.raises(ExpectError) as caught:
        compile_expect(Expect(body_regex=LARGE))
    assert caught.value.field == "spec.expect.bodyRegex"
    assert f"at most {EXPRESSION_BYTES} bytes when it is compiled, got " in caught.value.message


@pytest.mark.parametrize("regex", ["(" * 4096, "\U000e0001" * 4000 + "(", LARGE * 300])
def test_a_message_repeats_little_of_it(regex: str) -> None:
    with pytest.raises(ExpectError) as caught:
        compile_expect(Expect(body_regex=regex))
    assert len(str(caught.value)) < 1100


@pytest.mark.parametrize(
    "regex",
    [
        "x" * 4096,
        r'"state": *"(ok|done)"',
        r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$",
        r"(?i)" + "status: ok " * 20,
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        r"\pL+ \pN+",
        "|".join(f"word{number}" for number in range(500)),
    ],
)
def test_what_a_person_writes_fits(regex: str) -> None:
    compile_regex(regex)


async def test_refusing_one_takes_no_time_to_speak_of() -> None:
    async with measured_pauses() as pauses:
        for number in range(5):
            with pytest.raises(ExpectError):
                compile_regex(f"{LARGE}{number}")
    # Each took 40 ms.
    assert pauses.longest < 0.1


def test_one_is_compiled_once_and_dropped_with_its_task() -> None:
    expressions = Expressions()
    first = expressions.get("a", "x+")
    assert expressions.get("a", "x+") is first
    assert expressions.bytes_of("a") > 0
    expressions.drop("a", "x+")
    expressions.drop("a", "x+")
    assert expressions.total_bytes == 0


def test_what_is_checked_is_not_kept() -> None:
    expressions = Expressions()
    expressions.check("a", "x+")
    assert expressions.total_bytes == 0
    with pytest.raises(ExpectError):
        expressions.check("a", "(")


def test_a_namespace_with_many_takes_nothing_from_one_with_few() -> None:
    expressions = Expressions(limit=MIB)
    few = [expressions.get("few", f"few{number}") for number in range(5)]
    for number in range(200):
        expressions.get("many", f"{'x' * 1000}{number}")
        assert expressions.total_bytes <= MIB
    assert [expressions.get("few", f"few{number}") for number in range(5)] == few
    assert expressions.bytes_of("many") > MIB // 2


def test_one_that_was_not_kept_still_judges() -> None:
    expect = compile_expect(Expect(body_regex="^ok$"), tenant="judged", keep=False)
    assert EXPRESSIONS.bytes_of("judged") == 0
    assert expect.judge_body(b"ok", truncated=False).error == ""
    assert expect.judge_body(b"no", truncated=False).error
    EXPRESSIONS.drop("judged", "^ok$")


def compile_some() -> None:
    """What each process does once."""
    compile_expect(Expect(body_regex="warm"), tenant="warm").judge_body(b"x", truncated=False)


def compile_many() -> None:
    """Compile and use as much as hostile tenants can."""
    for number in range(400):
        try:
            expect = compile_expect(Expect(body_regex=f"{LARGE}{number}"), tenant="hostile")
        except ExpectError:
            continue
        expect.judge_body(b"a" * 1000, truncated=False)
    for number in range(3000):
        regex = f"{'y' * 3900}{number}"
        expect = compile_expect(Expect(body_regex=regex), tenant=f"hostile-{number % 7}")
        expect.judge_body(b"y" * 100, truncated=False)


def test_thousands_of_them_take_no_more_memory_than_is_meant_for_them() -> None:
    assert grown_bytes(compile_many, warm_up=compile_some) < KEPT_BYTES + 16 * MIB
