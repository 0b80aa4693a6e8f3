"""Where a channel may lead: public addresses, and those that the operator allows. The rest stays out of reach.

A URL in a definition is a wish of whoever writes definitions, and the function that follows it stands inside: next to
metadata services, loopback and private networks. So the name is resolved here, every address it has is judged, and the
connection goes to an address that was judged, not to the name: a second look-up could answer otherwise.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from shared.errors import PermissionDenied, Transient, ValidationFailed

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Iterable[str]]

HTTPS_PORT = 443
#: IPv6 networks that lead to an IPv4 address written in them: 6to4, Teredo and NAT64 (RFC 3056, 4380, 6052, 8215).
EMBEDDING = tuple(IPv6Network(each) for each in ("2002::/16", "2001::/32", "64:ff9b::/96", "64:ff9b:1::/48"))


#: Special networks that some versions of Python take for public (IANA's registries of special-purpose addresses).
SPECIAL = tuple(
    ip_network(each)
    for each in ("192.0.0.0/24", "192.88.99.0/24", "100::/64", "2001::/23", "3fff::/20", "5f00::/16", "fec0::/10")
)


@dataclass(frozen=True)
class Place:
    """A URL taken apart, with the addresses that may be connected to, in the resolver's order."""

    host: str
    port: int
    path: str
    addresses: tuple[str, ...]

    @property
    def host_header(self) -> str:
        """The header Host; a port that says nothing new stays out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == HTTPS_PORT else f"{host}:{self.port}"


def resolved(host: str, port: int) -> Iterable[str]:
    """Addresses of a host by the system's resolver. Raises Transient when it knows none now."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Transient(f"the name {host} cannot be resolved: {error}") from error
    return dict.fromkeys(str(entry[4][0]) for entry in found)


def place_of(url: str, allowed_networks: Sequence[str], resolve: Resolve = resolved) -> Place:
    """The place of a URL, judged.

    Raises ValidationFailed (no https URL), PermissionDenied (an address that is out of bounds: one is enough, since
    the connection may take any) or Transient (the name cannot be resolved).
    """
    try:
        parts = urlsplit(url)
        port = parts.port or HTTPS_PORT
    except ValueError as error:
        raise ValidationFailed(f"the URL cannot be read: {error}") from error
    if parts.scheme != "https" or not parts.hostname:
        raise ValidationFailed("only https:// URLs are followed")
    if "@" in parts.netloc or parts.fragment or not url.isascii() or not url.isprintable() or " " in url:
        raise ValidationFailed("the URL has a user name, a fragment, or characters that are not ASCII")
    addresses = tuple(resolve(parts.hostname, port))
    for address in addresses:
        if not is_allowed(address, allowed_networks):
            raise PermissionDenied(f"{parts.hostname} leads to {address}, which is no public address")
    if not addresses:
        raise Transient(f"the name {parts.hostname} has no address")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(parts.hostname, port, path, addresses)


def is_allowed(text: str, allowed_networks: Sequence[str]) -> bool:
    """True for a public address, and for one in a network that the operator allows."""
    try:
        address = ip_address(text)  # an address with a scope, fe80::1%eth0, is link-local, so no more than refused
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if any(_contains(network, address) for network in allowed_networks):
        return True
    if isinstance(address, IPv6Address) and any(address in network for network in EMBEDDING):
        return False
    return _is_public(address)


def _contains(network: str, address: Address) -> bool:
    found = ip_network(network)
    return found.version == address.version and address in found


def _is_public(address: Address) -> bool:
    special = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    if any(address.version == network.version and address in network for network in SPECIAL):
        return False
    return address.is_global and not (special or address.is_link_local or address.is_private)
