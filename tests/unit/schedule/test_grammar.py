"""What each form of a field matches."""

import pytest

from crontask_core.schedule.cron_parser import DESCRIPTORS, parse_cron
from crontask_core.schedule.field_parser import FieldParser
from crontask_core.schedule.fields import (
    DAY_OF_MONTH,
    DAY_OF_WEEK,
    HOUR,
    MINUTE,
    MONTH,
    SECOND,
    Field,
)

FORMS = [
    (MINUTE, "*", range(60)),
    (MINUTE, "7", [7]),
    (MINUTE, "07", [7]),
    (MINUTE, "5,1,5,3", [1, 3, 5]),
    (MINUTE, "10-13", range(10, 14)),
    (MINUTE, "10-10", [10]),
    (MINUTE, "*/20", [0, 20, 40]),
    (MINUTE, "*/60", [0]),
    (MINUTE, "50/4", [50, 54, 58]),
    (MINUTE, "59/15", [59]),
    (MINUTE, "10-20/5", [10, 15, 20]),
    (MINUTE, "10-20/30", [10]),
    (MINUTE, "58-1", [0, 1, 58, 59]),
    (MINUTE, "1,10-12,*/30", [0, 1, 10, 11, 12, 30]),
    (HOUR, "22-2", [0, 1, 2, 22, 23]),
    (HOUR, "22-3/2", [0, 2, 22]),
    (SECOND, "*/15", [0, 15, 30, 45]),
    (DAY_OF_MONTH, "?", range(1, 32)),
    (DAY_OF_MONTH, "*/10", [1, 11, 21, 31]),
    (DAY_OF_MONTH, "30-2", [1, 2, 30, 31]),
    (MONTH, "JAN", [1]),
    (MONTH, "jan,Jun,DEC", [1, 6, 12]),
    (MONTH, "NOV-FEB", [1, 2, 11, 12]),
    (MONTH, "feb/4", [2, 6, 10]),
    (MONTH, "3-MAY", [3, 4, 5]),
    (DAY_OF_WEEK, "?", range(7)),
    (DAY_OF_WEEK, "0", [0]),
    (DAY_OF_WEEK, "7", [0]),
    (DAY_OF_WEEK, "sun", [0]),
    (DAY_OF_WEEK, "mon-FRI", range(1, 6)),
    (DAY_OF_WEEK, "FRI-MON", [0, 1, 5, 6]),
    (DAY_OF_WEEK, "FRI-MON/2", [0, 5]),
    (DAY_OF_WEEK, "5-7", [0, 5, 6]),
    (DAY_OF_WEEK, "7-2", [0, 1, 2]),
    (DAY_OF_WEEK, "0-7", range(7)),
    (DAY_OF_WEEK, "0-7/3", [0, 3, 6]),
    (DAY_OF_WEEK, "1-7", range(7)),
    (DAY_OF_WEEK, "7-7", [0]),
    (DAY_OF_WEEK, "5/1", [5, 6]),
    (DAY_OF_WEEK, "SUN-SAT", range(7)),
]


@pytest.mark.parametrize(
    ("field", "text", "values"), FORMS, ids=[f"{field.name} {text}" for field, text, _ in FORMS]
)
def test_a_field_matches(field: Field, text: str, values: list[int]) -> None:
    assert FieldParser(field, 1, seed="").parse(text).values == tuple(values)


def test_five_fields_begin_at_the_minute_and_fire_at_second_zero() -> None:
    fields = parse_cron("1 2 3 4 *", seed="")

    assert (fields.second, fields.minute, fields.hour) == ((0,), (1,), (2,))
    assert (fields.day_of_month, fields.month, fields.day_of_week) == ((3,), (4,), tuple(range(7)))


def test_six_fields_begin_at_the_second() -> None:
    fields = parse_cron("0 1 2 3 4 5", seed="")

    assert (fields.second, fields.minute, fields.hour) == ((0,), (1,), (2,))
    assert (fields.day_of_month, fields.month, fields.day_of_week) == ((3,), (4,), (5,))


def test_blanks_of_any_kind_and_number_part_fields() -> None:
    assert parse_cron("  1\t2  3 4 5\n", seed="") == parse_cron("1 2 3 4 5", seed="")


@pytest.mark.parametrize(("descriptor", "expression"), DESCRIPTORS.items(), ids=DESCRIPTORS)
def test_a_descriptor_stands_for_an_expression(descriptor: str, expression: str) -> None:
    expected = parse_cron(expression, seed="")

    assert parse_cron(descriptor, seed="") == expected
    assert parse_cron(f" {descriptor.upper()} ", seed="") == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("0 0 * * MON-SUN", "@daily", id="all weekdays, listed or starred"),
        pytest.param("0 0 * * 1-5", "0 0 ? * MON,TUE,WED,THU,FRI", id="names and numbers"),
        pytest.param("*/30 * * * *", "0 0,30 0-23 * * ?", id="five and six fields"),
        pytest.param("0 0 1-31 * MON", "@daily", id="either day field, and one lets all pass"),
    ],
)
def test_expressions_that_mean_the_same_have_one_normal_form(one: str, other: str) -> None:
    assert parse_cron(one, seed="").normalised == parse_cron(other, seed="").normalised
