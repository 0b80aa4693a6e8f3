"""An SFTP user as a workflow definition describes it: read, checked, and asked whether it may come in. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from file_transfer.identity.settings import HomePlace, IdentitySettings
from file_transfer.workflows.sections import expanded
from shared.schemas import problems

SECTION, NAME = "sftpUser", "sftpUserName"
READ_WRITE = "read-write"
SHOWN_PROBLEMS = 3


class UnusableUser(Exception):
    """The definition cannot be followed; the text says which field, never what is in it."""


@dataclass(frozen=True)
class SftpUser:
    """A checked user. `prefix` ends in "/"; without `networks` it may come from everywhere."""

    name: str
    bucket: str
    prefix: str
    place: HomePlace
    access: str
    public_keys: tuple[str, ...]
    password_hash: str
    networks: tuple[str, ...]
    enabled: bool

    def may_come_from(self, source_ip: str) -> bool:
        """True when the address is in one of the user's networks. What is no address is in none."""
        if not self.networks:
            return True
        try:
            address = _plain(ipaddress.ip_address(source_ip))
        except ValueError:
            return False
        return any(address in ipaddress.ip_network(each, strict=False) for each in self.networks)


def read_user(item: Mapping[str, Any], settings: IdentitySettings) -> SftpUser:
    """The user of a definition. Raises UnusableUser."""
    whole, unreadable = expanded({SECTION: item[SECTION]})
    section = whole[SECTION]
    found = [str(each) for each in unreadable] or [
        str(each).replace("$", "$.sftpUser", 1) for each in problems("workflow-sftp-user", section)
    ]
    if found:
        raise UnusableUser("; ".join(found[:SHOWN_PROBLEMS]))
    home = section.get("home", {})
    bucket = home.get("bucket", settings.landing_bucket)
    prefix = home.get("prefix", item.get("sourcePrefix", ""))
    return SftpUser(
        name=item[NAME],
        bucket=bucket,
        prefix=prefix,
        place=_place(bucket, prefix, settings),
        access=section.get("access", READ_WRITE),
        public_keys=tuple(section.get("publicKeys", ())),
        password_hash=section.get("passwordHash", ""),
        networks=_networks(section.get("allowedSourceIps", ())),
        enabled=section.get("enabled", True),
    )


def _place(bucket: str, prefix: str, settings: IdentitySettings) -> HomePlace:
    *folders, rest = prefix.split("/")
    if rest or not all(folders) or {".", ".."} & set(folders) or set(prefix) & set("*?$"):
        raise UnusableUser("$.sftpUser.home.prefix: is no plain folder, and the definition's sourcePrefix is none")
    place = next((each for each in settings.homes if each.holds(bucket, prefix)), None)
    if place is None:
        raise UnusableUser("$.sftpUser.home: lies outside of the places that the identity provider may give")
    return place


def _networks(texts: tuple[str, ...]) -> tuple[str, ...]:
    for text in texts:
        try:
            ipaddress.ip_network(text, strict=False)
        except ValueError as error:
            raise UnusableUser("$.sftpUser.allowedSourceIps: holds what is no address and no network") from error
    return tuple(texts)


def _plain(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An IPv4 address in the form of IPv6 is that IPv4 address."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
