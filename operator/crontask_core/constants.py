"""constants holds names of the public contract and bounds with their reasons, for all."""

from typing import Final

GROUP: Final = "crontask.dev"
VERSION: Final = "v1"
API_VERSION: Final = f"{GROUP}/{VERSION}"
KIND: Final = "CronTask"
PLURAL: Final = "crontasks"

RUN_REQUEST_ANNOTATION: Final = f"{GROUP}/run-requested-at"
"""Any new value of this annotation asks for one run now, even of a suspended task."""

REDRIVE_ANNOTATION: Final = f"{GROUP}/redrive-requested"
"""Runs that are to be made again, each once; see `crontask_core.redrive`."""

ADD_REQUEST_ANNOTATION: Final = f"{GROUP}/add-request"
"""Which item of which request to the facade made the task; a repetition is known by it."""

MODULE_LABEL: Final = f"{GROUP}/module"
"""Mirror of ``spec.module``, so that a module's tasks can be selected by label."""

MANAGED_BY_LABEL: Final = "app.kubernetes.io/managed-by"
FACADE_MANAGER: Final = "crontask-api"
"""Value of the managed-by label on tasks which the facade created."""

MAX_ACTIVE_RUNS: Final = 10
"""Runs of one task in flight at a time, even under the Allow policy: a target that
hangs longer than the task's interval must not exhaust the operator's connections."""

MAX_CATCH_UP_RUNS: Final = 100
"""Missed runs fired by the All policy after an outage: a task of every second that
was down for an hour must not send 3,600 calls at once. The value is CronJob's own
limit of missed start times."""

MAX_UNDER_WAY: Final = 2 * MAX_ACTIVE_RUNS + MAX_CATCH_UP_RUNS
"""Most runs of a task that can be under way: by its schedule, on request, and a backlog."""

LATE_SECONDS: Final = 10.0
"""A due moment that is reached later than this counts as missed and falls under
``missedRunPolicy``. A busy owner is late by less, a paused or restarted one by more."""

STARTED_RECORD_SECONDS: Final = 1.0
"""A call that is in flight for longer gets a Started record. Most calls end earlier
and cost one status write instead of two."""

DEFAULT_HISTORY_LIMIT: Final = 10
DEFAULT_TIMEOUT_SECONDS: Final = 30
DEFAULT_STARTING_DEADLINE_SECONDS: Final = 600

RECORD_BODY_BYTES: Final = 1024
"""Bytes of a request body or response that a record keeps. Ten records of two KiB
stay far below the 1.5 MiB that etcd accepts for one object."""
