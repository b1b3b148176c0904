"""The programs that development needs: found, or built from pinned Go modules.

`ensure` is the whole interface. A tool's version is what its ``go.mod`` requires, its
content what ``go.sum`` says; no binary is downloaded.
"""

from dev.tools.locate import ensure
from dev.tools.modules import ToolsError

__all__ = ["ToolsError", "ensure"]
