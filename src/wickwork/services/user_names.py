"""Names of users."""

from __future__ import annotations

import re

from wickwork.model.errors import InputError

_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")


def is_user_name(name: str) -> bool:
    """Whether a user can have that name: names that look alike and are not the same would let one pass for another."""
    return _NAME.fullmatch(name) is not None


def refuse_user_name(name: str) -> None:
    """Raise InputError for a name that no user can have."""
    if not is_user_name(name):
        raise InputError(
            "The name of a user has 1 to 100 of the characters a-z, 0-9, '.', '_', '-', '+' and '@', and begins with a "
            "letter or digit."
        )
