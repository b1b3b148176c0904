"""Schema holds protobuf descriptors at run time, for those who call a method of them."""

from typing import Final

from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

from crontask_core.enums import Reason
from crontask_operator.callbacks.errors import CallError
from crontask_operator.callbacks.grpc.descriptor_files import DescriptorFiles
from crontask_operator.callbacks.grpc.foreign import foreign, listed
from crontask_operator.callbacks.grpc.method import Method
from crontask_operator.callbacks.grpc.wire_meter import FIELD_BYTES, MESSAGE_BYTES, WireMeter

METHODS_KEPT: Final = 64
"""Methods of a schema whose types are at hand. A service rarely has as many."""


class Schema:
    """The types of some files. `memory` is about how many bytes they take."""

    def __init__(self, files: DescriptorFiles) -> None:
        """Build the types.

        Raises
        ------
        ForeignError
            With protobuf's own words, if they cannot be built.
        """
        self.memory = files.memory
        self._widest = MESSAGE_BYTES + FIELD_BYTES * files.most_fields
        self._pool = DescriptorPool()
        self._meter = WireMeter(self._pool)
        self._methods: dict[tuple[str, str], Method] = {}
        ordered = files.ordered()
        with foreign():
            for file in ordered:
                self._pool.AddSerializedFile(file)

    def method(self, service: str, name: str) -> Method:
        """Return the method of `service` called `name`.

        Raises
        ------
        CallError
            InvalidRequest if there is no such service or method, or if it streams.
        ForeignError
            If its types cannot be used.
        """
        found = self._methods.get((service, name))
        if found is None:
            found = self._find(service, name)
            if len(self._methods) >= METHODS_KEPT:
                self._methods.clear()
            self._methods[service, name] = found
        return found

    def _find(self, service: str, name: str) -> Method:
        descriptor = self._service(service).methods_by_name.get(name)
        if descriptor is None:
            offered = listed(list(self._service(service).methods_by_name))
            raise CallError(
                Reason.INVALID_REQUEST,
                f"spec.callback.grpc.method: {service} has no method {name!r}; it has: {offered}",
            )
        if streaming := _streaming(descriptor):
            raise CallError(
                Reason.INVALID_REQUEST,
                f"spec.callback.grpc.method: expected a unary method, and "
                f"{descriptor.full_name} streams its {streaming}",
            )
        with foreign():
            return Method(
                path=f"/{service}/{name}",
                pool=self._pool,
                meter=self._meter,
                widest=self._widest,
                input_type=GetMessageClass(descriptor.input_type),
                output_type=GetMessageClass(descriptor.output_type),
            )

    def _service(self, name: str) -> ServiceDescriptor:
        try:
            return self._pool.FindServiceByName(name)
        except KeyError:
            raise CallError(
                Reason.INVALID_REQUEST,
                f"spec.callback.grpc.service: the descriptors have no service {name!r}",
            ) from None


def _streaming(method: MethodDescriptor) -> str:
    sides = []
    if method.client_streaming:
        sides.append("requests")
    if method.server_streaming:
        sides.append("replies")
    return " and ".join(sides)
