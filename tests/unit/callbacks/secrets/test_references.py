"""References of objects that an older CRD let pass: told by their field, and not followed."""

from typing import Any, Final

import pytest

from crontask_core.enums import Reason
from crontask_core.spec import (
    ConfigMapKeyRef,
    GrpcCallback,
    Header,
    HttpCallback,
    SecretKeyRef,
    Tls,
)
from crontask_operator.callbacks.errors import CallError
from crontask_operator.callbacks.secrets.references import check_references
from tests.support.targets import target
from tests.unit.callbacks.calls import calling

Callback = HttpCallback | GrpcCallback

NAMES: Final = ("../../team-b/secrets/crown", "..", "?limit=1", "a%2fb", "a/b", "A", "a" * 254)
KEYS: Final = ("..", ".", "a/b", "..a", "")
RIGHT: Final = Header(name="x-b", secret_key_ref=SecretKeyRef(name="own", key="tls.crt"))


def places(url: str, name: str, key: str) -> dict[str, Callback]:
    """Return a callback for each field that can hold the reference."""
    address = url.removeprefix("http://")
    secure = url.replace("http:", "https:")
    secret = SecretKeyRef(name=name, key=key)
    headers = (RIGHT, Header(name="x-c", value="c"), Header(name="x-a", secret_key_ref=secret))

    def grpc(**fields: Any) -> GrpcCallback:
        return GrpcCallback(address=address, service="a.B", method="C", **fields)

    return {
        "http.headers[2].secretKeyRef": HttpCallback(url=url, headers=headers),
        "http.tls.caSecretRef": HttpCallback(url=secure, tls=Tls(ca_secret_ref=secret)),
        "grpc.metadata[2].secretKeyRef": grpc(metadata=headers),
        "grpc.tls.caSecretRef": grpc(tls=Tls(ca_secret_ref=secret)),
        "grpc.descriptorSetRef": grpc(descriptor_set_ref=ConfigMapKeyRef(name=name, key=key)),
    }


PLACES: Final = tuple(places("http://a.test:1", "n", "k"))


WRONG: Final = [
    *((name, "crown", "name") for name in NAMES),
    *(("own", key, "key") for key in KEYS),
]
"""Name, key and the part that is wrong."""


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("name", "key", "part"), WRONG, ids=ascii)
async def test_such_a_reference_is_an_invalid_request(
    place: str, name: str, key: str, part: str
) -> None:
    async with target() as server, calling() as caller:
        # Whoever asked would be given it.
        values = dict.fromkeys(("tls.crt", key), b"value")
        for kept in (caller.secrets, caller.config_maps):
            kept |= dict.fromkeys((f"shop/{name}", "shop/own"), values)
        result = await caller(places(server.url, name, key)[place])
        assert result.reason is Reason.INVALID_REQUEST
        assert result.error.startswith(f"spec.callback.{place}.{part}: expected a {part} of ")
        assert len(result.error) < 300
        assert server.requests == []


@pytest.mark.parametrize("place", PLACES)
def test_what_kubernetes_accepts_is_accepted(place: str) -> None:
    check_references(places("http://a.test:1", "a.b-c.7", "_A-z.0")[place])


def test_the_first_wrong_one_is_named() -> None:
    wrong = SecretKeyRef(name="/", key="/")
    headers = (RIGHT, *(Header(name=f"x-{n}", secret_key_ref=wrong) for n in range(3)))
    with pytest.raises(CallError, match=r"^spec.callback.http.headers\[1\].secretKeyRef.name: "):
        check_references(HttpCallback(url="http://a.test", headers=headers))
