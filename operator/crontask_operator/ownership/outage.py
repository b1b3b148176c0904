"""outage says how long a replica fires on while the API server is away, for its holders.

A lease runs out because others may take it. From an API server that is away nobody takes
anything, and a replica that was alone has nobody who would make its runs instead. So each
request that shows the API server to be away carries the replica a little further, up to a
bound that counts from the last renewal::

    renewed       fails    fails    fails              the bound
    --|-------------|--------|--------|---  ...  ----------|
      |--- valid by the lease ---|
                    |------ spare ------|
                             |------ spare ------|  ...    |

One step is shorter than the time for which a replica that starts waits for the lease. So a
process that is stopped or paused meanwhile finds itself no owner when it wakes, as it does
while the API server is there; and so does one that sees another replica.
"""

from crontask_operator.ownership.settings import LeaseSettings
from crontask_operator.ownership.store import OutageLog
from crontask_operator.ownership.view import LeaseView


class OutageRule:
    """How far beyond its lease the replica `identity` may go, by what is known."""

    def __init__(
        self, identity: str, view: LeaseView, outage: OutageLog, settings: LeaseSettings
    ) -> None:
        self._identity = identity
        self._view = view
        self._outage = outage
        self._settings = settings
        self._seconds = 0.0

    @property
    def reach(self) -> float:
        """How far the last request carries; -inf if it was answered."""
        return self._outage.away_at + self._settings.spare_seconds

    def look(self) -> None:
        """Take note of whether others are there, for all shards at once."""
        alone = self._view.is_alone(self._identity)
        settings = self._settings
        self._seconds = settings.outage_seconds if alone else settings.shared_outage_seconds

    def bound(self, renewed_at: float) -> float:
        """Return the moment at which an outage ends what was renewed at `renewed_at`."""
        return renewed_at + self._seconds
