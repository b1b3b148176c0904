"""numbers tells what the numbers in answers mean, for each page that lists them."""

from typing import Final

STATES: Final = {
    "0": "the request was read; each item says for itself how it went",
    "1": "the request cannot be used; `msg` says why",
    "-1": "nothing of the request could be done, because of the cluster; try again",
}
CODES: Final = {
    "0": "done",
    "1": "a field without a number of its own is missing or wrong",
    "2": "`type`",
    "3": "`start_time`",
    "4": "`url` or `method`",
    "5": "neither `task_id` nor `name` leads to a task",
    "6": "the name exists",
    "-1": "the cluster refused or did not answer; the same item may succeed later",
}
