"""Envelope encryption of secrets: each has a key of its own, which is encrypted with the key of the installation.

Both are AES-256-GCM, bound to the owner and the name, so that a row that is copied to another place cannot be read.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_ID, _NONCE = 8, 12
"""Bytes in front of what is encrypted: the id of the key, and a number used once."""


class WrongKey(Exception):
    """No key at hand opens it, or it was changed."""


def new_key() -> bytes:
    """A random key of 256 bits."""
    return AESGCM.generate_key(256)


def key_id(key: bytes) -> str:
    """What names a key without giving it away, in 16 hexadecimal digits."""
    return hashlib.sha256(b"wickwork key id\0" + key).hexdigest()[: 2 * _ID]


def seal(key: bytes, owner: str, name: str, value: str) -> tuple[bytes, bytes]:
    """The encrypted key of a secret, and the encrypted secret."""
    own = new_key()
    return wrap(key, owner, name, own), _encrypt(own, owner, name, value.encode())


def unseal(keys: Mapping[str, bytes], owner: str, name: str, wrapped: bytes, ciphertext: bytes) -> str:
    """The secret. Raises WrongKey."""
    return _decrypt(unwrap(keys, owner, name, wrapped), owner, name, ciphertext).decode()


def wrap(key: bytes, owner: str, name: str, own: bytes) -> bytes:
    """The key of a secret, encrypted."""
    return bytes.fromhex(key_id(key)) + _encrypt(key, owner, name, own)


def id_of(wrapped: bytes) -> str:
    """The id of the key with which the key of a secret was encrypted."""
    return wrapped[:_ID].hex()


def unwrap(keys: Mapping[str, bytes], owner: str, name: str, wrapped: bytes) -> bytes:
    """The key of a secret. Raises WrongKey."""
    key = keys.get(id_of(wrapped))
    if key is None:
        raise WrongKey
    return _decrypt(key, owner, name, wrapped[_ID:])


def _encrypt(key: bytes, owner: str, name: str, data: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, _bound(owner, name))


def _decrypt(key: bytes, owner: str, name: str, data: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(data[:_NONCE], data[_NONCE:], _bound(owner, name))
    except (InvalidTag, ValueError):
        raise WrongKey from None


def _bound(owner: str, name: str) -> bytes:
    return json.dumps(["wickwork secret 1", owner, name]).encode()
