"""ApiServer says where the API server is, for the check of where a call goes.

The operator may reach the API server, and its callbacks must not: whoever writes a task
would speak to it from the operator's place in the network.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from crontask_core.networks import Network

SERVICE_NAMES: Final = frozenset({"kubernetes", "kubernetes.default", "kubernetes.default.svc"})
"""Names of the API server in every cluster."""

SERVICE_PREFIX: Final = "kubernetes.default.svc."
"""Begin of its full name, which ends with the cluster's domain."""


class AddressRange(NamedTuple):
    """Addresses and their ports; None for all ports."""

    network: Network
    ports: frozenset[int] | None


@dataclass(frozen=True, slots=True)
class ApiServer:
    """Names and places of the API server; `names` are in lower case, without a last dot."""

    names: frozenset[str] = frozenset()
    places: tuple[AddressRange, ...] = ()

    @classmethod
    def of_cluster(
        cls, names: Iterable[str] = (), places: Iterable[AddressRange] = ()
    ) -> "ApiServer":
        """Return the API server with the names that it has in every cluster, and `names`."""
        return cls(SERVICE_NAMES.union(names), tuple(places))

    def is_called(self, name: str) -> bool:
        """Whether `name`, in lower case, is one of its names."""
        name = name.rstrip(".")
        return name in self.names or (bool(self.names) and name.startswith(SERVICE_PREFIX))
