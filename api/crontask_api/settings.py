"""Settings reads the environment variables ``CRONTASK_API_*``, for the whole facade."""

import difflib
import os
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from crontask_api.host_names import parse_host_name
from crontask_core.errors import ScheduleError
from crontask_core.schedule.zones import load_zone
from crontask_history.url import HistoryUrl, parse_history_url

PREFIX: Final = "CRONTASK_API_"


NO_HEADER: Final = "-"
"""Stands for none where a header is to be named; an empty variable is the default."""


class AuthMode(StrEnum):
    """How a client proves who it is."""

    NONE = "none"
    """Not at all: for a demo on the loopback interface."""
    TOKEN = "token"  # noqa: S105 - the name of a mode
    """A bearer token from a list."""
    KUBERNETES = "kubernetes"
    """A bearer token of the cluster; RBAC decides what it may do."""
    PROXY = "proxy"
    """By headers of a proxy at which people log in; RBAC decides what they may do."""

    @property
    def takes_tokens(self) -> bool:
        """Whether clients send bearer tokens."""
        return self in (AuthMode.TOKEN, AuthMode.KUBERNETES)


class LogFormat(StrEnum):
    """Form of log lines."""

    JSON = "json"
    CONSOLE = "console"


class LogLevel(StrEnum):
    """Least severity that is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def _time_zone(name: str) -> str:
    try:
        load_zone(name)
    except ScheduleError as error:
        raise ValueError("expected an IANA time zone such as Asia/Shanghai") from error
    return name


def _history_url(value: object) -> object:
    return parse_history_url(value) if isinstance(value, str) else value


def _host_names(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(parse_host_name(name) for name in names)


def _comma_separated(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _header_name(name: str) -> str:
    return "" if name == NO_HEADER else name


HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$"), AfterValidator(_header_name)]
NAMESPACED_NAME: Final = r"^([a-z0-9-]{1,63}/[a-z0-9.-]{1,253})?$"

LocalPath = Annotated[str, Field(pattern=r"^(/[A-Za-z0-9_.~-][A-Za-z0-9_./~?=&%-]*)?$")]
"""A path of the same host, which is no address of another."""


class Settings(BaseSettings):
    """All settings, in the order of the chart's values."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, env_ignore_empty=True)

    host: str = "127.0.0.1"
    """Address to listen on; ``0.0.0.0`` in a pod."""
    port: Annotated[int, Field(ge=0, le=65535)] = 6557
    """TCP port; 0 takes a free one and logs it."""

    auth: AuthMode = AuthMode.NONE
    """How a client proves who it is."""
    tokens_path: Path | None = None
    """File with one ``name:token`` a line, or folder with a file for each token (a
    mounted Secret). Read again when it changes. Needed by ``auth=token``."""
    allowed_hosts: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_comma_separated), AfterValidator(_host_names)
    ] = ()
    """Host names without scheme and port, separated by commas, under which clients may
    reach the facade besides loopback ones; ``*`` for all. Under ``auth=none`` no others
    are served; in the other modes every name is, if there are none here."""
    token_audience: str = ""
    """Audience that tokens must have been issued for under ``auth=kubernetes``; the API
    server's own if empty."""

    proxy_user_header: HeaderName = "X-Forwarded-User"
    """Header in which the proxy names the user under ``auth=proxy``."""
    proxy_groups_header: HeaderName = "X-Forwarded-Groups"
    """Header with the user's groups, separated by commas; ``-`` for none."""
    proxy_email_header: HeaderName = "X-Forwarded-Email"
    """Header with the user's address; ``-`` for none."""
    proxy_user_prefix: str = ""
    """What is put before the user's name, as by ``--oidc-username-prefix`` of the API server."""
    proxy_groups_prefix: str = ""
    """What is put before the name of each group, as by ``--oidc-groups-prefix``."""
    proxy_logout_path: LocalPath = ""
    """Where the proxy has people log out, such as ``/oauth2/sign_out``; empty for nowhere."""

    namespace: str = "default"
    """Namespace of requests that name none."""
    allowed_namespaces: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_comma_separated)] = ()
    """Further namespaces that a request may name, separated by commas; ``*`` for all."""
    time_zone: Annotated[str, AfterValidator(_time_zone)] = "UTC"
    """IANA time zone of the start times of tasks that name none."""

    max_batch: Annotated[int, Field(ge=1)] = 1000
    """Most items in one request."""
    max_body_bytes: Annotated[int, Field(ge=1024)] = 4 * 1024 * 1024
    """Largest request body in bytes: a full batch with 4 KiB an item."""
    max_requests: Annotated[int, Field(ge=1)] = 500
    """Most requests in progress; more are answered with HTTP 503 at once."""
    max_requests_per_client: Annotated[int, Field(ge=1)] = 100
    """Most requests in progress of one client: of the holder of a token, or of an address
    with ``auth=none``. More are answered with HTTP 429 at once."""
    max_connections: Annotated[int, Field(ge=1)] = 2048
    """Most connections of clients; more are answered with HTTP 503 and closed."""
    max_connections_per_address: Annotated[int, Field(ge=1)] = 512
    """Most of them from one address, `trusted_proxies` apart."""
    max_head_bytes: Annotated[int, Field(ge=1024)] = 64 * 1024
    """Largest head of a request, in bytes; a larger one is answered with HTTP 431."""
    head_timeout_seconds: Annotated[float, Field(gt=0)] = 10.0
    """Longest time for a head; a slower one is answered with HTTP 408."""
    keep_alive_seconds: Annotated[int, Field(ge=0)] = 5
    """Time for which a connection without a request is kept."""
    trusted_proxies: Annotated[
        tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_comma_separated)
    ] = ()
    """Networks of proxies, separated by commas, whose ``X-Forwarded-For`` is believed, and
    under ``auth=proxy`` what they say of users."""
    request_timeout_seconds: Annotated[float, Field(gt=0)] = 30.0
    """Longest time for one request; items that do not fit in say so."""

    console: bool = False
    """Whether people may look at the tasks at ``/console/``."""
    console_key_path: Path | None = None
    """File with the keys of the console's sessions, one a line, each of 32 random characters
    or more; the first seals, all open. Without it sessions end with the process."""
    console_idle_seconds: Annotated[int, Field(ge=60)] = 4 * 3600
    """Time after which a session ends in which its holder does nothing."""
    console_session_seconds: Annotated[int, Field(ge=60)] = 24 * 3600
    """Time after which it ends in any case."""
    console_logouts: Annotated[str, Field(pattern=NAMESPACED_NAME)] = ""
    """ConfigMap, as NAMESPACE/NAME, in which all replicas keep who logged out everywhere;
    without one each keeps it for itself, for as long as it runs."""
    console_lease_namespace: str = ""
    """Namespace in which the operator keeps its Leases, from which the console tells how its
    replicas and shards are; empty if that is not to be told."""

    kubernetes_connections: Annotated[int, Field(ge=1)] = 64
    """Most connections to the API server."""
    kubernetes_timeout_seconds: Annotated[float, Field(gt=0)] = 10.0
    """Longest time for one answer of the API server."""

    history_url: Annotated[HistoryUrl | None, NoDecode, BeforeValidator(_history_url)] = None
    """URL of the database of the history that the operator keeps, postgresql:// or
    sqlite://, or file:// of a file that holds it; without one the facade knows what the
    statuses hold."""
    history_connections: Annotated[int, Field(ge=1, le=64)] = 4
    """Most connections to it."""

    shutdown_seconds: Annotated[int, Field(ge=0)] = 20
    """Time that requests in progress get to end after SIGTERM."""
    log_format: LogFormat = LogFormat.JSON
    log_level: LogLevel = LogLevel.INFO

    @model_validator(mode="after")
    def _check_tokens(self) -> Self:
        if self.auth is AuthMode.TOKEN and self.tokens_path is None:
            raise ValueError(f"{PREFIX}AUTH=token needs {PREFIX}TOKENS_PATH")
        return self

    @model_validator(mode="after")
    def _check_proxies(self) -> Self:
        if self.auth is AuthMode.PROXY:
            if not self.trusted_proxies:
                raise ValueError(f"{PREFIX}AUTH=proxy needs {PREFIX}TRUSTED_PROXIES")
            if not self.proxy_user_header:
                raise ValueError(f"{PREFIX}AUTH=proxy needs {PREFIX}PROXY_USER_HEADER")
        return self


def load_settings() -> Settings:
    """Return the settings from the process's environment variables.

    Raises
    ------
    ValueError
        If a value is wrong (``pydantic.ValidationError`` is one), or if a variable
        with the prefix is no setting: a typing error must not pass as a default.
    """
    known = [PREFIX + field.upper() for field in Settings.model_fields]
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"
            raise ValueError(f"{name}: no such setting; {hint}")
    return Settings()
