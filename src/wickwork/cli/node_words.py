"""Parts of a node in words, for tables in the terminal and on pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wickwork.graph.signature import Parameter


def type_of(p: Parameter) -> str:
    """What a parameter may be."""
    plain = {int: "whole number", float: "number", bool: "true or false", str: "text"}[p.type]
    return "choice" if p.choices else "timeframe" if p.timeframe else "time of day" if p.time_of_day else plain
