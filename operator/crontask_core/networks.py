"""Names the networks that no callback may reach, for the settings, the chart and the tests.

This is the one list of them. What else holds a copy, as the chart's values and its
NetworkPolicy must, is compared with it by a test.
"""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

Network = IPv4Network | IPv6Network


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(map(ip_network, texts))


ALWAYS_DENIED: Final = _networks(
    # "This host on this network" (RFC 6890) and the unspecified address, which Linux
    # connects to loopback.
    "0.0.0.0/8",
    "::/128",
    # A callback has one target. TCP does not go to groups, so nothing is lost.
    "224.0.0.0/4",
    "255.255.255.255/32",
    "ff00::/8",
)
"""What is no address of a target. No setting allows it."""

LOOPBACK: Final = _networks("127.0.0.0/8", "::1/128")
"""The operator's own pod."""

LINK_LOCAL: Final = _networks("169.254.0.0/16", "fe80::/10")
"""The node's link, where clouds serve the credentials of the node (169.254.169.254)."""

METADATA: Final = _networks(
    "100.100.100.200/32",  # Alibaba
    "168.63.129.16/32",  # Azure: certificates and settings of the machine
    "192.0.0.192/32",  # Oracle
    "fd00:c1::a9fe:a9fe/128",  # Oracle
    "fd00:ec2::254/128",  # AWS: the instance
    "fd00:ec2::23/128",  # AWS: the pod identity agent
    "fd20:ce::254/128",  # Google
    "fd00:42::42/128",  # Scaleway
)
"""Where clouds serve credentials outside of link-local."""

DENIED_BY_DEFAULT: Final = LOOPBACK + LINK_LOCAL + METADATA
"""The default of the setting ``deny_networks``."""
