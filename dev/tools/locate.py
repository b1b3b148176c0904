"""Where a tool is: in ``KUBEBUILDER_ASSETS``, in the cache, or built into it now."""

import os
from pathlib import Path

from dev.guarded import make_folder, remove_folder
from dev.tools.build import build
from dev.tools.cache import cache_folder, exclusive
from dev.tools.modules import GoModule, ToolsError, module_of
from dev.tools.progress import say

ASSETS = frozenset({"etcd", "kube-apiserver", "kubectl"})
"""What every ``KUBEBUILDER_ASSETS`` holds; other programs may be there too."""


def ensure(program: str) -> Path:
    """Return the path of `program`, built first if no copy of its version exists.

    ``KUBEBUILDER_ASSETS``, the folder in which the field's test tools look for etcd,
    kube-apiserver and kubectl, goes before everything else. A program that it need not
    hold is taken from it if it is there.

    Raises
    ------
    ToolsError
        If that folder lacks a program it should hold, or if the build fails.
    """
    module = module_of(program)
    if assets := os.environ.get("KUBEBUILDER_ASSETS"):
        path = Path(assets) / program
        if path.exists():
            return path
        if program in ASSETS:
            raise ToolsError(
                f"KUBEBUILDER_ASSETS: expected {program} in {assets}, found none; "
                "unset it to build the pinned version"
            )
    folder = cache_folder() / "tools" / module.key
    # A folder is renamed into place once all its programs are built, so one that
    # exists is complete.
    if not folder.exists():
        with exclusive(folder, lambda: say(f"{module.name}: another process builds it; waiting")):
            if not folder.exists():
                _build_into(module, folder)
    return folder / program


def _build_into(module: GoModule, folder: Path) -> None:
    unfinished = make_folder(f"{folder.name}.", parent=folder.parent)
    try:
        build(module, unfinished)
        unfinished.rename(folder)
    finally:
        remove_folder(unfinished)
