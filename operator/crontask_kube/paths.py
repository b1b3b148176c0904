"""paths builds every path to the API server, for the programs here.

There is no other way to one, which a test checks: a segment that somebody else has
chosen is a name that Kubernetes itself would accept, or there is no path.
"""

from enum import Enum
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from crontask_core.constants import API_VERSION, PLURAL
from crontask_kube.names import IllegalNameError, check_namespace, check_object_name

SUBRESOURCES: Final = frozenset({"status"})

COLLECTIONS_KEPT: Final = 1024
"""Paths of collections kept, at most 200 bytes each: every record that is written needs one."""


class Resource(Enum):
    """What the programs here ask for, each with its API version and plural."""

    CRON_TASKS = (API_VERSION, PLURAL, True)
    SECRETS = ("v1", "secrets", True)
    CONFIG_MAPS = ("v1", "configmaps", True)
    EVENTS = ("v1", "events", True)
    LEASES = ("coordination.k8s.io/v1", "leases", True)
    ENDPOINT_SLICES = ("discovery.k8s.io/v1", "endpointslices", True)
    TOKEN_REVIEWS = ("authentication.k8s.io/v1", "tokenreviews", False)
    SUBJECT_ACCESS_REVIEWS = ("authorization.k8s.io/v1", "subjectaccessreviews", False)
    OWN_ACCESS_REVIEWS = ("authorization.k8s.io/v1", "selfsubjectaccessreviews", False)
    DEFINITIONS = ("apiextensions.k8s.io/v1", "customresourcedefinitions", False)

    def __init__(self, api_version: str, plural: str, is_namespaced: bool) -> None:
        self.api_version = api_version
        self.plural = plural
        self.is_namespaced = is_namespaced

    @property
    def group_path(self) -> str:
        """Path at which the API server tells what it serves of the group."""
        return f"/{'apis' if '/' in self.api_version else 'api'}/{self.api_version}"


def resource_path(
    resource: Resource,
    namespace: str | None = None,
    name: str | None = None,
    subresource: str | None = None,
) -> str:
    """Return the path of an object, or of all objects if `name` is None, quoted.

    Raises
    ------
    IllegalNameError
        If `namespace` or `name` cannot be one in Kubernetes: if it is empty, or would
        be several segments, a query or a step upwards.
    """
    path = _collection(resource, namespace)
    if name is not None:
        path = f"{path}/{_segment(check_object_name(name, 'name'))}"
    if subresource is None:
        return path
    if subresource not in SUBRESOURCES:
        raise IllegalNameError("subresource", "one that is known", subresource)
    return f"{path}/{subresource}"


def everywhere_path(resource: Resource) -> str:
    """Return the path of all objects of a namespaced `resource`, whatever their namespace."""
    return f"{resource.group_path}/{resource.plural}"


def namespace_of(path: str) -> str | None:
    """Return the namespace of the collection at `path`; None if it is that of all of them."""
    *_, kind, namespace, _ = path.split("/")
    return namespace if kind == "namespaces" else None


@lru_cache(maxsize=COLLECTIONS_KEPT)
def _collection(resource: Resource, namespace: str | None) -> str:
    if not resource.is_namespaced:
        return everywhere_path(resource)
    checked = _segment(check_namespace(namespace or "", "namespace"))
    return f"{resource.group_path}/namespaces/{checked}/{resource.plural}"


def _segment(text: str) -> str:
    return quote(text, safe="")
