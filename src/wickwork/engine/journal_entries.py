"""The entries of a run's journal, written and read: the start, the bars that came in, the outcomes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from wickwork.engine.advance import FIELDS, PUBLIC_NAMES, Outcome
from wickwork.engine.backtest import engine_version
from wickwork.engine.kept_orders import KeptOrders
from wickwork.engine.window import Universe
from wickwork.graph.check import ValidatedGraph
from wickwork.graph.document import Graph, to_text
from wickwork.graph.document import from_data as graph_from
from wickwork.graph.identity import own_nodes
from wickwork.model.bars import iso
from wickwork.model.commands import Command, Place
from wickwork.model.commands import from_data as command_from
from wickwork.model.commands import to_data as command_data
from wickwork.model.errors import InputError
from wickwork.model.events import BarsClosed, Event, Fault, from_data, to_data
from wickwork.model.instrument import Rules, parse_instrument
from wickwork.model.messages import Notification
from wickwork.model.order_kinds import KIND_NAMES
from wickwork.model.timeframe import parse_timeframe
from wickwork.orders.records import DENIALS, LEG_NAMES, REASONS
from wickwork.orders.states import STATE_OF_REASON
from wickwork.sim.terms import Terms
from wickwork.store.journal import Entry

START, INPUT, OUTPUT, STOPPED = "start", "input", "output", "stopped"
SNAPSHOT = "snapshot"
"""A state was saved here; the entry holds a digest of all of it."""
ENGINE = "engine"
"""The run goes on with this engine and this code of the user's nodes."""
NOT_TAKEN = "not taken"
"""Bars that came too late, or a request that could not be taken, and why; the run went on without it."""
UNANSWERED = "unanswered"
"""Commands that the venue did not answer in time, and why: whether it has them cannot be told."""
_OLDER = {"heard": INPUT, "done": OUTPUT}
SCHEMA = 2
"""Rows have named fields, and words for kinds, sides, legs and reasons. Schema 1 had lists of numbers."""
READABLE = (1, 2)
_WORDS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "placed": {"kind": KIND_NAMES, "leg": LEG_NAMES},
    "closed_orders": {"kind": KIND_NAMES, "leg": LEG_NAMES, "reason": REASONS},
    "fills": {"kind": KIND_NAMES, "leg": LEG_NAMES, "maker": ("taker", "maker")},
    "denied": {"reason": DENIALS},
}
"""The words in a journal for integer codes of a row, by table and field."""
_RENAMED = {table: {**PUBLIC_NAMES[table], "maker": "liquidity"} for table in FIELDS}
"""The names of fields in a journal where they differ, by table."""
_SIDES = {1: "buy", -1: "sell"}


@dataclass(frozen=True)
class Start:
    """What a run is, as its journal's first line says."""

    graph: Graph
    universe: Universe
    terms: Terms
    source: str
    """Where the bars come from, in words."""
    synthetic: bool
    first: int
    """When the first bar opens (ms, UTC)."""
    nodes: Mapping[str, str]
    """Nodes of the user's own, with a fingerprint of their code."""
    files: tuple[str, ...]
    """The Python files that these nodes are in."""
    engine: str
    reported: bool = False
    """Whether the venue matches outside of the run, and reports."""

    @property
    def identity(self) -> str:
        """A hash of all that decides what the run does, without the engine's version."""
        return hashlib.blake2b(
            json.dumps({**_data(self), "engine": "", "files": [], "graph": self.graph.hash()}, sort_keys=True).encode(),
            digest_size=8,
        ).hexdigest()


def kind_of(entry: Entry) -> str:
    """The kind of an entry; journals of older versions call some of them otherwise."""
    return _OLDER.get(entry.kind, entry.kind)


def code_of(start: Start) -> dict[str, Any]:
    """The code that decides what a run does: the engine and the user's nodes."""
    return {"engine": start.engine, "nodes": dict(start.nodes)}


