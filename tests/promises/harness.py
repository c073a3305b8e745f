"""Running one node alone, in every way in which a node may be run.

`run(node, columns, values)` gives the outputs of a node over columns of input, `begin` the run with its memory. As a
script this file goes on with saved runs in a new process: it reads JSON from stdin and writes the answers to stdout.
"""

from __future__ import annotations

import ctypes
import itertools
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from wickwork.graph import native
from wickwork.graph.block import Shape
from wickwork.graph.catalogue import load_file, nodes_of
from wickwork.graph.kernel import BLOCK_ARGUMENTS, address_of, block_function
from wickwork.graph.node import Node
from wickwork.graph.signature import Value
from wickwork.graph.types import STATES_OF_RUN, Port, Surrounding
from wickwork.model.timeframe import MINUTE
from wickwork.nodes import builtin

OWN = Path(__file__).parents[2] / "examples" / "user_node.py"
"""A user's file: what it defines keeps the promises like all else."""
CATALOGUE = builtin().plus(nodes_of(load_file(OWN)))
Column = np.ndarray[Any, np.dtype[Any]]
Block = Callable[..., None]
MOST_VARIANTS = int(os.environ.get("WICKWORK_NODE_VARIANTS", "4"))
"""How many settings of a node are tried; continuous integration tries all."""
BASE = MINUTE  # the timeframe of the test bars
_C = ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * BLOCK_ARGUMENTS)


def nodes() -> dict[str, Node]:
    """The nodes that compute alone: no actions, none that look at position, account or other lanes, not the market."""
    outside = set(STATES_OF_RUN)
    alone = [n for n in CATALOGUE.values() if not n.verb and not n.across and not is_source(n)]
    return {n.name: n for n in alone if not asked(n) & outside}


def is_source(node: Node) -> bool:
    """True for the node that stands for the bars themselves and has no step."""
    return not node.arguments and (any(o.port is Port.BARS for o in node.outputs) or node.name == "column")


def asked(node: Node) -> set[Any]:
    """What the node asks for, wires and surroundings alike."""
    return {kind for _, kind in node.arguments}


# ---- running


def machine_code(node: Node) -> Block:
    """The compiled block function of the node; the plain one where compiling is switched off."""
    return _C(address_of(Shape(node))) if native.COMPILED else plain_python(node)


@cache
def plain_python(node: Node) -> Block:
    """The block function of the node as it stands, not compiled."""
    block: Block = block_function(Shape(node))
    return block


@dataclass
class Run:
    """One node at work: its memory, its parameters, and one output column per port."""

    node: Node
    block: Block
    state: Column
    params: Column

    def over(self, columns: Sequence[Column], splits: Iterable[int] = ()) -> tuple[Column, ...]:
        """The outputs over these columns, computed in blocks that end at `splits`."""
        n = len(columns[0]) if columns else 0
        outputs = [np.full(n, -77.0) for p in self.node.outputs if p.port is not Port.BARS]
        inputs = np.array([c.ctypes.data for c in columns] or [0], dtype=np.int64)
        answers = np.array([c.ctypes.data for c in outputs], dtype=np.int64)
        for begin, end in itertools.pairwise([0, *splits, n]):
            self.block(
                self.state.ctypes.data, inputs.ctypes.data, answers.ctypes.data, self.params.ctypes.data,
                begin, end - begin, 0, 0, 0,
            )  # fmt: skip
        return tuple(outputs)


def begin(
    node: Node, values: Mapping[str, Value] | None = None, *, block: Block | None = None, length: int = BASE
) -> Run:
    """The node before its first bar; compiled, unless another block function is given."""
    checked = node.check(values or {})
    params = [p.number(checked[p.name]) for p in node.parameters] + [float(k) for k in node.lengths(checked)]
    params.append(float(length))
    state = np.array(node.start(checked) or [0.0], dtype=np.float64)
    return Run(node, block or machine_code(node), state, np.array(params, dtype=np.float64))


def run(
    node: Node,
    columns: Sequence[Column],
    values: Mapping[str, Value] | None = None,
    *,
    splits: Iterable[int] = (),
    block: Block | None = None,
) -> tuple[Column, ...]:
    """The outputs of the node over these columns, one per port in the order of `node.outputs`."""
    return begin(node, values, block=block).over(columns, splits)


def same(a: Sequence[Column], b: Sequence[Column]) -> bool:
    """True when the columns are equal bit for bit."""
    return [x.tobytes() for x in a] == [y.tobytes() for y in b]


# ---- markets


