"""The parts of a portfolio: several strategies in one graph, which share an account (`graph.entries.Part`)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from wickwork.graph.entries import SEPARATOR, Graph, Part, WireEntry, node_name, part_graph, part_of
from wickwork.model.bars import Bars
from wickwork.model.errors import InputError, did_you_mean
from wickwork.model.several import twice
from wickwork.model.timeframe import Timeframe, parse_timeframe


@dataclass(frozen=True)
class Members:
    """The nodes of one part, in the order in which they can run."""

    timeframe: Timeframe
    """That of the bars on whose close it decides."""
    order: tuple[str, ...]
    lanes: int
    """How many instruments it trades; 0 for a single strategy, which trades all."""


def join(name: str, strategies: Sequence[tuple[Part, Graph]]) -> Graph:
    """One graph of several strategies, which act in that order; `part_graphs` gives them back as they were.

    Raises InputError where none is given, a strategy is a portfolio itself, or two parts have one name.
    """
    if not strategies:
        raise InputError("A portfolio needs at least one strategy.")
    for part, graph in strategies:
        if graph.parts:
            raise InputError(f"The part {part.name} is a portfolio itself; join the strategies that it consists of.")
    joined = Graph(
        {node_name(part.prefix + node): entry for part, graph in strategies for node, entry in graph.nodes.items()},
        tuple(
            replace(wire, source=part.prefix + wire.source, target=part.prefix + wire.target)
            for part, graph in strategies
            for wire in graph.wires
        ),
        name,
        parts=tuple(part_of(part, graph) for part, graph in strategies),
    )
    for text in part_texts(joined):
        raise InputError(text)
    return joined


def part_texts(graph: Graph) -> Iterator[str]:
    """What is wrong with the parts of a graph, as sentences; nothing for a single strategy."""
    if not graph.parts:
        return
    names = {part.name for part in graph.parts}
    for name in twice(part.name for part in graph.parts):
        yield f"Two parts are called {name!r}; give each its own name."
    for part in graph.parts:
        if SEPARATOR in part.name or part.name.endswith("_"):
            yield f"The part {part.name!r} has two underlines in a row, or one at its end; rename it."
        if not part.instruments:
            yield f"The part {part.name} trades no instrument; name at least one."
        for instrument in twice(part.instruments):
            yield f"The part {part.name} names {instrument} twice."
        try:
            parse_timeframe(part.timeframe)
        except InputError as error:
            yield f"The part {part.name}: {error}"
    for node in graph.nodes:
        owner = part_name(node)
        if owner not in names:
            yield f"The node {node} belongs to no part; its name must begin with one, such as {graph.parts[0].prefix}x."
    for wire in graph.wires:
        if part_name(wire.source) != part_name(wire.target):
            yield f"The wire {wire} goes from one part to another; parts share nothing but the account."


def plain_parts(graph: Graph) -> tuple[Part, ...]:
    """The parts of a graph, each with its timeframe in the usual spelling: `1h` for `60m`, so that its hash is one."""
    return tuple(replace(part, timeframe=str(parse_timeframe(part.timeframe))) for part in graph.parts)


def part_name(node: str) -> str:
    """The name of the part that a node of a portfolio belongs to."""
    return node.partition(SEPARATOR)[0]


def part_graphs(graph: Graph) -> dict[str, Graph]:
    """The strategies of a portfolio by the names of their parts, as graphs of their own."""
    found = {}
    for part in graph.parts:
        size = len(part.prefix)
        nodes = {node[size:]: entry for node, entry in graph.nodes.items() if node.startswith(part.prefix)}
        wires = (
            WireEntry(w.source[size:], w.source_port, w.target[size:], w.target_port)
            for w in graph.wires
            if w.target.startswith(part.prefix)
        )
        found[part.name] = part_graph(part, nodes, tuple(wires))
    return found


def members_of(graph: Graph, order: Iterable[str], base: Timeframe) -> tuple[Members, ...]:
    """The parts of a graph for bars of that timeframe; a single strategy is one part.

    Raises InputError where the timeframe of a part is no multiple of it.
    """
    if not graph.parts:
        return (Members(base, tuple(order), 0),)
    mine: Mapping[str, list[str]] = {part.name: [] for part in graph.parts}
    for node in order:
        mine[part_name(node)].append(node)
    found = []
    for part in graph.parts:
        timeframe = parse_timeframe(part.timeframe)
        if not base.divides(timeframe) or (timeframe.floor(0) - base.floor(0)) % base.milliseconds:
            raise InputError(f"The part {part.name} needs bars of {timeframe}, which those of {base} do not make up.")
        found.append(Members(timeframe, tuple(mine[part.name]), len(part.instruments)))
    return tuple(found)


def common_timeframe(graph: Graph) -> Timeframe:
    """The longest timeframe whose bars make up those of all parts of a portfolio."""
    return Timeframe(math.gcd(*(parse_timeframe(part.timeframe).milliseconds for part in graph.parts)))


def lane_parts(graph: Graph) -> tuple[tuple[Part, str], ...]:
    """Part and instrument of each lane of a portfolio, in order; empty for a single strategy."""
    return tuple((part, instrument) for part in graph.parts for instrument in part.instruments)


def shared_instruments(graph: Graph) -> dict[str, list[str]]:
    """The instruments that several parts of a portfolio trade, with the names of these parts."""
    traded: dict[str, list[str]] = {}
    for part, instrument in lane_parts(graph):
        traded.setdefault(instrument, []).append(part.name)
    return {instrument: names for instrument, names in traded.items() if len(names) > 1}


def part_called(graph: Graph, name: str) -> Part:
    """The part of that name. Raises InputError where the portfolio has none."""
    for part in graph.parts:
        if part.name == name:
            return part
    names = [part.name for part in graph.parts]
    raise InputError(f"The portfolio has no part {name!r}.{did_you_mean(name, names)}")


def lanes_of(graph: Graph, bars: Sequence[Bars]) -> list[Bars]:
    """The bars of each lane of a run: those given, of a portfolio those of each part's instruments, in order.

    Raises InputError where a part trades an instrument that has no bars, or has them of several venues.
    """
    if not graph.parts:
        return list(bars)
    named: dict[str, list[Bars]] = {}
    for one in bars:
        named.setdefault(str(one.instrument), []).append(one)
    found = []
    for part, instrument in lane_parts(graph):
        own = named.get(instrument, [])
        if not own:
            raise InputError(
                f"The part {part.name} trades {instrument}, but there are bars of {', '.join(named) or 'nothing'} only."
                f"{did_you_mean(instrument, named)}"
            )
        if len(own) > 1:
            raise InputError(f"There are bars of {instrument} of several venues; give those of one.")
        found += own
    return found
