"""Who runs what: shards of tasks, each owned by at most one replica at a time.

The protocol and its reasons are drawn in ``docs/design/ownership.md``.
"""

from crontask_operator.ownership.base import Handover, Ownership
from crontask_operator.ownership.settings import LeaseSettings
from crontask_operator.ownership.shard_leases import ShardLeases

__all__ = ["Handover", "LeaseSettings", "Ownership", "ShardLeases"]
