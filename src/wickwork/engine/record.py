"""The entries of a run's journal, written and read: the start, the bars that came in, the outcomes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from wickwork.engine.backtest import engine_version
from wickwork.engine.bot import FIELDS, Outcome
from wickwork.engine.window import Universe
from wickwork.graph.check import Sound
from wickwork.graph.document import Graph, from_data, to_text
from wickwork.graph.identity import identity
from wickwork.model.bars import iso
from wickwork.model.errors import InputError
from wickwork.model.event import BarsClosed, Row
from wickwork.model.instrument import Rules, parse_instrument
from wickwork.model.timeframe import parse_timeframe
from wickwork.sim.terms import Terms
from wickwork.store.journal import Entry

START, INPUT, OUTPUT, STOPPED = "start", "input", "output", "stopped"
SNAPSHOT = "snapshot"
"""A state was saved here; the entry holds a digest of all of it."""
ENGINE = "engine"
"""The run goes on with this engine and this code of the user's nodes."""
_OLDER = {"heard": INPUT, "done": OUTPUT}
SCHEMA = 1


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
    sound: Sound,
    universe: Universe,
    terms: Terms,
    *,
    source: str,
    synthetic: bool,
    first: int,
    files: tuple[str, ...] = (),
) -> Start:
    """The start of a run of that strategy on these bars."""
    own = {node.name: identity(node) for node in sound.nodes.values() if not _is_ours(node.step)}
    return Start(sound.graph, universe, terms, source, synthetic, first, own, files if own else (), engine_version())


def _is_ours(step: Any) -> bool:
    return str(getattr(step, "__module__", "")).startswith("wickwork.")


def start_data(start: Start) -> dict[str, Any]:
    """The start as plain JSON."""
    return {**_data(start), "identity": start.identity}


def _data(start: Start) -> dict[str, Any]:
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
        "terms": start.terms.to_data(),
        "source": start.source,
        "synthetic": start.synthetic,
        "first": iso(start.first),
        "first_ms": start.first,
        "nodes": dict(start.nodes),
        "files": list(start.files),
    }


_RULES = tuple(Rules.__dataclass_fields__)


def start_from(data: Mapping[str, Any], where: str) -> Start:
    """Read the first line of a journal. Raises InputError where it is not one that this version can read."""
    if data.get("schema") != SCHEMA:
        raise InputError(f"{where} has schema {data.get('schema')!r}; this version reads schema {SCHEMA}.")
    try:
        instruments = tuple(
            replace(parse_instrument(one["name"]), venue=one["venue"], rules=Rules(**one["rules"]))
            for one in data["instruments"]
        )
        finer = parse_timeframe(data["finer"]) if data["finer"] else None
        return Start(
            from_data(data["graph"], where),
            Universe(instruments, parse_timeframe(data["timeframe"]), finer),
            Terms(**data["terms"]),
            data["source"],
            data["synthetic"],
            data["first_ms"],
            data["nodes"],
            tuple(data["files"]),
            data["engine"],
        )
    except (KeyError, TypeError) as error:
        raise InputError(f"The first line of {where} does not begin a run: {error!r} is wrong in it.") from None


def input_data(bar: int, event: BarsClosed) -> dict[str, Any]:
    """Bars as an entry; shorter bars only where there are some."""
    data: dict[str, Any] = {"bar": bar, "opened_at": event.opened_at, "rows": event.rows}
    data |= {"finer": event.finer} if any(event.finer) else {}
    return data | ({"columns": event.columns} if event.columns else {})


def input_from(data: Mapping[str, Any]) -> BarsClosed:
    """The bars of an entry."""
    rows = tuple(_row(row) for row in data["rows"])
    finer = data.get("finer") or (None,) * len(rows)
    within = tuple(None if f is None else tuple(map(tuple, f)) for f in finer)
    columns = {name: tuple(values) for name, values in data.get("columns", {}).items()}
    return BarsClosed(data["opened_at"], rows, within, columns)


def _row(values: Any) -> Row | None:
    return None if values is None else (values[0], values[1], values[2], values[3], values[4])


def _key(name: str) -> str:
    """The name of a table in the journal; schema 1 calls closed orders "ended"."""
    return "ended" if name == "closed_orders" else name


def output_data(outcome: Outcome) -> dict[str, Any]:
    """An outcome as an entry; what is empty is left out."""
    data: dict[str, Any] = {"bar": outcome.bar, "opened_at": outcome.opened_at, "equity": outcome.equity}
    data |= {_key(name): [list(row) for row in getattr(outcome, name)] for name in FIELDS if getattr(outcome, name)}
    return data | {"state": outcome.state}


def output_from(data: Mapping[str, Any]) -> Outcome:
    """The outcome of an entry."""
    rows = {name: tuple(tuple(row) for row in data.get(_key(name), ())) for name in FIELDS}
    return Outcome(bar=data["bar"], opened_at=data["opened_at"], equity=data["equity"], state=data["state"], **rows)
