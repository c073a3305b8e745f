"""Addresses, certificates, and the note about a running server."""

from __future__ import annotations

import os
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from wickwork.model.errors import InputError
from wickwork.server.listening import address_of, is_loopback, tls_context
from wickwork.server.running import noted, running
from wickwork.settings.server import Server


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate and its key, and the key again with a password."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    (tmp_path / "cert.pem").write_bytes(pem)
    for path, lock in (
        ("key.pem", serialization.NoEncryption()),
        ("locked.pem", serialization.BestAvailableEncryption(b"hunter2")),
    ):
        (tmp_path / path).write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)
        )
    return tmp_path / "cert.pem", tmp_path / "key.pem"


def test_a_certificate_with_its_key_is_ready_for_use(certificate: tuple[Path, Path]) -> None:
    context = tls_context(*certificate)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_a_key_that_does_not_fit_is_refused(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    cert, _ = certificate
    other = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "other.pem").write_bytes(
        other.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    for key in (tmp_path / "other.pem", tmp_path / "locked.pem", cert, None, tmp_path):
        with pytest.raises(InputError, match="server"):
            tls_context(cert, key)


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        (Server(), "http://127.0.0.1:8420"),
        (Server(host="::1", port=9), "http://[::1]:9"),
        (Server(host="0.0.0.0", proxies=("10.0.0.1",)), "http://127.0.0.1:8420"),  # noqa: S104
        (Server(proxies=("127.0.0.1",), names=("wick.example",)), "https://wick.example"),
        (Server(certificate="c", names=("wick.example",)), "https://wick.example:8420"),
        (Server(certificate="c"), "https://127.0.0.1:8420"),
    ],
)
def test_the_link_has_the_address_that_a_browser_opens(settings: Server, address: str) -> None:
    assert address_of(settings) == address


def test_which_hosts_only_this_machine_reaches() -> None:
    assert all(is_loopback(host) for host in ("127.0.0.1", "127.8.8.8", "::1", "localhost", "LocalHost"))
    assert not any(is_loopback(host) for host in ("0.0.0.0", "::", "10.0.0.1", "example", "", "127.0.0.1.example"))  # noqa: S104


def test_a_note_of_a_server_that_has_ended_does_not_count(tmp_path: Path) -> None:
    assert running(tmp_path) is None
    with noted(tmp_path, "http://127.0.0.1:1"):
        assert running(tmp_path) == {"address": "http://127.0.0.1:1", "process": os.getpid()}
    assert running(tmp_path) is None
    for text in ("", "[]", "{}", '{"address": "x", "process": 4194999}', '{"address": "x", "process": "1"}',
                 '{"address": "x", "process": -1}'):  # fmt: skip
        (tmp_path / "server.json").write_text(text)
        assert running(tmp_path) is None
