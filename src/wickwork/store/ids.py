"""Identifiers of stored objects: unique, and in the order of time when sorted as texts."""

from __future__ import annotations

import secrets
import time

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Base 32 of Crockford in lower case: without i, l, o and u."""
LENGTH = 26


def new_id(now: int | None = None) -> str:
    """A new identifier of 26 characters: 48 bits of time (ms since 1970), then 82 random bits."""
    at = time.time_ns() // 1_000_000 if now is None else now
    number = (at & (1 << 48) - 1) << 82 | secrets.randbits(82)
    return "".join(_DIGITS[number >> shift & 31] for shift in range(125, -1, -5))


def is_id(text: str) -> bool:
    """Whether that text can be an identifier. Databases refuse some characters, so others must not reach them."""
    return len(text) == LENGTH and all(one in _DIGITS for one in text)
