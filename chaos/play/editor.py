"""editor does to the tasks what a plan says, and keeps when the API server acknowledged it."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from http import HTTPStatus
from threading import Event
from typing import Any, Final

import httpx

from chaos.history import History, Life, Span, State
from chaos.play.manifests import TIMEOUT_SECONDS, schedule_of, spec_of
from chaos.profiles import Profile
from chaos.script import Behaviour, Edit, TaskPlan, Verb
from crontask_core.constants import GROUP, PLURAL, RUN_REQUEST_ANNOTATION, VERSION
from tests.support.crontasks import manifest

EDITORS: Final = 8
"""Tasks created at a time before the story begins, and suspended after it."""

AGAIN_SECONDS: Final = 0.3
"""Between two tries while the API server is away."""

REQUEST_SECONDS: Final = 15.0
"""Longer than a busy API server takes, and not much longer than a frozen one does."""

PATIENCE_SECONDS: Final = 120.0
"""Longer than any outage of a story."""

_MERGE: Final = {"Content-Type": "application/merge-patch+json"}


class Editor:
    """The administrator, who tries again until the API server has answered."""

    def __init__(
        self,
        client: httpx.Client,
        namespace: str,
        history: History,
        profile: Profile,
        *,
        tasks: Iterable[TaskPlan],
        target: str,
        stop: Event,
    ) -> None:
        self._client = client
        self._path = f"/apis/{GROUP}/{VERSION}/namespaces/{namespace}/{PLURAL}"
        self._history = history
        self._profile = profile
        self._plans = {task.name: task for task in tasks}
        self._target = target
        self._stop = stop
        self._number = 0
        self._began = time.time()

    def create_all(self) -> None:
        """Create every task, and begin to count the story's time."""
        self._began = time.time()
        with ThreadPoolExecutor(EDITORS) as pool:
            list(pool.map(self.create, self._plans))

    def create(self, name: str) -> None:
        """Create a task anew."""
        plan = self._plans[name]
        once = int(self._began) + plan.period if plan.behaviour is Behaviour.ONCE else None
        body = manifest(spec_of(plan, self._profile, self._target, once), name)

        def post() -> httpx.Response:
            answer = self._client.post(self._path, json=body, timeout=REQUEST_SECONDS)
            if answer.status_code == HTTPStatus.CONFLICT:
                # The try before was carried out, and its answer lost.
                return self._client.get(f"{self._path}/{name}", timeout=REQUEST_SECONDS)
            return answer

        created, span = self._insist(post)
        metadata = created["metadata"]
        self._history.born(
            Life(
                plan=plan,
                uid=metadata["uid"],
                created=int(datetime.fromisoformat(metadata["creationTimestamp"]).timestamp()),
                states=[State(span, plan.period)],
                once=once,
            )
        )

    def carry_out(self, edit: Edit) -> None:
        """Do one edit; one of a task that is not there (any more) is left out."""
        with self._history.editing:
            life = self._history.current(edit.task)
            if edit.verb is Verb.CREATE:
                if life is None:
                    self.create(edit.task)
            elif life is not None:
                self._change(life, edit)

    def suspend_all(self) -> None:
        """End the story: nothing is due any more."""
        with self._history.editing, ThreadPoolExecutor(EDITORS) as pool:
            edits = [
                (life, Edit(0, Verb.SUSPEND, life.plan.name)) for life in self._history.alive()
            ]
            list(pool.map(lambda edit: self._change(*edit), edits))

    def _change(self, life: Life, edit: Edit) -> None:
        name = life.plan.name
        match edit.verb:
            case Verb.DELETE:
                self._history.died(name, self._delete(name))
            case Verb.SUSPEND | Verb.RESUME:
                suspended = edit.verb is Verb.SUSPEND
                life.change(
                    self._merge(name, {"spec": {"suspend": suspended}}), suspended=suspended
                )
            case Verb.RESCHEDULE:
                span = self._merge(name, {"spec": {"schedule": schedule_of(edit.value)}})
                life.change(span, period=edit.value)
            case Verb.TOUCH:
                self._number += 1
                self._merge(name, {"spec": {"timeoutSeconds": TIMEOUT_SECONDS + self._number}})
            case Verb.RUN_NOW:
                self._number += 1
                value = f"request-{self._number}"
                # Known before it is sent: the call may be faster than the answer.
                life.requests[value] = Span(time.time(), float("inf"))
                annotations = {RUN_REQUEST_ANNOTATION: value}
                life.requests[value] = self._merge(name, {"metadata": {"annotations": annotations}})
            case Verb.CREATE:
                pass

    def _merge(self, name: str, patch: dict[str, Any]) -> Span:
        url = f"{self._path}/{name}"
        _, span = self._insist(
            lambda: self._client.patch(url, json=patch, headers=_MERGE, timeout=REQUEST_SECONDS)
        )
        return span

    def _delete(self, name: str) -> Span:
        url = f"{self._path}/{name}"
        _, span = self._insist(
            lambda: self._client.delete(url, timeout=REQUEST_SECONDS), gone_is_done=True
        )
        return span

    def _insist(
        self, ask: Callable[[], httpx.Response], *, gone_is_done: bool = False
    ) -> tuple[dict[str, Any], Span]:
        """Ask until there is an answer that is no error; return it, and when that was."""
        sent = time.time()
        while True:
            try:
                answer = ask()
            except httpx.TransportError as error:
                told = repr(error)
            else:
                if answer.is_success:
                    found = answer.json()
                    version = int(found["metadata"].get("resourceVersion", 0))
                    return found, Span(sent, time.time(), version)
                if gone_is_done and answer.status_code == HTTPStatus.NOT_FOUND:
                    return {}, Span(sent, time.time())
                if answer.status_code in (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.BAD_REQUEST):
                    answer.raise_for_status()
                told = f"HTTP {answer.status_code} {answer.text[:200]}"
            if self._stop.wait(AGAIN_SECONDS) or time.time() > sent + PATIENCE_SECONDS:
                raise RuntimeError(f"expected the API server to carry out an edit, got {told}")
