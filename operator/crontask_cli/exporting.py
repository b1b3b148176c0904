"""exporting makes of CronTasks what people keep of them, for ``crontask export``.

::

    a CronTask ──> to_yaml   what people say in it: no status, and no bookkeeping of the server
              └──> to_list   an item of a ``task_list``, which the documented API can say

Both return what they leave out, by its path.
"""

from typing import Any, Final, NamedTuple

from crontask_cli.service.facade_view import item_of, unsaid
from crontask_core.constants import (
    ADD_REQUEST_ANNOTATION,
    REDRIVE_ANNOTATION,
    RUN_REQUEST_ANNOTATION,
)

Manifest = dict[str, Any]

_OF_THE_SERVER: Final = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
)
_KEPT: Final = ("name", "namespace", "labels", "annotations")
_PASSING: Final = (
    ADD_REQUEST_ANNOTATION,
    REDRIVE_ANNOTATION,
    RUN_REQUEST_ANNOTATION,
    "kubectl.kubernetes.io/last-applied-configuration",
)
"""Annotations that ask for something once, say who asked, or repeat the rest."""
_LABELS_OF_THE_FACADE: Final = ("app.kubernetes.io/managed-by", "crontask.dev/module")


class Exported(NamedTuple):
    """A task as it is written, and the paths of what is left out."""

    content: Manifest
    left_out: list[str]


def to_yaml(manifest: Manifest) -> Exported:
    """Return the CronTask that would make this one again."""
    metadata = manifest.get("metadata", {})
    kept = {name: metadata[name] for name in _KEPT if metadata.get(name)}
    annotations = {
        name: value for name, value in kept.pop("annotations", {}).items() if name not in _PASSING
    }
    if annotations:
        kept["annotations"] = annotations
    left_out = [f"metadata.{name}" for name in metadata if name not in (*_KEPT, *_OF_THE_SERVER)]
    content = {
        "apiVersion": manifest["apiVersion"],
        "kind": manifest["kind"],
        "metadata": kept,
        "spec": manifest.get("spec", {}),
    }
    return Exported(content, left_out)


def to_list(manifest: Manifest) -> Exported:
    """Return the item of a ``task_list`` that adds this task."""
    metadata = manifest.get("metadata", {})
    left_out = unsaid(manifest)
    item = item_of(manifest)
    if isinstance(item["start_time"], float) and item["start_time"].is_integer():
        item["start_time"] = int(item["start_time"])
    if metadata["name"].isdecimal():
        item = {"task_id": metadata["name"], **item}
    elif item["name"] != metadata["name"]:
        left_out.append("metadata.name")
    labels = [each for each in metadata.get("labels", {}) if each not in _LABELS_OF_THE_FACADE]
    left_out += [f"metadata.labels.{name}" for name in labels]
    written = to_yaml(manifest)
    left_out += [
        f"metadata.annotations.{name}"
        for name in written.content["metadata"].get("annotations", {})
    ]
    return Exported(item, left_out + written.left_out)
