"""Settings reads what can be set, once, from ``CRONTASK_*``, for the whole operator."""

import os
import socket
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from crontask_core.constants import RECORD_BODY_BYTES
from crontask_core.networks import DENIED_BY_DEFAULT, Network
from crontask_history.url import HistoryUrl, parse_history_url
from crontask_kube.names import NAMESPACE_PATTERN

PREFIX = "CRONTASK_"
FOREIGN_PREFIXES = ("CRONTASK_API_", "CRONTASK_DEV_")
"""Settings of the facade and of the development tools, which share the prefix."""


class Settings(BaseSettings):
    """Settings of the operator, in the order of the chart's values."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    identity: str = Field(default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}")
    """Name of this replica among the holders of leases."""
    lease_namespace: str = Field(default="default", pattern=NAMESPACE_PATTERN)
    """Namespace of the Leases; the operator's own."""
    lease_seconds: int = Field(default=15, ge=2, le=300)
    """A replica that vanishes is replaced after this many seconds."""
    outage_firing_seconds: int = Field(default=240, ge=0, le=3600)
    """While the API server is away, a replica that was alone when that was last seen goes on
    firing for so many seconds after its last renewal: nobody takes a Lease from an API server
    that is away. Below the 300 s after which Kubernetes replaces the pods of a node that is
    cut off: if one is started sooner that does reach the API server, both make the same runs,
    under the same execution ids. 0: no longer than its Lease is valid."""
    shared_outage_firing_seconds: int = Field(default=0, ge=0, le=3600)
    """The same for each of several replicas. One that is cut off alone makes for so long the
    same runs as its successor, under the same execution ids."""
    shards: int = Field(default=1, ge=1, le=256)
    """Parts that the tasks are divided into. 1: one active replica and hot standbys.
    The same number in all replicas, and several times theirs to balance well."""
    drain_seconds: float = Field(default=25, ge=0, le=3600)
    """On SIGTERM, seconds for calls in flight to end before they are handed over."""

    call_slots: int = Field(default=128, ge=1, le=4096)
    """Calls in flight, save those whose targets have not answered for 30 ms."""
    call_limit: int = Field(default=4096, ge=1, le=65536)
    """Calls in flight of any age."""
    namespace_share: float = Field(default=0.75, gt=0, le=1)
    """Part of what all tasks share (calls in flight, look-ups of names, reads of Secrets)
    that one namespace may use while no other uses any. The others' part is theirs at any
    moment. 1 holds nothing back. Events that wait have a rule of their own: a namespace may
    fill as much as it leaves free."""
    response_cap_bytes: int = Field(default=1024 * 1024, ge=1024, le=64 * 1024 * 1024)
    """Bytes of an answer that are read and matched; the rest is dropped."""
    deny_networks: Annotated[tuple[Network, ...], NoDecode] = DENIED_BY_DEFAULT
    """Networks that no callback may reach, separated by commas. Unspecified, multicast
    and broadcast addresses are denied besides, whatever is set."""
    deny_api_server: bool = True
    """Whether callbacks to the API server are refused, by all its addresses and names."""
    proxy: str = ""
    """URL of an HTTP proxy for all callbacks, gRPC included. It resolves their names, so it
    must itself refuse what is denied here. Proxy variables of the environment are ignored."""

    record_body_bytes: int = Field(default=RECORD_BODY_BYTES, ge=0, le=16 * 1024)
    """Bytes of a request body and of a response that a record keeps."""
    writers: int = Field(default=32, ge=1, le=256)
    """Status writes in flight."""
    status_interval_seconds: float = Field(default=5, ge=0, le=60)
    """With a history, the status of a task is written once in so many seconds, except for news
    that somebody waits for. 0: after every run, as without one."""
    status_record_bytes: int = Field(default=2048, ge=0, le=512 * 1024)
    """With a history, bytes of the records in a status; the latest one is there in any case."""

    history_url: Annotated[HistoryUrl | None, NoDecode] = None
    """URL of the database of the history, postgresql:// or sqlite://, or file:// of a file
    that holds it; without one, the statuses are all that is kept."""
    history_body_bytes: int = Field(default=16 * 1024, ge=0, le=256 * 1024)
    """Bytes of a request body and of a response that the history keeps."""
    history_days: int = Field(default=30, ge=0, le=3650)
    """Days for which it keeps runs; 0 for ever."""
    history_rows: int = Field(default=0, ge=0)
    """Attempts that it keeps, whole days of them in PostgreSQL; 0 any number."""
    history_connections: int = Field(default=2, ge=2, le=64)
    """Most connections to its database."""

    metrics_port: int = Field(default=0, ge=0, le=65535)
    """Port of ``/metrics``; 0 serves none."""
    log_format: Literal["json", "console"] = "json"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("deny_networks", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())

    @field_validator("history_url", mode="before")
    @classmethod
    def _read_url(cls, value: Any) -> Any:
        return (parse_history_url(value) if value else None) if isinstance(value, str) else value


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings.

    Raises
    ------
    ValueError
        If a variable has a wrong value, or none of the settings has its name: a
        setting with a misspelt name would silently not be set.
    """
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    unknown = sorted(
        name
        for name in environ
        if name.startswith(PREFIX) and name not in known and not name.startswith(FOREIGN_PREFIXES)
    )
    if unknown:
        raise ValueError(
            f"unknown settings {', '.join(unknown)}; known are {', '.join(sorted(known))}"
        )
    return Settings()
