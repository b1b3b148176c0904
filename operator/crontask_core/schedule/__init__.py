"""schedule tells when a task fires, for all programs; it is pure, with no clock inside."""

from crontask_core.schedule.base import HORIZON, Schedule
from crontask_core.schedule.compile import compile_schedule, compile_spec
from crontask_core.schedule.preview import preview

__all__ = ["HORIZON", "Schedule", "compile_schedule", "compile_spec", "preview"]
