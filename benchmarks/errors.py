"""What keeps a figure from being measured."""

from dev.errors import DevError


class BenchmarkError(DevError):
    """A measure did not come about; the message says what was expected."""
