"""The pages for an administrator, block by block, with the chart's release on a real API server.

The control plane has no nodes, so no pod of the release runs. What a page asks of the facade,
one answers that has a history.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from dev.control_plane import ControlPlane
from tests.documents.playing import FACADE, asked_of, run, shell_of
from tests.facade.kept import keep
from tests.support.documents import OUTSIDE, RELEASES, ROOT, blocks_of
from tests.support.programs import run_facade, run_operator

INSTALLING = (*OUTSIDE, "docs/install.md")
"""Pages that begin without a release."""
FOREIGN = ROOT / "tests" / "chart" / "foreign_crds.yaml"
BEFORE = {
    "docs/gitops.md": "kubectl create namespace argocd\n"
    "kubectl create configmap argocd-cm --namespace argocd\n",
    "docs/how-to/monitoring.md": f"kubectl apply -f {FOREIGN}\n"
    f"kubectl wait -f {FOREIGN} --for=condition=Established --timeout=60s\n",
}
"""What is there before a page is read, as it is not the page's business."""
INSTALL = "helm install crontask helm/crontask --namespace crontask --create-namespace"


@pytest.fixture
def plane() -> Iterator[ControlPlane]:
    """A control plane of the test's own, without CronTasks: the chart is to bring them."""
    with ControlPlane() as running:
        yield running


@pytest.mark.parametrize("name", RELEASES)
def test_the_blocks_of_a_page(
    name: str, plane: ControlPlane, checkout: Path, tmp_path: Path
) -> None:
    shell = shell_of(plane.kubeconfig, "default", tmp_path)
    blocks = [block for block in blocks_of(ROOT / name) if not block.reason]
    # The README shows a task before it tells how to install what runs it.
    blocks.sort(key=lambda block: name == "README.md" and block.kind == "yaml")
    script = BEFORE.get(name, "") + ("" if name in INSTALLING else INSTALL)
    if script:
        run(blocks[0]._replace(kind="sh", text=script), checkout, shell)
    with ExitStack() as running:
        url = ""
        if any(FACADE in block.text for block in blocks):
            settings = {"CRONTASK_API_HISTORY_URL": f"sqlite:///{tmp_path / 'runs.db'}"}
            keep(settings["CRONTASK_API_HISTORY_URL"], [])
            url = running.enter_context(run_facade(plane, "default", settings=settings)).url
        if any("kubectl wait crontask" in block.text for block in blocks):
            running.enter_context(run_operator(plane, "default"))
        for block in blocks:
            printed = run(asked_of(block, url), checkout, shell)
            if FACADE in block.text:
                assert printed.count('"state":0,') == block.text.count("curl "), printed
