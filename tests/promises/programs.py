"""Whole programs at work, in every way in which a program may be run.

A *case* is a graph, markets and terms, made anew from a short key, so that another process can make the same one.
`Case.run` takes it forward, in one go or in pieces; `bits` is what it left behind, as hashes that are equal only where
every bit is.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import os
import random
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tests.promises.random_graphs import BASE, random_validated_graph
from tests.reference.values import Config, Market
from tests.sim.both import fast_feed, fast_terms
from tests.sim.random_markets import random_config, random_market

from wickwork.engine.backtest import feed_for
from wickwork.engine.feed import Feed
from wickwork.engine.machine import COUNTERS, OUTPUTS, Machine
from wickwork.graph.catalogue import load_file
from wickwork.graph.check import ValidatedGraph
from wickwork.graph.parts import lane_parts, lanes_of
from wickwork.graph.program import Program, instruments_read, plan
from wickwork.market.demo import DEMO_START, demo_bars
from wickwork.model.bars import Bars
from wickwork.model.errors import InputError
from wickwork.model.instrument import Kind
from wickwork.model.outside import with_other_bars
from wickwork.model.timeframe import DAY, HOUR, Timeframe
from wickwork.orders.records import ORDER
from wickwork.sim.terms import Terms
from wickwork.strategies.frame_run import with_signals
from wickwork.strategies.load import load_strategy
from wickwork.strategies.strategy import Strategy

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(file for kind in ("*.py", "*.json") for file in (ROOT / "examples").glob(kind))
PORTFOLIOS = [file for file in EXAMPLES if "portfolio" in file.stem]
SINGLE = [file for file in EXAMPLES if file not in PORTFOLIOS]
"""Those that the slow interpreter and a reporting venue can run."""


# ---- cases


@dataclass(frozen=True, eq=False)
class Case:
    """One graph on its markets: `markets` and `config` for the slow interpreter, `bars` where there are any."""

    key: str
    validated: ValidatedGraph
    base: Timeframe
    config: Config
    markets: tuple[Market, ...]
    bars: tuple[Bars, ...] = ()
    finer: tuple[Bars, ...] = ()

    @property
    def size(self) -> int:
        """Bars of the common grid."""
        return len(self.markets[0].close)

    def plan(self) -> Program:
        """The program, planned anew."""
        return plan(self.validated, self.base)

    def first(self, n: int) -> Case:
        """The same graph on the first n bars of its markets, as if nothing had come after them."""
        markets = tuple(first_bars(m, n) for m in self.markets)
        stop = int(self.markets[0].opened_at[n - 1]) + 1
        cut = [tuple(b.between(0, stop) for b in self.bars), self.finer]
        return dataclasses.replace(self, markets=markets, bars=cut[0])

    def feed(self) -> Feed:
        """The markets as the machine reads them."""
        if self.bars:
            return feed_for(self.bars, self.terms(), {b.instrument: b for b in self.finer})
        return fast_feed(self.markets, self.config)

    def terms(self) -> Terms:
        return fast_terms(() if self.bars else self.markets, self.config)

    def machine(
        self, program: Program | None = None, *, keep: bool = False, kind: type[Machine] = Machine, **options: Any
    ) -> Machine:
        """A machine before its first bar; with `keep` every wire is kept."""
        program = program or self.plan()
        kept = {name: column.index for name, column in program.names.items() if column.index >= 0} if keep else None
        return kind(program, self.feed(), self.terms(), keep=kept, **options)

    def run(self, program: Program | None = None, *, splits: Iterable[int] = (), **options: Any) -> Machine:
        """The whole run, in pieces that end at `splits`."""
        machine = self.machine(program, **options)
        for stop in (*splits, self.size):
            machine.run(stop)
        return machine


def first_bars(m: Market, n: int) -> Market:
    """The first n bars of a market."""
    columns = {name: list(getattr(m, name)[:n]) for name in ("open", "high", "low", "close", "volume", "opened_at")}
    columns["columns"] = {name: values[:n] for name, values in m.columns.items()}
    return dataclasses.replace(m, **columns, finer=m.finer[:n] if m.finer is not None else None)  # type: ignore[arg-type]


def case_of(key: str) -> Case:
    """`random SEED BARS`, or `example FILE NAME KIND LANES`."""
    kind, *rest = key.split()
    return _random_case(key, int(rest[0]), int(rest[1])) if kind == "random" else _example_case(key, *rest)


def _random_case(key: str, seed: int, size: int) -> Case:
    r = random.Random(seed)
    validated = random_validated_graph(r, r.choice((6, 12, 20)), r.choice((2, 4, 6)))
    lanes = r.choice((1, 1, 1, 2, 3))
    kind = r.choice(("spot", "perpetual"))
    gaps, finer, grid = r.random() < 0.3, r.random() < 0.2, r.choice((0.5, 0.25, 0.0))
    markets = []
    for _ in range(lanes):
        kind = r.choice(("spot", "perpetual")) if r.random() < 0.2 else kind
        markets.append(random_market(r, size, kind, gaps=gaps, finer=finer, grid=grid))
    return Case(key, validated, BASE, random_config(r), tuple(markets))


def example_keys(file: Path) -> list[str]:
    """Every strategy of an example, on spot and on perpetuals, on one instrument and on several."""
    names = [""]
    if file.suffix == ".py":
        found = {key: value for key, value in vars(load_file(file)).items() if isinstance(value, Strategy)}
        names = [value.name or key for key, value in found.items()] or [""]
    if file in PORTFOLIOS:  # what it trades is a part of it
        return [f"example {file.name} - spot 1", f"example {file.name} - spot 3"]
    return [
        f"example {file.name} {name.replace(' ', '~') or '-'} {kind} {lanes}"
        for name in names
        for kind in ("spot", "perpetual")
        for lanes in (1, 3)
    ]


@cache
def _demo(symbol: str, timeframe: str, start: int, stop: int) -> Bars:
    return demo_bars(symbol, timeframe, start, stop)


def _example_case(key: str, file: str, name: str, kind: str, lanes: str) -> Case:
    name = "" if name == "-" else name.replace("~", " ")
    loaded = load_strategy(ROOT / "examples" / file, name=name)
    validated = loaded.check()
    base = _base_of(validated)
    seed = int(hashlib.sha256(key.encode()).hexdigest()[:8], 16)
    r = random.Random(seed)
    step = base.milliseconds
    start = DEMO_START + r.randrange(200, 1500) * DAY
    stop = start + 500 * step
    symbols = [
        f"{coin}/USDT{':USDT' if kind == 'perpetual' else ''}"
        for coin in r.sample(("BTC", "ETH", "SOL", "DOGE", "LINK"), int(lanes))
    ]
    symbols = list(dict.fromkeys(name for _, name in lane_parts(loaded.graph))) or symbols
    bars = [_demo(symbol, str(base), start, stop) for symbol in symbols]
    others = [_demo(name, str(base), start, stop) for name in instruments_read(validated) if name not in symbols]
    finer: tuple[Bars, ...] = ()
    if lanes != "1":  # holes, and finer bars where they are
        bars, others = ([_with_holes(r, b) for b in several] for several in (bars, others))
        if base.milliseconds == HOUR:
            finer = tuple(_demo(symbol, "15m", start, stop) for symbol in symbols[:2])
    config = Config(
        maker_fee=0.0002,
        taker_fee=0.001,
        slippage_model="percent",
        slippage=0.0005,
        leverage=3.0 if kind == "perpetual" else 1.0,
        liquidation_fee=0.005,
        funding_rate=0.0001,
        latency=r.choice((0, 0, 1)),
    )
    loaded, bars = with_signals(loaded, lanes_of(loaded.graph, with_other_bars(bars, others)))
    validated = loaded.check()
    return Case(key, validated, base, config, _as_markets(bars, finer), tuple(bars), finer)


def _base_of(validated: ValidatedGraph) -> Timeframe:
    """The slowest of the usual timeframes that the graph can run on."""
    for minutes in (60, 15, 5):
        try:
            plan(validated, Timeframe(minutes * 60_000))
        except InputError:
            continue
        break
    return Timeframe(minutes * 60_000)


def _with_holes(r: random.Random, bars: Bars) -> Bars:
    kept = np.array([i for i in range(len(bars)) if i in (0, len(bars) - 1) or r.random() > 0.03])
    columns = (bars.opened_at, bars.open, bars.high, bars.low, bars.close, bars.volume)
    return Bars.of(bars.instrument, bars.timeframe, *(c[kept] for c in columns))


def _as_markets(bars: Sequence[Bars], finer: Sequence[Bars]) -> tuple[Market, ...]:
    """The bars in the words of the reference venue."""
    grid = np.unique(np.concatenate([b.opened_at for b in bars]))
    fine = {b.instrument: b for b in finer}
    markets = []
    for b in bars:
        columns = [_on(grid, b, values) for values in (b.open, b.high, b.low, b.close, b.volume)]
        rules = b.instrument.rules
        inside: list[list[Any]] | None = None
        if b.instrument in fine:
            f = fine[b.instrument]
            rows = np.column_stack([f.open, f.high, f.low, f.close, f.volume]).tolist()
            inside = []
            for opened, close in zip(grid.tolist(), columns[3], strict=True):
                i, j = np.searchsorted(f.opened_at, [opened, opened + b.timeframe.milliseconds]).tolist()
                inside.append([] if math.isnan(close) else [tuple(row) for row in rows[i:j]])
        markets.append(
            Market(
                *columns,
                opened_at=grid.tolist(),
                kind="perpetual" if b.instrument.kind is Kind.PERPETUAL else "spot",
                tick=rules.tick,
                lot=rules.lot,
                minimum_quantity=rules.minimum_quantity,
                minimum_notional=rules.minimum_notional,
                finer=inside,
                columns={name: _on(grid, b, values) for name, values in b.columns.items()},
                name=str(b.instrument),
            )
        )
    return tuple(markets)


def _on(grid: NDArray[np.int64], bars: Bars, values: NDArray[np.float64]) -> list[float]:
    column = np.full(len(grid), np.nan)
    column[np.searchsorted(grid, bars.opened_at)] = values
    return column.tolist()


# ---- what a run leaves behind


@dataclass(frozen=True)
class Mark:
    """How far a run was: its bar, and the rows that it had written."""

    bar: int = 0
    rows: Mapping[str, int] = dataclasses.field(default_factory=lambda: dict.fromkeys(OUTPUTS, 0))


def mark(machine: Machine) -> Mark:
    """How far the machine is."""
    return Mark(machine.done, {name: machine.written(name) for name in OUTPUTS})


BEGINNING = Mark()


def bits(machine: Machine, since: Mark = BEGINNING, *, columns: bool = True, state: bool = True) -> dict[str, str]:
    """All that the run left behind since that mark, bit for bit: outputs, equity, the wires kept, the state."""
    found = {name: _hash(machine.output(name)[since.rows[name] :]) for name in OUTPUTS}
    if columns and machine.equity.size:
        found["equity"] = _hash(machine.equity[since.bar : machine.done])
    if columns:
        found |= {f"wire {name}": _hash(kept[:, since.bar : machine.done]) for name, kept in machine.kept.items()}
    return found | {f"state {name}": _hash(array) for name, array in memory(machine).items()} if state else found


def memory(machine: Machine) -> dict[str, NDArray[Any]]:
    """What the machine remembers, free rows of the order table left out."""
    a = machine.arrays
    account, lanes = a["account"], a["lanes"]
    found = {f"books.{f}": account[f] for f in account.dtype.names if f not in COUNTERS.values()}
    found |= {f"lanes.{f}": lanes[f] for f in lanes.dtype.names}
    found["states"] = a["states"]
    slots = [
        lane * machine.capacity + slot
        for lane, row in enumerate(lanes)
        for slot in a["slots"][lane * machine.capacity : lane * machine.capacity + int(row["count"])]
    ]
    found |= {f"orders.{f}": a["orders"][f][slots] for f in ORDER.names or ()}
    return found


def _hash(array: NDArray[Any]) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:16]


def different(a: Mapping[str, str], b: Mapping[str, str]) -> list[str]:
    """The names of what differs."""
    return sorted(name for name in {*a, *b} if a.get(name) != b.get(name))


class Tight(Machine):
    """A machine whose outputs are always full after the next row, so that it stops in the middle of blocks."""

    stops = 0

    def _point(self, lanes: int) -> None:
        super()._point(lanes)
        limits = self.arrays["output_limits"]
        limits[: len(OUTPUTS)] = [self.written(name) + 1 for name in OUTPUTS]
        limits[-2] = 1

    def _grow(self) -> None:
        self.stops += 1
        # The honest number, for the real arrays.
        self.arrays["output_limits"][-2] = self.most * len(self.feed.instruments)
        super()._grow()


# ---- another process


def in_new_process(
    jobs: Sequence[Mapping[str, Any]], *, compiled: bool = True, module: str = "tests.promises.resume"
) -> list[Any]:
    """Do these jobs in a new process: see tests/promises/resume.py."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", module],
        input=json.dumps(jobs),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "WICKWORK_JIT": "1" if compiled else "0"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)  # type: ignore[no-any-return]
