"""The pages, one module each: what is asked of the other rooms, what the template gets.

A page is added by adding a module here with a `router`, and a template of its name.
"""

from importlib import import_module
from pkgutil import iter_modules

from starlette.routing import BaseRoute


def all_pages() -> list[BaseRoute]:
    """Return the routes of all modules here."""
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    return [route for module in modules for route in module.router.routes]
