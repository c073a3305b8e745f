"""A portfolio: several strategies on one account, each with its own instruments, timeframe and positions.

    both = portfolio(
        Member("trend", "ema_cross.py", ["BTC/USDT", "ETH/USDT"], "4h"),
        Member("dip", rsi_dip, ["BTC/USDT"], "15m"),
    )
    backtest(both, bars)

The bars of a run are of one timeframe, which divides those of all members. A member decides when one of its own bars
closes; its orders are matched on every bar of the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from wickwork.context import Context
from wickwork.graph.document import Graph, Part
from wickwork.graph.parts import join, part_graphs
from wickwork.model.errors import InputError
from wickwork.model.instrument import Instrument
from wickwork.model.other_bars import other_name
from wickwork.model.timeframe import Timeframe, parse_timeframe
from wickwork.strategies.frames import FrameStrategy
from wickwork.strategies.load import Loaded, as_loaded
from wickwork.strategies.strategy import Strategy


@dataclass(frozen=True)
class Member:
    """One strategy of a portfolio: a name (letters, digits and single underlines), what it trades, and when.

    `instruments` are names such as `BTC/USDT`; `params` changes parameters of the strategy, as in `backtest`.
    """

    name: str
    strategy: Strategy | Graph | FrameStrategy | type[FrameStrategy] | Loaded | str | Path
    instruments: str | Instrument | Sequence[str | Instrument]
    timeframe: str | Timeframe
    params: Mapping[str, Any] = field(default_factory=dict)


def portfolio(*members: Member, name: str = "", context: Context | None = None) -> Loaded:
    """Join strategies, which act in that order on one account; `name` is that of the whole.

    Raises InputError where there is none, where two have one name, for a name or an instrument that is none, and where
    two strategies use different nodes of their own under one name; and the errors of reading a strategy.
    """
    parts: list[tuple[Part, Graph]] = []
    frames: dict[str, FrameStrategy] = {}
    catalogue, cache = (context or Context()).catalogue, None
    for member in members:
        if not isinstance(member, Member):
            raise InputError(f"portfolio takes members, was given {member!r:.60}; write Member(name, strategy, …).")
        if not isinstance(member.name, str):
            raise InputError(f"The name of a member is a text, was {member.name!r:.60}.")
        loaded = as_loaded(member.strategy, context)
        if member.params != {}:
            loaded = loaded.with_params(member.params)
        given = member.instruments
        if not isinstance(given, str | Instrument | Iterable):
            raise InputError(
                f"The member {member.name} takes names such as BTC/USDT as instruments, not {given!r:.60}."
            )
        several = [given] if isinstance(given, str | Instrument) else list(given)
        part = Part(member.name, str(parse_timeframe(member.timeframe)), tuple(other_name(str(one)) for one in several))
        parts.append((part, loaded.graph))
        if loaded.frame_strategy is not None:
            frames[member.name] = loaded.frame_strategy
        catalogue, cache = catalogue.plus(loaded.catalogue.values()), loaded.cache
    joined = join(name or ", ".join(part.name for part, _ in parts), parts)
    return Loaded(joined, catalogue, cache, frame_parts=frames)


def with_part(graph: Graph, name: str, strategy: Graph) -> Graph:
    """The portfolio with another graph for one of its parts."""
    graphs = {**part_graphs(graph), name: strategy}
    joined = join(graph.name, [(part, graphs[part.name]) for part in graph.parts])
    return replace(graph, nodes=joined.nodes, wires=joined.wires, parts=joined.parts)
