"""Wrong references to Secrets and ConfigMaps: the same for each field that holds one."""

from collections.abc import Callable, Iterator

from tests.support.crontasks import Manifest, grpc_task, header_task, http_task, metadata_task
from tests.support.refusals.refusal import Refusal, spec_field

Reference = dict[str, str]

PLACES: dict[str, Callable[[Reference], Manifest]] = {
    "callback.http.headers[0].secretKeyRef": lambda reference: header_task(
        name="X-A", secretKeyRef=reference
    ),
    "callback.http.tls.caSecretRef": lambda reference: http_task(
        url="https://a.test/", tls={"caSecretRef": reference}
    ),
    "callback.grpc.metadata[0].secretKeyRef": lambda reference: metadata_task(
        name="a", secretKeyRef=reference
    ),
    "callback.grpc.tls.caSecretRef": lambda reference: grpc_task(tls={"caSecretRef": reference}),
    "callback.grpc.descriptorSetRef": lambda reference: grpc_task(descriptorSetRef=reference),
}
MISTAKES: dict[str, tuple[str | None, str]] = {
    "none": (None, "Required value"),
    "empty": ("", "should be at least 1 chars long"),
    "too long": ("a" * 254, "may not be more than 253"),
}
NO_NAME = "expected a name of lower-case letters, digits, - and . (a DNS subdomain)"
NO_KEY = "expected a key of letters, digits, - _ and ."
NO_NAMES = (
    "../../team-b/secrets/crown",
    "../../../../../version",
    "?limit=1",
    "a/b",
    "a%2fb",
    "a#b",
    "a\n",
    ".",
    "..",
    "a..b",
    "-a",
    "A",
    "é",
)
NO_KEYS = (".", "..", "..a", "a/b", "a%2fb", "a b", "a\n", "é")
FORMS = {
    "name": {repr(text): (text, NO_NAME) for text in NO_NAMES},
    "key": {repr(text): (text, NO_KEY) for text in NO_KEYS},
}


def _refusals() -> Iterator[tuple[str, Refusal]]:
    for place, spec_with in PLACES.items():
        for part in ("name", "key"):
            for what, (value, message) in (MISTAKES | FORMS[part]).items():
                whole = {"name": "token", "key": "value"} | {part: value}
                reference = {field: text for field, text in whole.items() if text is not None}
                yield (
                    f"{place} with {part} {what}",
                    spec_field(spec_with(reference), f"{place}.{part}", message),
                )


REFUSALS = dict(_refusals())
