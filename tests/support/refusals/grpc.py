"""Wrong gRPC callbacks."""

from tests.support.crontasks import grpc_task, metadata_task, task
from tests.support.refusals.refusal import Refusal, spec_field

SECRET_REF = {"name": "token", "key": "value"}
GRPC = {"address": "127.0.0.1:50051", "service": "a.B", "method": "C"}
A_PORT = "the port must be between 1 and 65535"
ONE_LINE = "expected printable ASCII on one line, without white space around it"


def address(text: str, message: str) -> Refusal:
    return spec_field(grpc_task(address=text), "callback.grpc.address", message)


def entry(message: str, *, part: str = "", **fields: object) -> Refusal:
    return spec_field(metadata_task(**fields), f"callback.grpc.metadata[0]{part}", message)


REFUSALS = {
    **{
        f"gRPC without {field}": Refusal(
            task(callback={"grpc": {name: text for name, text in GRPC.items() if name != field}}),
            f"spec.callback.grpc.{field}",
            "Required value",
        )
        for field in GRPC
    },
    "an address with a scheme": address("http://a.test:50051", "expected host:port without a"),
    "an address without a port": address("a.test", "expected host:port without a scheme"),
    "an address without a host": address(":50051", "expected host:port without a scheme"),
    "an address with a path": address("a.test:50051/a.B", "expected host:port without a scheme"),
    "a bare IPv6 address": address("::1", "expected host:port without a scheme, such as"),
    "an address with port 0": address("a.test:0", A_PORT),
    "an address with port 70000": address("a.test:70000", A_PORT),
    "a service that is a path": spec_field(
        grpc_task(service="/a.B"), "callback.grpc.service", "expected the full name of a service"
    ),
    "a service with two dots": spec_field(
        grpc_task(service="a..B"), "callback.grpc.service", "expected the full name of a service"
    ),
    "a method with its service": spec_field(
        grpc_task(method="a.B/C"), "callback.grpc.method", "expected the bare name of a method"
    ),
    "a gRPC body of too many bytes": spec_field(
        grpc_task(body="体" * 90000), "callback.grpc.body", "expected at most 262144 bytes"
    ),
    "metadata with two values": entry(
        "set only one of value and secretKeyRef for a; found both",
        name="a",
        value="b",
        secretKeyRef=SECRET_REF,
    ),
    "metadata without a value": entry(
        "set one of value and secretKeyRef for a; found neither", name="a"
    ),
    "metadata in upper case": entry(
        "expected lower-case letters, digits, and _ - .", part=".name", name="A", value="b"
    ),
    "binary metadata": entry(
        "binary metadata (a name that ends in -bin) is not supported",
        part=".name",
        name="a-bin",
        value="b",
    ),
    **{
        f"the metadata {name}": entry(
            f"the name {name} is set by the operator or by gRPC", part=".name", name=name, value="b"
        )
        for name in (
            "grpc-timeout",
            "x-crontask-name",
            "x_crontask_name",
            "idempotency-key",
            "idempotency_key",
            "te",
            "user-agent",
        )
    },
    "a metadata value of two lines": entry(ONE_LINE, part=".value", name="a", value="b\nc"),
    "an address too long": address("a" * 256 + ":50051", "may not be more than 261"),
    "a service too long": spec_field(
        grpc_task(service="a" * 257), "callback.grpc.service", "may not be more than 256"
    ),
    "a method too long": spec_field(
        grpc_task(method="a" * 257), "callback.grpc.method", "may not be more than 256"
    ),
    "a gRPC body too long": spec_field(
        grpc_task(body="b" * 262145), "callback.grpc.body", "may not be more than 262144"
    ),
    "too much metadata": spec_field(
        grpc_task(metadata=[{"name": f"n{n}", "value": "b"} for n in range(33)]),
        "callback.grpc.metadata",
        "must have at most 32 items",
    ),
    "the same metadata twice": spec_field(
        grpc_task(metadata=[{"name": "a", "value": "b"}, {"name": "a", "value": "c"}]),
        "callback.grpc.metadata[1]",
        "Duplicate value",
    ),
    "a gRPC CA that is not looked at": spec_field(
        grpc_task(tls={"insecureSkipVerify": True, "caSecretRef": SECRET_REF}),
        "callback.grpc.tls",
        "set only one of caSecretRef and insecureSkipVerify",
    ),
}