def start_of(
    validated: ValidatedGraph,
    universe: Universe,
    terms: Terms,
    *,
    source: str,
    synthetic: bool,
    first: int,
    files: tuple[str, ...] = (),
    reported: bool = False,
) -> Start:
    """The start of a run of that strategy on these bars."""
    own = own_nodes(validated.nodes.values())
    files = files if own else ()
    return Start(validated.graph, universe, terms, source, synthetic, first, own, files, engine_version(), reported)


def start_data(start: Start) -> dict[str, Any]:
    """The start as plain JSON."""
    return {**_data(start), "identity": start.identity}


def _data(start: Start) -> dict[str, Any]:
    """The start as plain JSON, without its identity."""
    universe = start.universe
    return {
        "schema": SCHEMA,
        "mode": "paper",
        "engine": start.engine,
        "graph": json.loads(to_text(start.graph)),
        "instruments": [
            {"name": str(i), "venue": i.venue, "rules": {name: getattr(i.rules, name) for name in _RULES}}
            for i in universe.instruments
        ],
        "timeframe": str(universe.timeframe),
        "finer": str(universe.finer) if universe.finer else None,
        **({"funding": list(universe.funding)} if universe.funding else {}),
        **({"marks": list(universe.marks)} if universe.marks else {}),
        "terms": start.terms.to_data(),
        "source": start.source,
        "synthetic": start.synthetic,
        "first": iso(start.first),
        "first_ms": start.first,
        "nodes": dict(start.nodes),
        "files": list(start.files),
        **({"reported": True} if start.reported else {}),
    }


_RULES = tuple(Rules.__dataclass_fields__)


def start_from(data: Mapping[str, Any], where: str) -> Start:
    """Read the first line of a journal. Raises InputError where it is not one that this version can read."""
    if data.get("schema") not in READABLE:
        readable = " and ".join(map(str, READABLE))
        raise InputError(f"{where} has schema {data.get('schema')!r}; this version reads {readable}.")
    try:
        instruments = tuple(
            replace(parse_instrument(one["name"]), venue=one["venue"], rules=Rules(**one["rules"]))
            for one in data["instruments"]
        )
        finer = parse_timeframe(data["finer"]) if data["finer"] else None
        return Start(
            graph_from(data["graph"], where),
            Universe(
                instruments,
                parse_timeframe(data["timeframe"]),
                finer,
                tuple(data.get("funding", ())),
                tuple(data.get("marks", ())),
            ),
            Terms(**data["terms"]),
            data["source"],
            data["synthetic"],
            data["first_ms"],
            data["nodes"],
            tuple(data["files"]),
            data["engine"],
            bool(data.get("reported", False)),
        )
    except (KeyError, TypeError) as error:
        raise InputError(f"The first line of {where} does not begin a run: {error!r} is wrong in it.") from None


def input_data(bar: int, event: Event) -> dict[str, Any]:
    """An event as an entry; `bar` is the number of the bar that it brings, or during which it came.

    Bars are lists of open, high, low, close and volume; shorter bars are written only where there are some.
    """
    fields = to_data(event)
    kind = fields.pop("event")
    if not isinstance(event, BarsClosed):
        return {"bar": bar, "event": kind, "fields": fields}
    if not any(event.finer):
        del fields["finer"]
    for name in ("columns", "funding", "marks"):
        if not fields[name]:
            del fields[name]
    return {"bar": bar, "event": kind, **fields}


def input_from(data: Mapping[str, Any]) -> Event:
    """The event of an entry; those of schema 1 are all bars."""
    if "fields" in data:
        if "event" not in data or not isinstance(data["fields"], Mapping):
            raise InputError("An event in the journal has no kind, or no fields.")
        return from_data({"event": data["event"], **data["fields"]})
    return from_data({"event": "BarsClosed", **{name: value for name, value in data.items() if name != "bar"}})


def order_prefix(first: Entry) -> str:
    """How the client ids of a run begin: no other journal gives the same ones."""
    return f"ww-{first.sum[:8]}"


