"""The order in which the nodes of a graph run, and what reaches them through their wires."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from wickwork.graph.faults import MOST_NAMES, Fault
from wickwork.graph.node import Node
from wickwork.graph.types import Port, Surrounding

Wired = Mapping[tuple[str, str], tuple[str, str]]
"""For each input (node, port) the output that is wired to it."""


def running_order(nodes: Collection[str], wired: Wired) -> tuple[list[str], list[Fault]]:
    """The nodes in an order in which each comes after those that feed it: level by level, sorted in each.

    Where the wires run in a circle, the nodes that depend on it are not in the order, and the fault names it.
    """
    waits_for: dict[str, set[str]] = {name: set() for name in nodes}
    feeds: dict[str, set[str]] = {}
    for (target, _), (source, _) in wired.items():
        waits_for[target].add(source)
        feeds.setdefault(source, set()).add(target)
    unmet = {name: len(sources) for name, sources in waits_for.items()}
    order: list[str] = []
    ready = sorted(name for name, number in unmet.items() if number == 0)
    while ready:
        order += ready
        following: list[str] = []
        for name in ready:
            for target in feeds.get(name, ()):
                unmet[target] -= 1
                if unmet[target] == 0:
                    following.append(target)
        ready = sorted(following)
    if len(order) == len(nodes):
        return order, []
    circle = _circle({name: waits_for[name] for name, number in unmet.items() if number}, unmet)
    shown_circle = circle if len(circle) <= MOST_NAMES else [*circle[:MOST_NAMES], "…", circle[-1]]
    return order, [Fault(circle[0], "", f"the wires run in a circle: {' → '.join(shown_circle)}", "cut one of them")]


def _circle(waiting: Mapping[str, set[str]], unmet: Mapping[str, int]) -> list[str]:
    """One circle among nodes that wait for one another, in the direction of the wires."""
    place: dict[str, int] = {}
    at = min(waiting)
    while at not in place:
        place[at] = len(place)
        at = min(source for source in waiting[at] if unmet[source])
    path = list(place)
    return [at, *reversed(path[place[at] :])]


def dead_actions(nodes: Mapping[str, Node], wired: Wired, sources: Collection[str]) -> list[Fault]:
    """Actions whose trigger never changes: nothing of the market, of time or of the position reaches it.

    `sources` are the nodes without inputs that follow the market, `bars` left out.
    """
    feeds = _targets(wired)
    waiting = [
        name
        for name, node in nodes.items()
        if node.name in ("bars", *sources)
        or any(not isinstance(kind, Port) and kind is not Surrounding.BAR_LENGTH for _, kind in node.arguments)
    ]
    alive = _reached(waiting, feeds)
    faults = []
    for name, node in nodes.items():
        if node.verb and (name, "when") in wired and wired[name, "when"][0] not in alive:
            reason = "its trigger never changes, because nothing of the market reaches it"
            faults.append(Fault(name, "when", reason, "wire it to something that follows the bars"))
    return faults


def position_comparisons(nodes: Mapping[str, Node], wired: Wired) -> list[Fault]:
    """Nodes that compare instruments and depend on the position or the account: these differ with every fill."""
    feeds, faults, seen = _targets(wired), list[Fault](), set[str]()
    bars_alone = (Surrounding.MOMENT, Surrounding.BAR_LENGTH)
    for name, node in sorted(nodes.items()):
        if all(isinstance(kind, Port) or kind in bars_alone for _, kind in node.arguments):
            continue
        new = _reached([name], feeds, seen)
        seen |= new
        for reached in sorted(new):
            if nodes[reached].across:
                reason = f"{nodes[reached].name} compares instruments, but depends on {name} ({node.name})"
                remedy = "it can read only what depends on bars alone; connect it to prices or indicators"
                faults.append(Fault(reached, "", reason, remedy))
    return faults


def _targets(wired: Wired) -> dict[str, list[str]]:
    """For each node those that it feeds."""
    feeds: dict[str, list[str]] = {}
    for (target, _), (source, _) in wired.items():
        feeds.setdefault(source, []).append(target)
    return feeds


def _reached(sources: Iterable[str], feeds: Mapping[str, list[str]], without: Collection[str] = ()) -> set[str]:
    """The nodes that depend on any of these, themselves included, but not those in `without` and behind them."""
    waiting = [name for name in sources if name not in without]
    found = set(waiting)
    while waiting:
        for target in feeds.get(waiting.pop(), ()):
            if target not in found and target not in without:
                found.add(target)
                waiting.append(target)
    return found
