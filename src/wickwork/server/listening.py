"""Where the server listens: its sockets, its certificate, and the address by which a browser reaches it.

All of this is looked at before anything is opened or changed, so that a wrong setting leaves no trace.
"""

from __future__ import annotations

import errno
import os
import socket
import ssl
from ipaddress import ip_address
from pathlib import Path

from wickwork.model.errors import InputError, Refused, shown
from wickwork.settings.server import Server

_BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """A socket that is bound and listens.

    Raises InputError where the port is in use or reserved, and where the host is no address of this machine.
    """
    family, place = _resolved(host, port)
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name != "nt":  # there it would let two servers share a port
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            found.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        found.bind(place)
        found.listen(_BACKLOG)
        found.setblocking(False)
    except OSError as error:
        found.close()
        raise InputError(_why_not(error, host, port)) from None
    return found


def _resolved(host: str, port: int) -> tuple[socket.AddressFamily, tuple[object, ...]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise InputError(
            f"The host {shown(host)!r} has no address; write one of this machine, such as 127.0.0.1."
        ) from None
    family, _, _, _, place = found[0]
    return family, place


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} at {host} is in use by another program; choose another with --port, or stop that program."
    if error.errno == errno.EACCES:
        return f"Port {port} is reserved for the administrator of this machine; choose one above 1023 with --port."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is no address of this machine; write one of its own, such as 127.0.0.1."
    return f"Port {port} at {host} cannot be opened: {error.strerror or error}."


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches that host."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        return False


def refuse_exposed(settings: Server) -> None:
    """Raise Refused where others could read what is sent: an address that they reach, without TLS."""
    if not is_loopback(settings.host) and not settings.certificate and not settings.proxies:
        raise Refused(
            f"At {settings.host} other machines reach the server, and what they send could be read on the way; set "
            "server.certificate and server.key, or server.proxies with the address of the proxy that ends TLS."
        )


def tls_context(certificate: Path, key: Path | None) -> ssl.SSLContext:
    """The certificate and its private key. Raises InputError where they cannot be read or do not match."""
    for name, path in (("certificate", certificate), ("key", key)):
        if path is not None:
            try:
                path.read_bytes()
            except OSError as error:
                reason = error.strerror or error
                raise InputError(f"The file of server.{name}, {path}, cannot be read: {reason}.") from None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        # The password is asked for on the terminal otherwise, where a server would wait for ever.
        context.load_cert_chain(certificate, key, password=lambda: b"")
    except (ssl.SSLError, OSError, ValueError) as error:
        raise InputError(
            f"{certificate} and {key or certificate} are not a certificate and its private key without a password, "
            f"both as PEM ({getattr(error, 'reason', None) or error}); correct server.certificate and server.key."
        ) from None
    return context


def address_of(settings: Server) -> str:
    """The address that a browser on this machine opens, or that of the proxy in front: `http://127.0.0.1:8420`."""
    behind = bool(settings.proxies) and bool(settings.names)
    if behind:
        return f"https://{settings.names[0]}"
    named = settings.names[0] if settings.certificate and settings.names else settings.host
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(named, named)  # noqa: S104  # compared, not bound
    scheme = "https" if settings.certificate else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{settings.port}"
