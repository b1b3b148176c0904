"""ENDLESS marks answers that would go on when the facade is to stop, for its connections."""

from typing import Final

ENDLESS: Final = "crontask_api.endless"
"""Key under which the ASGI scope says so."""
