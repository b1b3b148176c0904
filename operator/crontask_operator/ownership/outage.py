"""One log line when the API server goes away and one when it is back."""

import logging

logger = logging.getLogger(__name__)


class OutageLog:
    """Shared by all who talk to the API server, so that an outage is told once."""

    def __init__(self) -> None:
        self._away = False

    def failed(self, error: Exception) -> None:
        """Note a request that failed."""
        if not self._away:
            logger.warning("leases cannot be read or written, trying again: %s", error)
        self._away = True

    def worked(self) -> None:
        """Note a request that was answered."""
        if self._away:
            logger.warning("leases can be read and written again")
        self._away = False
