"""Addresses of clients: which are of this machine, and which are those of the proxies that the operator has named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.types import Scope

from wickwork.model.errors import InputError, shown


@dataclass(frozen=True)
class Proxies:
    """The networks of the proxies that end TLS."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def of(cls, texts: Iterable[str]) -> Proxies:
        """From addresses such as 10.0.0.5 and networks such as 172.16.0.0/12. Raises InputError."""
        found = []
        for text in texts:
            try:
                network = ip_network(text.strip(), strict=False)
            except ValueError:
                raise InputError(
                    f"`server.proxies` has {shown(text)!r}, which is no address; write one such as 10.0.0.5 or a "
                    "network such as 172.16.0.0/12."
                ) from None
            if network.prefixlen == 0:
                raise InputError(f"`server.proxies` has {shown(text)!r}, which is everybody; write that of the proxy.")
            found.append(network)
        return cls(tuple(found))

    def is_readable(self, scope: Scope) -> bool:
        """Whether others could read a connection on its way: it comes from elsewhere, and is not encrypted.

        The proxy and this machine itself may come without TLS.
        """
        if scope["scheme"] in ("https", "wss") or not scope.get("client"):
            return False
        address = _parsed(scope["client"][0])
        if address is None or address.is_loopback:
            return False
        return not any(address in network for network in self.networks)


@lru_cache(4096)
def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
