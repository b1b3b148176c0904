"""ownership decides for each replica which shards of the tasks it may fire.

A shard is owned by at most one replica at a time. The protocol and its reasons are drawn
in ``docs/design/ownership.md``.
"""

from crontask_operator.ownership.holder import Handover, ShardEvents
from crontask_operator.ownership.keeper import LeaseKeeper
from crontask_operator.ownership.settings import LeaseSettings

__all__ = ["Handover", "LeaseKeeper", "LeaseSettings", "ShardEvents"]
