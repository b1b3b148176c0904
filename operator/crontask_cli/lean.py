"""lean reads the values of options without pydantic, for commands that end soon.

typer has pydantic read every value, even of a plain text, and importing that takes half as
long as listing a thousand tasks. Texts, numbers and words of an enumeration need none of
it. What is anything else is left to typer.
"""

from collections.abc import Sequence
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin

import typer
from typer.core import TyperCommand, TyperGroup

_UNIONS: Final = (Union, UnionType)


class _Lean:
    """Reads the value of one parameter, of type `kind`, a list of them if `is_list`."""

    def __init__(self, kind: type, *, is_list: bool, low: float | None) -> None:
        self._kind = kind
        self._is_list = is_list
        self._low = low

    def coerce(self, value: Any, param: Any, ctx: typer.Context) -> Any:
        """Return what `value` means; None if it was not given."""
        if value is None:
            return () if self._is_list else None
        if self._is_list:
            return tuple(self._one(each) for each in value)
        return self._one(value)

    def itself(self) -> "_Lean":
        """Return this, as typer asks its parameters for what reads them."""
        return self

    def _one(self, value: Any) -> Any:
        if isinstance(value, self._kind):
            return value
        if issubclass(self._kind, Enum):
            for word in self._kind:
                if str(word.value).lower() == str(value).lower():
                    return word
            words = ", ".join(str(word.value) for word in self._kind)
            raise typer.BadParameter(f"found {value!r}, expected one of {words}")
        text = str(value)
        digits = text.removeprefix("-")
        number = int(text) if digits.isascii() and digits.isdecimal() else None
        if number is None or (self._low is not None and number < self._low):
            least = "" if self._low is None else f" from {self._low:g} on"
            raise typer.BadParameter(f"found {value!r}, expected a whole number{least}")
        return number


class LeanCommand(TyperCommand):
    """A command whose options are lean."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        make_lean(self.params)

    def get_help_option(self, ctx: Any) -> Any:
        """Return --help."""
        return _lean_help(super().get_help_option(ctx))


class LeanGroup(TyperGroup):
    """A group of commands whose own options are lean."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        make_lean(self.params)

    def get_help_option(self, ctx: Any) -> Any:
        """Return --help."""
        return _lean_help(super().get_help_option(ctx))


def make_lean(parameters: Sequence[Any]) -> None:
    """Have the values of `parameters` read without pydantic, as far as that is possible."""
    for parameter in parameters:
        descriptor = getattr(parameter, "type_descriptor", None)
        info = getattr(descriptor, "parameter_info", None)
        kind, is_list = _kind(getattr(descriptor, "annotation", None))
        is_plain = kind in (str, int, bool) or (isinstance(kind, type) and issubclass(kind, Enum))
        if is_plain and getattr(info, "parser", None) is None:
            low = getattr(info, "min", None)
            parameter.get_runtime_param = _Lean(kind, is_list=is_list, low=low).itself


def _lean_help(option: Any) -> Any:
    make_lean([] if option is None else [option])
    return option


def _kind(annotation: Any) -> tuple[Any, bool]:
    """Return the type of one value, and whether there may be several."""
    if get_origin(annotation) in _UNIONS:
        members = [each for each in get_args(annotation) if each is not NoneType]
        annotation = members[0] if len(members) == 1 else None
    if get_origin(annotation) is list:
        return get_args(annotation)[0], True
    return annotation, False
