"""judging says of a draft what is wrong with it, before anybody runs it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from crontask_api.console.form.build import Built, build
from crontask_api.console.form.complaints import Complaints, of_spec
from crontask_api.console.form.credentials import Need, lacking, needs
from crontask_api.console.form.draft import KEPT, Draft
from crontask_api.console.form.fields import FIELDS
from crontask_api.console.frame.visit import Visit
from crontask_api.console.words.language import Language
from crontask_api.kube.objects import CronTask
from crontask_core.errors import SpecError
from crontask_core.expect import compile_expect
from crontask_core.schedule import compile_spec
from crontask_core.spec import parse_spec


@dataclass(frozen=True, slots=True)
class Origin:
    """The task that a form began from. Without one it is a new task.

    `shows_headers` is whether the visitor may read the values of its headers.
    """

    task: CronTask | None
    shows_headers: bool

    @property
    def spec(self) -> dict[str, Any]:
        """Its spec, empty for a new task."""
        return {} if self.task is None else self.task.spec

    @property
    def labels(self) -> dict[str, str]:
        """Its labels."""
        return {} if self.task is None else self.task.metadata.labels


async def judge(
    visit: Visit, namespace: str, draft: Draft, origin: Origin
) -> tuple[Built, Complaints]:
    """Return what `draft` stands for, and what is wrong that the API server does not know.

    Raises
    ------
    ApiError
        If it had to be asked for rights, and is away.
    """
    built = build(draft, origin.spec, origin.labels, shows_headers=origin.shows_headers)
    language = visit.language
    complaints: Complaints = {
        name: [language.text(f"form.{error.key}", found=error.found)]
        for name, error in built.wrong.items()
    }
    for need in await lacking(visit, namespace, needs(origin.spec, built.spec, _kept(draft))):
        complaints.setdefault(need.field, []).append(_told(need, language))
    return built, complaints


def judge_as_operator(spec: dict[str, Any], now: float, seed: str) -> Complaints:
    """Return what the operator would say, in its condition Accepted."""
    try:
        typed = parse_spec(spec)
        compile_spec(typed, seed=seed, anchor=datetime.fromtimestamp(now, UTC))
        compile_expect(typed.expect, keep=False)
    except SpecError as error:
        return of_spec(error)
    return {}


def _kept(draft: Draft) -> set[str]:
    rows = (row for name in FIELDS for row in draft.rows(name))
    return {row.name for row in rows if row.source == KEPT}


def _told(need: Need, language: Language) -> str:
    if need.header:
        return language.text("form.needs.header", name=need.header)
    return language.text("form.needs.secret", name=need.secret)
