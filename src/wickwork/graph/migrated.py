"""What a migration of a node returns.

A migration stands beside the node, by the version from which it leads to the next one:

    def from_1(params: dict[str, Any]) -> Migrated:
        # since version 2, `length` is called `period`
        return Migrated({"period": params.pop("length", 14), **params}, renamed={"length": "period"})

    @node(title="…", group="…", version=2, migrations={1: from_1})
    def mine(source: Series, *, period: int = 14) -> Series:
        ...
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Migrated:
    """The parameters of an entry in the next version, and what became of its ports."""

    params: Mapping[str, Any]
    """All parameters, also fixed values of inputs; those of renamed inputs are moved."""
    inputs: Mapping[str, str | tuple[str, ...] | None] = field(default_factory=dict)
    """By the old name: the new name, several names that get the same wire, or None for an input that is gone."""
    outputs: Mapping[str, str | None] = field(default_factory=dict)
    """By the old name: the new name, or None for an output that is gone; a wire from that is a fault."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Parameters by their old names, so that interfaces of sub-graphs follow."""
