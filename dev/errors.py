"""The base of the errors that a developer is to see without a traceback."""


class DevError(Exception):
    """Something outside this program went wrong; the message says what to do or look at."""
