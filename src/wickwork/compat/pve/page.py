"""The page docs/pve-nodes.md, from the table: `python -m wickwork.compat.pve.page > docs/pve-nodes.md`."""

from __future__ import annotations

import sys

from wickwork.compat.pve.table import AVERAGES, EXACT, GENERAL, NEVER_LOADED, PROMISED, ROWS, Row, Slot

HEAD = """# PVE's nodes and what they become

Written by `python -m wickwork.compat.pve.page` from the table in `compat/pve/table.py`, which the importer reads.
[Coming from PVE](coming-from-pve.md) introduces import and export.
"""


def page() -> str:
    """The whole page as Markdown."""
    engine = sum(row.in_backend for row in ROWS)
    parts = [
        HEAD,
        f"## The {engine} nodes of its engine, and the {len(ROWS) - engine} that only its palette has\n",
        "| PVE | inputs | outputs | Wickwork | notes |\n|---|---|---|---|---|",
        *map(_row, ROWS),
        "\n## Kinds of average\n",
        "The largest difference is that from PVE's own values at three bars of a reference run: prices near 100, "
        "length 7.\n\n| `ma_type` | Wickwork | largest difference | notes |\n|---|---|---|---|",
        *(f"| {one.kind} | {_code(one.becomes)} | {_difference(one.largest)} | {one.note} |" for one in AVERAGES),
        "\n## Promised by PVE's README, without a node of its own\n\n| promise | Wickwork |\n|---|---|",
        *(f"| {promise} | {node if '`' in node else _code(node)} |" for promise, node in PROMISED),
        "\n## In PVE's source, but never loaded\n\nThey become placeholders.\n\n| PVE | use |\n|---|---|",
        *(f"| `{kind}` | {use if ' ' in use.split(',')[0] else _code(use)} |" for kind, use in NEVER_LOADED.items()),
        "\n## What differs for every strategy with orders\n",
        *(f"- {one}" for one in GENERAL),
    ]
    return "\n".join(parts) + "\n"


def _row(row: Row) -> str:
    became = _code(", ".join(row.becomes)) if row.becomes else "no node"
    return f"| `{row.type}` | {_slots(row.inputs)} | {_slots(row.outputs)} | {became} | {row.note} |"


def _slots(slots: tuple[Slot, ...]) -> str:
    return ", ".join(slot.label for slot in slots) or "–"


def _code(names: str) -> str:
    return ", ".join(f"`{name}`" for name in names.split(", "))


def _difference(largest: float) -> str:
    return "rounding" if largest <= EXACT else f"{largest:g}"


if __name__ == "__main__":
    sys.stdout.write(page())
