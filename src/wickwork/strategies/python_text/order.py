"""The order of the statements of a file: the reading order, but nodes named by number stand in the order of those."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from heapq import heappop, heappush
from itertools import pairwise

from wickwork.graph.check import ValidatedGraph
from wickwork.strategies.reading_order import reading_order


def statement_order(validated: ValidatedGraph, written_by: Mapping[str, str], left_out: Collection[str]) -> list[str]:
    """The reading order, changed where nodes named by number (`ema`, `ema_2`) stand the other way round, if it can be.

    `written_by` has, for nodes without a statement of their own, such as numbers, the node whose statement adds them.
    """
    order = reading_order(validated, {*left_out, *written_by})
    rank = {name: place for place, name in enumerate(order)}
    needs: dict[str, set[str]] = {name: set() for name in order}
    for (target, _), (source, _) in validated.wired.items():
        if target in needs and source in needs:
            needs[target].add(source)
    before = _numbered_before(validated, written_by, rank)
    unmet = {name: len(needs[name]) for name in order}
    unnumbered = {name: len(before.get(name, ())) for name in order}
    feeds: dict[str, list[str]] = {}
    precedes: dict[str, list[str]] = {}
    for name in order:
        for source in needs[name]:
            feeds.setdefault(source, []).append(name)
        for earlier in before.get(name, ()):
            precedes.setdefault(earlier, []).append(name)
    ready: list[tuple[int, str]] = []
    possible: list[tuple[int, str]] = []

    def consider(name: str) -> None:
        if unmet[name] == 0:
            heappush(ready if unnumbered[name] == 0 else possible, (rank[name], name))

    for name in order:
        consider(name)
    done: list[str] = []
    placed: set[str] = set()
    while len(done) < len(order):
        _, name = heappop(ready or possible)
        if name in placed:
            continue
        placed.add(name)
        done.append(name)
        for target in feeds.get(name, ()):
            unmet[target] -= 1
            consider(target)
        for later in precedes.get(name, ()):
            unnumbered[later] -= 1
            if later not in placed:
                consider(later)
    return done


def _numbered_before(
    validated: ValidatedGraph, written_by: Mapping[str, str], known: Mapping[str, int]
) -> dict[str, set[str]]:
    """For statements that add a node named by number: the statement that adds the one before."""
    families: dict[str, list[tuple[int, str]]] = {}
    for name, node in validated.nodes.items():
        if name == node.name:
            families.setdefault(node.name, []).append((1, name))
        elif found := re.fullmatch(rf"{re.escape(node.name)}_([1-9]\d{{0,8}})", name):
            families.setdefault(node.name, []).append((int(found[1]), name))
    before: dict[str, set[str]] = {}
    for family in families.values():
        adders = [written_by.get(name, name) for _, name in sorted(family)]
        for earlier, later in pairwise(adders):
            if earlier != later and earlier in known and later in known:
                before.setdefault(later, set()).add(earlier)
    return before
