"""What can become of a request about a lease.

::

    LeaseError
    ├── LeaseConflictError      the lease is not the version the request was made for
    ├── LeaseNotFoundError      the lease does not exist
    └── LeaseUnavailableError   everything else, which later may pass
"""


class LeaseError(Exception):
    """Base of all faults of a request about a lease."""


class LeaseConflictError(LeaseError):
    """The lease is not the version that the request was made for, or exists already."""


class LeaseNotFoundError(LeaseError):
    """The lease does not exist."""


class LeaseUnavailableError(LeaseError):
    """Nobody answered in time, or with a fault that may pass, such as a missing right.

    The request may have been carried out nevertheless.
    """
