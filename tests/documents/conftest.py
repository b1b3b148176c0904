"""The cluster and the checkout in which the documents are played."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from dev.control_plane import ControlPlane
from tests.documents.playing import shell_of
from tests.support.cli import plain_user
from tests.support.documents import ROOT


@pytest.fixture(scope="session")
def kube(control_plane: ControlPlane) -> Iterator[httpx.Client]:
    """An administrator's client of the API server."""
    with control_plane.client() as client:
        yield client


@pytest.fixture
def shell(
    control_plane: ControlPlane, kube: httpx.Client, namespace: str, tmp_path: Path
) -> dict[str, str]:
    """The environment of a user who may write the tasks of a namespace, as most may."""
    return shell_of(plain_user(control_plane, kube, namespace), namespace, tmp_path)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with what the pages name of the checkout, and nothing that they write."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in ("docs", "examples", "crds", "helm", "integrations"):
        (folder / name).symlink_to(ROOT / name)
    return folder
