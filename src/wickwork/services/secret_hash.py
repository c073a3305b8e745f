"""The hash under which random secrets are kept."""

from __future__ import annotations

import hashlib


def hashed(secret: str) -> str:
    """The hash of a random secret; it has 256 bits, so no slow hash is needed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
