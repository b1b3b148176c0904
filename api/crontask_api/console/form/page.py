"""form_page answers with the form for a task, for the pages that make, change and copy tasks."""

import re
import secrets
from dataclasses import dataclass, field
from typing import Final

from fastapi.responses import HTMLResponse

from crontask_api.auth.authenticator import Verb
from crontask_api.console.form.complaints import Complaints
from crontask_api.console.form.conflict import Difference
from crontask_api.console.form.draft import Draft, first_text
from crontask_api.console.form.fields import FIELDS, NAMESPACE
from crontask_api.console.form.preview import preview_of
from crontask_api.console.form.shown import shown_differences, shown_form, told_complaints
from crontask_api.console.form.trial import Trial
from crontask_api.console.frame.page import page
from crontask_api.console.frame.rights import allowed
from crontask_api.console.frame.visit import Visit
from crontask_api.web.namespaces import ANY

MOST_NAMESPACES: Final = 200
"""Namespaces that are offered; a form may name any."""

MORE: Final = "more."
"""Begins the action of the button that asks for more rows of a field."""

TRY: Final = "try"
"""The action of the button for a test call."""

INVALID: Final = 422

_TOKEN: Final = re.compile(r"[\w-]{16,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Form:
    """A form to show.

    Parameters
    ----------
    title
        What it is for.
    address
        Where it goes.
    back
        Where somebody goes who gives it up: to the task `about`, if it is about one.
    hidden
        What it carries besides its fields.
    is_new
        Whether it makes a task, and not changes one.
    uid
        Of the task, for what its schedule hashes.
    notice
        What went well.
    is_unsaved
        Whether it has what is nowhere else.
    offers_trial
        Whether the visitor may make a test call.
    trial
        What came of one.
    """

    title: str
    address: str
    back: str
    draft: Draft
    hidden: dict[str, str]
    is_new: bool
    about: str = ""
    uid: str = ""
    complaints: Complaints = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    notice: str = ""
    is_unsaved: bool = False
    more: str = ""
    offers_trial: bool = True
    trial: Trial | None = None


async def form_page(visit: Visit, form: Form) -> HTMLResponse:
    """Return the page with the form.

    Raises
    ------
    ApiError
        If the API server had to be asked for rights, and is away.
    """
    language = visit.language
    trial = form.trial
    complaints = form.complaints if trial is None else trial.complaints
    told = told_complaints(complaints, language, is_new=form.is_new)
    return page(
        visit,
        "form",
        # What is asked for a part of the page alone is no mistake of the form.
        status=INVALID if trial is None and (told or form.differences) else 200,
        section="tasks",
        title=form.title,
        address=form.address,
        back=form.back,
        about=form.about,
        hidden=form.hidden.items(),
        is_new=form.is_new,
        sections=shown_form(form.draft, language, complaints, is_new=form.is_new, more=form.more),
        told=told if trial is None else [],
        trial=trial,
        trial_told=[] if trial is None else told,
        offers_trial=form.offers_trial,
        differences=shown_differences(form.differences, language),
        preview=preview_of(form.draft, language, visit.console.now(), uid=form.uid),
        uid=form.uid,
        notice=form.notice,
        guarded="unsaved" if form.is_unsaved else "saved",
        spaces=await creatable(visit) if form.is_new else [],
        more_prefix=MORE,
    )


def empty_draft(visit: Visit, namespace: str) -> Draft:
    """Return what a form for a new task begins with."""
    texts = {name: first_text(each) for name, each in FIELDS.items()}
    texts |= {NAMESPACE: namespace, "timeZone": visit.console.settings.time_zone}
    return Draft(texts)


async def creatable(visit: Visit) -> list[str]:
    """Return the namespaces that are known here and in which the visitor may create tasks.

    Raises
    ------
    ApiError
        If the API server had to be asked for that, and is away.
    """
    settings = visit.console.settings
    served = {settings.namespace, *settings.allowed_namespaces}
    if ANY in served:
        served |= {row.namespace for row in visit.console.board.rows.values()}
    names = sorted(served - {ANY})[:MOST_NAMESPACES]
    return sorted(await allowed(visit, Verb.CREATE, names))


def form_token(sent: str = "") -> str:
    """Return what tells one form from all others, as it was `sent` if it was."""
    return sent if _TOKEN.fullmatch(sent) else secrets.token_urlsafe(16)


def more_rows(action: str) -> str:
    """Return the field of which an action asks for more rows, if it does."""
    name = action.removeprefix(MORE)
    return name if action.startswith(MORE) and name in FIELDS else ""