def output_data(
    outcome: Outcome, denied: Sequence[tuple[Command, str]] = (), kept: KeptOrders | None = None
) -> dict[str, Any]:
    """An outcome as an entry; what is empty is left out.

    `denied` are the commands that the risk gate denied, and why: they are not sent. With the orders that the bot keeps
    every row has its time (`at`, ms, UTC), and those of orders their client id; with the state of closed ones.
    """
    data: dict[str, Any] = {"bar": outcome.bar, "opened_at": outcome.opened_at, "equity": outcome.equity}
    for table in FIELDS:
        rows = getattr(outcome, table)
        if rows:
            data[table] = [_named(table, row) for row in rows]
            if kept is not None:
                _add_notes(table, data[table], kept)
    if outcome.notifications:
        data["notifications"] = [asdict(one) for one in outcome.notifications]
    if outcome.faults:
        data["faults"] = [asdict(fault) for fault in outcome.faults]
    if outcome.commands:
        data["commands"] = [command_data(command) for command in outcome.commands]
    if denied:
        data["not_sent"] = [
            {"command": outcome.commands.index(command), "reason": reason} for command, reason in denied
        ]
    return data | {"state": outcome.state}


def _add_notes(table: str, rows: Sequence[dict[str, Any]], kept: KeptOrders) -> None:
    """Add client ids, times and states to the rows of a table."""
    for i, row in enumerate(rows):
        if table != "denied":
            row["client_id"] = kept.names[row["order"]]
        row["at"] = kept.created[row["order"]] if table == "placed" else kept.moments[table][i]
        if table == "closed_orders":
            row["state"] = STATE_OF_REASON[row["reason"]]


def sent_orders(data: Mapping[str, Any]) -> list[str]:
    """The client ids of the orders that were sent with an outcome's entry."""
    kept_back = {one["command"] for one in data.get("not_sent", ())}
    placed = enumerate(data.get("commands", ()))
    return [one["order"] for k, one in placed if one["command"] == Place.__name__ and k not in kept_back]


def sent_commands(data: Mapping[str, Any]) -> list[Command]:
    """The commands of an outcome's entry that the risk gate approved."""
    kept_back = {one["command"] for one in data.get("not_sent", ())}
    return [command_from(one) for k, one in enumerate(data.get("commands", ())) if k not in kept_back]


def output_from(data: Mapping[str, Any]) -> Outcome:
    """The outcome of an entry, of either schema."""
    try:
        return _outcome_from(data)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"An outcome in the journal is none of a run: {error!r} is wrong in it.") from None


def _outcome_from(data: Mapping[str, Any]) -> Outcome:
    """The outcome of an entry. Raises KeyError, TypeError or ValueError where it is none."""
    rows: dict[str, Any] = {}
    for table in FIELDS:
        found = data.get(table, data.get("ended", ()) if table == "closed_orders" else ())
        rows[table] = tuple(_numbers(table, row) for row in found)
    return Outcome(
        bar=data["bar"],
        opened_at=data["opened_at"],
        equity=data["equity"],
        state=data["state"],
        commands=tuple(command_from(command) for command in data.get("commands", ())),
        faults=tuple(Fault(**fault) for fault in data.get("faults", ())),
        notifications=tuple(Notification(**one) for one in data.get("notifications", ())),
        **rows,
    )


def _named(table: str, row: Sequence[Any]) -> dict[str, Any]:
    """A row with the names of its fields, and words where it has codes."""
    named: dict[str, Any] = {}
    for name, value in zip(FIELDS[table], row, strict=True):
        words = _WORDS[table].get(name)
        named[_RENAMED[table].get(name, name)] = _SIDES[value] if name == "side" else words[value] if words else value
    return named


def _numbers(table: str, row: Mapping[str, Any] | Sequence[Any]) -> tuple[Any, ...]:
    """The row that `_named` wrote; rows of schema 1 are lists of numbers already."""
    if not isinstance(row, Mapping):
        return tuple(row)
    found: list[Any] = []
    for name in FIELDS[table]:
        value, words = row[_RENAMED[table].get(name, name)], _WORDS[table].get(name)
        if name == "side":
            value = 1 if value == "buy" else -1
        found.append(words.index(value) if words else value)
    return tuple(found)
