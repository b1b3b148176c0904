"""formats names the formats, and imports the module that reads one."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from importlib import import_module

from crontask_cli.importing.found import Found, Hints

Reader = Callable[[str, bytes, Hints], Iterator[Found]]


class Source(StrEnum):
    """What a file was written by."""

    CRONTAB = "crontab"
    CRONJOB = "cronjob"
    DKRON = "dkron"
    GCP = "gcp"
    EVENTBRIDGE = "eventbridge"
    XXL_JOB = "xxl-job"
    GO_CRONTAB = "go-crontab"
    KNATIVE = "knative"


def reader(source: Source) -> Reader:
    """Return what reads files of `source`."""
    module = import_module(f"crontask_cli.importing.{source.value.replace('-', '_')}")
    found: Reader = module.read
    return found
