"""Clock changes of the past, which no later edition of the time zone database moves."""

from datetime import datetime
from typing import NamedTuple

from tests.unit.schedule.oracle import utc


class Change(NamedTuple):
    """`hours` is how far the clock of `zone` moved at `at`."""

    zone: str
    at: datetime
    hours: float


CHANGES = {
    "Berlin, spring": Change("Europe/Berlin", utc("2024-03-31T01:00"), 1),
    "Berlin, autumn": Change("Europe/Berlin", utc("2024-10-27T01:00"), -1),
    "New York, spring": Change("America/New_York", utc("2024-03-10T07:00"), 1),
    "New York, autumn": Change("America/New_York", utc("2024-11-03T06:00"), -1),
    "Sydney, autumn": Change("Australia/Sydney", utc("2024-04-06T16:00"), -1),
    "Sydney, spring": Change("Australia/Sydney", utc("2024-10-05T16:00"), 1),
    "Lord Howe, half an hour back": Change("Australia/Lord_Howe", utc("2024-04-06T15:00"), -0.5),
    "Lord Howe, half an hour on": Change("Australia/Lord_Howe", utc("2024-10-05T15:30"), 0.5),
    "Dublin, negative summer time": Change("Europe/Dublin", utc("2024-10-27T01:00"), -1),
    "Santiago, no midnight": Change("America/Santiago", utc("2024-09-08T04:00"), 1),
    "Santiago, back over midnight": Change("America/Santiago", utc("2024-04-07T03:00"), -1),
    "Sao Paulo, no midnight": Change("America/Sao_Paulo", utc("2018-11-04T03:00"), 1),
    "Sao Paulo, back over midnight": Change("America/Sao_Paulo", utc("2018-02-18T02:00"), -1),
    "Cairo, no midnight": Change("Africa/Cairo", utc("2024-04-25T22:00"), 1),
    "Cairo, back over midnight": Change("Africa/Cairo", utc("2024-10-31T21:00"), -1),
    "Casablanca, Ramadan begins": Change("Africa/Casablanca", utc("2024-03-10T02:00"), -1),
    "Casablanca, Ramadan ends": Change("Africa/Casablanca", utc("2024-04-14T02:00"), 1),
    "Troll, two hours": Change("Antarctica/Troll", utc("2024-03-31T01:00"), 2),
    "Pyongyang, new rules back": Change("Asia/Pyongyang", utc("2015-08-14T15:00"), -0.5),
    "Pyongyang, new rules on": Change("Asia/Pyongyang", utc("2018-05-04T15:00"), 0.5),
    "Caracas, new rules": Change("America/Caracas", utc("2016-05-01T07:00"), 0.5),
    "Istanbul, stays in summer": Change("Europe/Istanbul", utc("2016-03-27T01:00"), 1),
    "Apia, a day left out": Change("Pacific/Apia", utc("2011-12-30T10:00"), 24),
}