@dataclass(frozen=True)
class Market:
    """Bars to test on: prices, volume, and the moments at which bars open."""

    name: str
    open: Column
    high: Column
    low: Column
    close: Column
    volume: Column
    moment: Column
    seed: int
    patchy: bool = False
    """Whether each wire has holes of its own, beside those of the bars."""

    def columns(self, node: Node) -> list[Column]:
        """The input columns of the node, in the order in which its block function wants them."""
        with np.errstate(all="ignore"):
            return self._columns(node)

    def _columns(self, node: Node) -> list[Column]:
        noise = np.random.default_rng([self.seed, 99])
        series = iter(self._series(noise))
        columns: list[Column] = []
        for _, kind in node.arguments:
            if kind is Port.BARS:
                columns += [self.open, self.high, self.low, self.close, self.volume]
            elif kind is Surrounding.MOMENT:
                columns.append(self.moment)
            elif kind in (Port.CONDITION, Port.EVENT):
                columns.append(self._holes(noise, self._condition(noise)))
            elif kind is Port.SERIES:
                columns.append(self._holes(noise, next(series)))
        # A node without inputs still has to know how many bars there are.
        return columns or [self.close]

    def _holes(self, noise: np.random.Generator, column: Column) -> Column:
        """The column; of a patchy market a fourth of it is missing, the first value never."""
        if not self.patchy:
            return column
        return np.where((noise.random(len(column)) < 0.25) & (np.arange(len(column)) > 0), np.nan, column)

    def _series(self, noise: np.random.Generator) -> Iterator[Column]:
        """Prices first, then others near them, which meet them now and then."""
        yield self.close
        while True:
            yield np.where(noise.random(len(self.close)) < 0.1, self.close, self.open)
            yield self.close * noise.choice([0.99, 1.0, 1.01], len(self.close))

    def _condition(self, noise: np.random.Generator) -> Column:
        """Now true, now false, true on the first bar, missing where the prices are."""
        values = (noise.random(len(self.close)) < 0.3).astype(np.float64)
        values[0] = 1.0
        return np.where(np.isfinite(self.close), values, np.nan)

    def cut(self, n: int) -> Market:
        """The first n bars."""
        return Market(
            self.name, self.open[:n].copy(), self.high[:n].copy(), self.low[:n].copy(), self.close[:n].copy(),
            self.volume[:n].copy(), self.moment[:n].copy(), self.seed, self.patchy,
        )  # fmt: skip


def market(name: str, close: Column, seed: int = 1, *, wick: float = 0.003, volume: Column | None = None) -> Market:
    """Bars around these closes; the clock stands still now and then, as exchanges do."""
    with np.errstate(all="ignore"):
        return _market(name, close, seed, wick, volume)


def _market(name: str, close: Column, seed: int, wick: float, volume: Column | None) -> Market:
    noise = np.random.default_rng([seed, 7])
    n = len(close)
    open_ = np.concatenate([close[:1], close[:-1]])
    open_ = np.where(np.isfinite(open_), open_, close)
    spread = np.abs(np.maximum(np.abs(open_), np.abs(close)))
    high = np.maximum(open_, close) + spread * wick * noise.random(n)
    low = np.minimum(open_, close) - spread * wick * noise.random(n)
    if volume is None:
        volume = np.where(noise.random(n) < 0.05, 0.0, noise.lognormal(2.0, 1.0, n))
    gaps = np.where(noise.random(n) < 0.01, noise.integers(2, 90, n), 1)
    gaps[0] = 0
    start = 1_699_999_200_000  # on the hour, so that a slower bar is seen from its beginning
    moment = start + np.cumsum(gaps) * BASE
    known = ~np.isnan(close)
    open_, high, low, close, volume = (np.where(known, c, np.nan) for c in (open_, high, low, close, volume))
    return Market(name, open_, high, low, close, volume, moment.astype(np.int64), seed)


def walk(n: int, seed: int = 1, *, start: float = 100.0, step: float = 0.01) -> Column:
    """A random walk with rests."""
    noise = np.random.default_rng([seed, 3])
    moves = noise.normal(0.0, step, n) * (noise.random(n) < 0.9)
    return start * np.exp(np.cumsum(moves))


