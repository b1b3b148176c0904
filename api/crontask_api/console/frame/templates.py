"""Templates makes pages of what modules of `pages` have worked out.

Every value is escaped, and shown with its invisible characters; a template can switch
neither off. There is no logic in a template but "if there is any" and "for each".
"""

from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from crontask_api.console.frame.assets import Assets
from crontask_api.console.words.language import exact, machine
from crontask_api.console.words.visible import one_line, visible

_MAKE_MARKUP: Final = ("forceescape", "safe", "tojson", "urlize", "xmlattr")
"""Filters that would let a value, or what is around it, be markup."""


class Templates:
    """The templates of the package."""

    def __init__(self, assets: Assets) -> None:
        self._environment = Environment(
            loader=PackageLoader("crontask_api.console"),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=_shown,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        for name in _MAKE_MARKUP:
            del self._environment.filters[name]
        self._environment.filters["line"] = one_line
        self._environment.globals.update(asset=assets.path, exact=exact, machine=machine)

    def render(self, name: str, values: dict[str, Any]) -> str:
        """Return the page or the part of one that the template `name` makes of `values`."""
        return self._environment.get_template(f"{name}.html").render(values)


def _shown(value: object) -> object:
    # What a macro made is markup already, and its values have been here.
    if isinstance(value, Markup):
        return value
    return visible(value) if isinstance(value, str) else value
