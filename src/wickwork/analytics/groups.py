"""Rows of a table put together by the words of one column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def by(column: str, table: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Trades or exits (a table as lists) put together by the words of a column, those with the largest gain first.

    Each with the number of rows, of those that won, the mean of bars and of R (None without a stop loss), and the
    gain.
    """
    rows: dict[str, list[int]] = {}
    for row, word in enumerate(table[column]):
        rows.setdefault(word, []).append(row)
    found = [_group(word, which, table) for word, which in rows.items()]
    return sorted(found, key=lambda one: (-one["gain"], one["name"]))


def _group(word: str, rows: Sequence[int], table: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    gains = [table["gain"][row] for row in rows]
    risky = [table["r"][row] for row in rows if table["r"][row] is not None]
    return {
        "name": word,
        "count": len(rows),
        "won": sum(gain > 0.0 for gain in gains),
        "bars": sum(table["bars"][row] for row in rows) / len(rows),
        "r": sum(risky) / len(risky) if risky else None,
        "gain": sum(gains),
    }
