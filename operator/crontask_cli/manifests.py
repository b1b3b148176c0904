"""manifests reads CronTasks from files, folders and standard input, for ``apply`` and ``diff``."""

from pathlib import Path
from typing import Any, Final

from crontask_cli.errors import MISTAKE, CliError
from crontask_cli.files import STDIN, content_of, yaml_objects
from crontask_core.constants import API_VERSION, KIND
from crontask_kube.names import check_namespace, check_object_name

SUFFIXES: Final = (".yaml", ".yml", ".json")
"""Of the files that are read in a folder, as kubectl's."""

Manifest = dict[str, Any]


def read_manifests(paths: list[str], namespace: str, *, chosen: bool) -> list[Manifest]:
    """Return the CronTasks of `paths`, each with its namespace.

    "-" is the standard input; of a folder all files with `SUFFIXES` are read, those of its
    folders not. `chosen` says that the user chose `namespace`, so that no other may be named.

    Raises
    ------
    CliError
        If a file cannot be read, or holds something else; with the file and the place.
    """
    found = []
    for path in paths:
        for file in _files(path):
            source = "standard input" if file == STDIN else file
            for place, document in yaml_objects(source, content_of(file)):
                found.append(_checked(place, document, namespace, chosen=chosen))
    if not found:
        raise CliError(f"{', '.join(paths)}: there is no CronTask in it", MISTAKE)
    return found


def _files(path: str) -> list[str]:
    folder = Path(path)
    if path == STDIN or not folder.is_dir():
        return [path]
    try:
        return sorted(str(file) for file in folder.iterdir() if file.suffix in SUFFIXES)
    except OSError as error:
        raise CliError(f"{path}: {error.strerror}", MISTAKE) from error


def _checked(place: str, document: Any, namespace: str, *, chosen: bool) -> Manifest:
    if not isinstance(document, dict):
        raise CliError(f"{place}: expected a CronTask, got {type(document).__name__}", MISTAKE)
    kind, version = document.get("kind"), document.get("apiVersion")
    if kind != KIND or version != API_VERSION:
        found = f"{version or 'no apiVersion'} {kind or 'no kind'}"
        raise CliError(f"{place}: expected {API_VERSION} {KIND}, got {found}", MISTAKE)
    metadata = document.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if not isinstance(metadata, dict) or not isinstance(name, str):
        raise CliError(f"{place}: metadata.name: expected a name, found none", MISTAKE)
    check_object_name(name, f"{place}: metadata.name")
    own = metadata.get("namespace")
    if own is not None:
        check_namespace(str(own), f"{place}: metadata.namespace")
    if own and chosen and own != namespace:
        raise CliError(f"{place}: it is for the namespace {own!r}, not for {namespace!r}", MISTAKE)
    # What the API server keeps of an object is not for it to be told.
    kept = {key: value for key, value in metadata.items() if key not in _OBSERVED}
    target = {"namespace": own or namespace} if own or namespace else {}
    spec = {"spec": document["spec"]} if "spec" in document else {}
    return {"apiVersion": version, "kind": kind, "metadata": kept | target, **spec}


_OBSERVED: Final = (
    "creationTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
)
