"""Passwords: what is accepted, and their hashes (argon2id)."""

from __future__ import annotations

import asyncio
import base64
import secrets
import unicodedata
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from wickwork.model.errors import InputError
from wickwork.services.common_passwords import COMMON

LEAST, MOST = 10, 1000
"""Characters of a password."""
_AT_ONCE = 2
"""Hashes that are computed at once: each takes 64 MB and a tenth of a second of a processor."""


def normalized(password: str) -> str:
    """The password in the form that is hashed, so that it is the same from every keyboard (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def refuse_weak(password: str, name: str) -> None:
    """Raise InputError for a password that a user of that name may not choose; the text does not have it."""
    text = normalized(password)
    if not LEAST <= len(text) <= MOST or len(password) > MOST:
        raise InputError(f"A password has {LEAST} to {MOST} characters.")
    lowered = text.casefold()
    plain = lowered.strip(" 0123456789!?.,-_*#@$")
    if len(set(lowered)) < 4 or lowered in COMMON or plain in COMMON or _is_row(lowered):
        raise InputError("This password is among those that are tried first; choose another, such as four words.")
    if name.casefold() in (lowered, plain) or plain in ("wickwork", ""):
        raise InputError("The password must not be a name with digits, or digits alone; choose another.")


def _is_row(text: str) -> bool:
    """Whether it is one short text again and again, such as abcabcabcabc."""
    return text in (text + text)[1:-1] and (text + text).index(text, 1) <= 4


@dataclass(frozen=True)
class Passwords:
    """Hashing passwords, in threads, a few at once."""

    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    _busy: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    async def hash(self, password: str) -> str:
        """The hash under which a password is kept."""
        async with self._busy:
            return await asyncio.to_thread(self.hasher.hash, _bytes(password))

    async def matches(self, kept: str | None, password: str) -> bool:
        """Whether the password has that hash. Without one (None) it takes as long, and the answer is no."""
        async with self._busy:
            found = await asyncio.to_thread(self._verify, kept or self._decoy(), _bytes(password))
        return found and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Whether a hash was made with other parameters than those of today."""
        return self.hasher.check_needs_rehash(kept)

    def _verify(self, kept: str, password: bytes) -> bool:
        try:
            return self.hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    def _decoy(self) -> str:
        """A hash that no password has, with the parameters of today."""
        of = self.hasher
        salt, digest = (_unpadded(secrets.token_bytes(size)) for size in (of.salt_len, of.hash_len))
        return f"$argon2id$v=19$m={of.memory_cost},t={of.time_cost},p={of.parallelism}${salt}${digest}"


def _bytes(password: str) -> bytes:
    return normalized(password).encode("utf-8", "surrogatepass")


def _unpadded(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")
