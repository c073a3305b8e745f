"""Orders of different actions of which one cancels the other: the group numbers of actions that are linked."""

from __future__ import annotations

from collections.abc import Mapping

from wickwork.graph.check import ValidatedGraph
from wickwork.graph.types import LINK

FIRST_GROUP = 1_000_001
"""The numbers below are those that a strategy gives with the parameter `oco`."""


def oco_groups(validated: ValidatedGraph, numbers: Mapping[str, int]) -> dict[str, int]:
    """For each action that is linked to another one the number of its group; `numbers` are those of all actions.

    Actions that are linked one after the other are one group: that of the parameter `oco` of the first, where it has
    one.
    """
    links = {name: validated.wired[name, LINK][0] for name in numbers if (name, LINK) in validated.wired}
    groups: dict[str, int] = {}
    for name in links:
        first = name
        while first in links:
            first = links[first]
        group = int(validated.values[first].get("oco") or FIRST_GROUP + numbers[first])
        groups |= {name: group, links[name]: group}
    return groups
