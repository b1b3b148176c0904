"""The programs that development needs: found, or built from pinned Go modules.

`ensure` gives a program. Its version is what its ``go.mod`` requires, its
content what ``go.sum`` says; no binary is downloaded. What is written in Python and would
not stand in one environment with the project is had from `ensure_packages`.
"""

from dev.tools.locate import ensure
from dev.tools.modules import ToolsError
from dev.tools.pypi import CLIENTS, ensure_packages

__all__ = ["CLIENTS", "ToolsError", "ensure", "ensure_packages"]
