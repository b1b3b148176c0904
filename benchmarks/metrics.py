"""What an operator tells of itself on ``/metrics``."""

from collections import defaultdict
from collections.abc import Mapping


def parse_metrics(text: str) -> Mapping[str, float]:
    """Return each metric of the text format, summed over its labels; absent ones are 0."""
    values: defaultdict[str, float] = defaultdict(float)
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            values[name.partition("{")[0]] += float(value)
    return values
