"""settings says for all parts how long a lease lasts and how often it is renewed."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class LeaseSettings:
    """Times of the lease protocol, in seconds.

    ::

        request sent                                            others may take it
        |--------------------------- duration ----------------------------|
        |---- renew ----|-- request timeout --|           |---- margin ---|
                        renewed again         tried again  owner until here

    Raises
    ------
    ValueError
        If a time is not positive, or if a renewal could not time out once and still
        be tried again before the owner must stop.
    """

    duration_seconds: int = 15
    """How long the others wait after the last renewal that they saw; whole seconds,
    because the Lease says so. A crashed replica's shards stand still for so long."""
    renew_seconds: float = 5.0
    """From one renewal to the next."""
    margin_seconds: float = 1.5
    """The owner stops earlier by this much: two clocks may drift apart by a tenth."""
    request_timeout_seconds: float = 4.0
    """Bound of one request to the API server."""
    grace_seconds: float = 1.0
    """A replica that has its fair share leaves a free shard to the others for so long."""
    outage_seconds: float = 0.0
    """How long after its last renewal an owner goes on while the API server is away, if it
    was alone when that was last seen; see `crontask_operator.ownership.outage`."""
    shared_outage_seconds: float = 0.0
    """The same if it was not alone."""

    def __post_init__(self) -> None:
        for name in (
            "duration_seconds",
            "renew_seconds",
            "margin_seconds",
            "request_timeout_seconds",
            "grace_seconds",
        ):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name}: expected more than 0, found {getattr(self, name)}")
        spare = self.duration_seconds - self.margin_seconds - self.renew_seconds
        if self.request_timeout_seconds >= spare:
            raise ValueError(
                "request_timeout_seconds: expected less than duration - margin - renew = "
                f"{spare:g}, found {self.request_timeout_seconds:g}"
            )

    @classmethod
    def for_duration(
        cls, seconds: int, *, outage_seconds: float = 0.0, shared_outage_seconds: float = 0.0
    ) -> Self:
        """Return the settings for a lease of `seconds`, in the default's proportions."""
        return cls(
            outage_seconds=outage_seconds,
            shared_outage_seconds=shared_outage_seconds,
            duration_seconds=seconds,
            renew_seconds=seconds / 3,
            margin_seconds=seconds / 10,
            request_timeout_seconds=seconds * 4 / 15,
            grace_seconds=min(1.0, seconds / 15),
        )

    @property
    def validity_seconds(self) -> float:
        """How long after a renewal was sent its sender is the owner."""
        return self.duration_seconds - self.margin_seconds

    @property
    def spare_seconds(self) -> float:
        """How long an owner goes on after a sign that the API server is away.

        As long as it goes on when a renewal fails: those who start meanwhile wait for longer.
        """
        return self.validity_seconds - self.renew_seconds

    @property
    def silence_seconds(self) -> float:
        """A watch that is silent for longer is dead: each replica renews more often."""
        return 1.5 * self.renew_seconds
