"""burst holds for the engine the figures of a burst of calls, with what was measured of them.

Measured with 1,000 to 5,000 calls due at one instant; see docs/performance.md:

======================================  ==================================================
2,000 targets hang, 500 others answer   the others are held up for 0.87 s (p99) with slots
                                        of 30 ms, 1.20 s with 50 ms; 16 s with a second
128 calls that hang hold up the next    30 ms, and 10 ms when the second look at an idle
                                        thread with all slots taken ends their slots
slots of 30 ms on a busy thread         half as many connections again, for 128 new ones
                                        take longer than that to set up
ends reported before calls are sent     a fifth of the work on a call comes before the last
                                        is sent; of 5,000 most with a bound of 100 ms
======================================  ==================================================
"""

from typing import Final

SLOT_SECONDS: Final = 0.03
"""A call without an answer for so long waits for its target, and gives its slot back.
Several times what a call takes from a full set of slots to a target that answers."""

BUSY_SLOT_SECONDS: Final = 0.1
"""The same while this thread is busy: then it is more likely we who keep a call waiting.
A turn of the event loop takes 20 ms in a burst, and a new connection takes a few."""

BUSY_SHARE: Final = 0.5
"""Of a core, from which on this thread is busy: in a burst it is near 1, and near 0 while
all calls hang."""

STALL_SECONDS: Final = 0.005
"""Between two looks at the slots, at least; while all are taken, at most. If no call began
between two looks and this thread was idle, all of them wait for their targets."""

REPORT_SECONDS: Final = 0.5
"""An end is reported after this time at the latest, while due calls wait to be started."""

HOLD_SECONDS: Final = 2.0
"""Records wait no longer than this while due calls wait to be started: under a load that
never ends, firing has to share."""

SLICE: Final = 64
"""Due tasks looked at, or ends reported, before the event loop may send what they started.
With thousands due at one instant, the first call must not wait for the bookkeeping of the
last."""

GATHERED: Final = 1024
"""Due tasks that are found at a time, at most: a slice at first, then twice as many each
time. To find one costs a hundredth of a look, but the first call waits for it."""
