"""references checks what a callback refers to, before anything is read for it.

The CRD checks the same, but not the objects that were stored under an older one.
"""

from collections.abc import Iterator

from crontask_core.enums import Reason
from crontask_core.spec import ConfigMapKeyRef, GrpcCallback, Header, HttpCallback, SecretKeyRef
from crontask_kube.names import IllegalNameError, check_key, check_object_name
from crontask_operator.callbacks.errors import CallError

Reference = SecretKeyRef | ConfigMapKeyRef


def check_references(callback: HttpCallback | GrpcCallback) -> None:
    """Return if every reference of `callback` can be one.

    Raises
    ------
    CallError
        InvalidRequest with the path of the field that cannot.
    """
    try:
        for field, reference in _references(callback):
            check_object_name(reference.name, f"{field}.name")
            check_key(reference.key, f"{field}.key")
    except IllegalNameError as error:
        raise CallError(Reason.INVALID_REQUEST, str(error)) from error


def _references(callback: HttpCallback | GrpcCallback) -> Iterator[tuple[str, Reference]]:
    if isinstance(callback, HttpCallback):
        place = "spec.callback.http"
        yield from _values(callback.headers, f"{place}.headers")
    else:
        place = "spec.callback.grpc"
        yield from _values(callback.metadata, f"{place}.metadata")
        if callback.descriptor_set_ref is not None:
            yield f"{place}.descriptorSetRef", callback.descriptor_set_ref
    if callback.tls is not None and callback.tls.ca_secret_ref is not None:
        yield f"{place}.tls.caSecretRef", callback.tls.ca_secret_ref


def _values(entries: tuple[Header, ...], place: str) -> Iterator[tuple[str, Reference]]:
    for index, entry in enumerate(entries):
        if entry.secret_key_ref is not None:
            yield f"{place}[{index}].secretKeyRef", entry.secret_key_ref
