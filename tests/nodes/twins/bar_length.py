"""Twins of nodes/bar_length.py."""

from __future__ import annotations

from tests.nodes.twins.common import Numbers, twin


@twin
def bar_minutes(length: int) -> Numbers:
    return [length / 1000 / 60]