def markets(n: int = 400, seed: int = 1) -> dict[str, Market]:
    """Ordinary markets and the worst ones."""
    noise = np.random.default_rng([seed, 5])
    plain = walk(n, seed)
    half = n // 2
    jump = np.concatenate([walk(half, seed), np.full(n - half, 1.0e6 / 3.0)])
    restless = np.concatenate([walk(half, seed), 1.0e6 + noise.normal(0.0, 1e-3, n - half)])
    gappy = np.where(noise.random(n) < 0.2, np.nan, plain)
    gappy[0] = plain[0]
    ticks = np.round(100.0 + np.cumsum(noise.integers(-1, 2, n)) * 0.1, 1)
    flat = np.full(n, 0.1)
    return {
        m.name: m
        for m in (
            market("walk", plain, seed),
            market("ticks", ticks, seed, wick=0.0),
            market("flat", flat, seed, wick=0.0),
            market("silent", flat, seed, wick=0.0, volume=np.zeros(n)),
            market("steps", np.repeat(walk(n // 20 + 1, seed, step=0.1), 20)[:n], seed, wick=0.0),
            market("jump then flat", jump, seed, wick=0.0),
            market("jump then restless", restless, seed, wick=0.0),
            market("alternating", np.where(np.arange(n) % 2 == 0, 100.0, 101.0), seed),
            market("tiny", plain * 1e-14, seed),
            market("huge", plain * 1e10, seed),
            market("wild", walk(n, seed, step=1.0), seed),
            market("gappy", gappy, seed),
            replace(market("patchy", plain, seed), patchy=True),
        )
    }


def strange(n: int = 200) -> dict[str, Market]:
    """No market at all, but series that wires may carry: zeros, negative numbers, the smallest and largest."""
    noise = np.random.default_rng(4)
    return {
        m.name: m
        for m in (
            market("zeros", np.zeros(n)),
            market("around zero", noise.choice([-2.0, -1.0, -0.0, 0.0, 0.5, 1.0, 3.0], n)),
            market("negative", -walk(n)),
            market("enormous", noise.normal(0.0, 1.0, n) * 10.0 ** noise.integers(-300, 300, n)),
            market("endless", np.where(noise.random(n) < 0.1, np.inf, walk(n))),
        )
    }


# ---- parameters


def variants(node: Node, *, longest: int = 40) -> list[dict[str, Value]]:
    """Parameter values worth trying: the defaults, the smallest, odd ones; every word and both truths.

    Of more than MOST_VARIANTS it takes the defaults and a random choice of the rest, the same in every run.
    """
    found: list[dict[str, Value]] = [{}]
    for choose in range(4):
        values: dict[str, Value] = {}
        for k, p in enumerate(node.parameters):
            options = [v for v in candidates(node, p.name) if not isinstance(v, int) or v <= longest]
            values[p.name] = options[(choose + (k if choose > 1 else 0)) % len(options)]
        if node.parameters and node.check(values) not in [node.check(v) for v in found]:
            found.append(values)
    for p in node.parameters:
        found += [{p.name: word} for word in p.choices if {p.name: word} not in found]
        found += [{p.name: truth} for truth in (True, False) if p.type is bool and {p.name: truth} not in found]
    if len(found) > MOST_VARIANTS:
        found = [found[0], *random.Random(node.name).sample(found[1:], MOST_VARIANTS - 1)]
    return found


def candidates(node: Node, name: str) -> list[Value]:
    """Values of one parameter, the smallest first."""
    p = next(p for p in node.parameters if p.name == name)
    if p.choices:
        return list(p.choices)
    if p.timeframe:
        return ["5m", "1m", "1h", "1d"]
    if p.time_of_day:
        return ["00:00", "00:01", "08:00", "22:30", "23:00"]
    if p.type is bool:
        return [False, True]
    if p.type is str:
        return [p.default]
    low, high = (p.between.low, p.between.high) if p.between else (-1e6, 1e6)
    wanted = [low, low + 1, low + 6, float(p.default) + 3, (low + high) / 2, high]
    fitting = [p.type(min(max(w, low), high)) for w in wanted]
    return list(dict.fromkeys(fitting))


# ---- another process


def go_on(jobs: Sequence[Mapping[str, Any]]) -> list[list[Column]]:
    """Continue saved runs in a new process; see `saved`."""
    command = [sys.executable, __file__]
    done = subprocess.run(command, input=json.dumps(jobs), capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    return [[np.array(column, dtype=np.float64) for column in outputs] for outputs in answers]


def saved(a: Run, columns: Sequence[Column], *, file: Path | None = None, name: str = "") -> dict[str, Any]:
    """A run as JSON: memory and parameters as plain numbers, and the columns still to come.

    A node outside the catalogue is found in `file` under `name`, and goes on uncompiled.
    """
    return {
        "node": name or a.node.name,
        "file": str(file or ""),
        "state": json.loads(json.dumps(a.state.tolist())),
        "params": a.params.tolist(),
        "columns": [[c.dtype.str, c.tolist()] for c in columns],
    }


def _continue(job: Mapping[str, Any]) -> list[list[float]]:
    if job["file"]:
        node = getattr(load_file(Path(job["file"])), job["node"])
        block = plain_python(node)
    else:
        node = CATALOGUE[job["node"]]
        block = machine_code(node)
    columns = [np.array(values, dtype=kind) for kind, values in job["columns"]]
    state, params = (np.array(job[key], dtype=np.float64) for key in ("state", "params"))
    return [c.tolist() for c in Run(node, block, state, params).over(columns)]


if __name__ == "__main__":
    json.dump([_continue(job) for job in json.load(sys.stdin)], sys.stdout)
