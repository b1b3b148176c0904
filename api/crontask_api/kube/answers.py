"""answers says for the facade which item code a refusal of the API server stands for."""

from typing import Final

from crontask_api.codes import Code
from crontask_kube.errors import InvalidError

_CODES: Final = {
    "spec.type": Code.BAD_TYPE,
    "spec.schedule": Code.BAD_START_TIME,
    "spec.at": Code.BAD_START_TIME,
    "spec.timeZone": Code.BAD_START_TIME,
    "spec.callback.http.url": Code.BAD_CALLBACK,
    "spec.callback.http.method": Code.BAD_CALLBACK,
    "spec.callback.grpc": Code.BAD_CALLBACK,
}
"""Which item code a refused field of the resource stands for."""


def code_of_refusal(error: InvalidError) -> Code:
    """Return the code of the field that the API server complains of first."""
    if not error.causes:
        return Code.BAD_ITEM
    # A field's own path, or that of something in it.
    place = f"{error.causes[0].field}."
    codes = (code for path, code in _CODES.items() if place.startswith(f"{path}."))
    return next(codes, Code.BAD_ITEM)
