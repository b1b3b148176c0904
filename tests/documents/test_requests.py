"""The requests of docs/api.md, sent by curl as they stand there, are answered as it says."""

import json
from pathlib import Path
from typing import Any

from dev.control_plane import ControlPlane
from tests.documents.playing import asked_of, run
from tests.facade.kept import keep
from tests.support.documents import ROOT, Block, all_blocks_of
from tests.support.programs import run_facade

PAGE = ROOT / "docs" / "api.md"


def pairs() -> list[tuple[Block, dict[str, Any]]]:
    """Return each request of the page with the answer below it."""
    blocks = all_blocks_of(PAGE)
    requests, answers = blocks[::2], blocks[1::2]
    assert {(block.kind, block.reason) for block in requests} == {("sh", "")}
    assert {block.kind for block in answers} == {"json"}
    assert len(requests) == len(answers)
    return [
        (request, json.loads(answer.text))
        for request, answer in zip(requests, answers, strict=True)
    ]


def test_every_request_is_answered(
    control_plane: ControlPlane,
    namespace: str,
    shell: dict[str, str],
    checkout: Path,
    tmp_path: Path,
) -> None:
    history = f"sqlite:///{tmp_path / 'runs.db'}"
    keep(history, [])
    settings = {"CRONTASK_API_HISTORY_URL": history}
    with run_facade(control_plane, namespace, settings=settings) as facade:
        for request, documented in pairs():
            quiet = request._replace(text=request.text.replace("curl ", "curl -s ", 1))
            answer = json.loads(run(asked_of(quiet, facade.url), checkout, shell))
            where = f"{request.page}:{request.line}"
            assert (answer["state"], answer["msg"]) == (0, ""), where
            assert answer["data"].keys() == documented["data"].keys(), where
