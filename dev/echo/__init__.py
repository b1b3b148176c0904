"""An HTTP target that answers as its path says and remembers what it received.

==============================  =====================================================
``/ok`` and any other path      200, ``ok``
``/echo``                       200, the request's own body and content type
``/fail``                       500
``/fail-then-ok?times=2&key=k`` 500 twice for the key ``k``, then 200
``/fail-attempts?most=2``       500 to a run's first two attempts, then 200
``/slow?seconds=3``             200 after three seconds
``/status/503?retry-after=2``   that status; each query parameter becomes a header
``/big?bytes=1000``             200 and a body of that size
``/drop``                       closes the connection without an answer
``/_received``                  what arrived so far, as JSON; ``DELETE`` forgets it
==============================  =====================================================

``python -m dev.echo`` runs it as a program; `EchoServer` runs it inside a test.
"""

from dev.echo.received import Received
from dev.echo.server import EchoServer

__all__ = ["EchoServer", "Received"]
