"""Texts of users on their way into the database."""

from __future__ import annotations


def storable(text: str) -> str:
    """The text without what a database does not take: NUL, and lone surrogates, which become `?`."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
