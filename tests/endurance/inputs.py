"""Inputs gone wrong, made from a number: strategy documents, configurations and files of bars.

`case(number)` gives what to do with the product as a function without arguments; it returns the run that came of it, or
None where there is nothing to run, or raises what the product raises. The same number always gives the same case.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from tests.promises.random_graphs import BASE, random_validated_graph
from tests.sim.both import TERMS, fast_feed, fast_terms
from tests.sim.random_markets import random_config, random_market
from wickwork.cli import options
from wickwork.cli.setting import Setting
from wickwork.engine.backtest import feed_for
from wickwork.engine.feed import Feed
from wickwork.engine.machine import Machine
from wickwork.graph.check import check
from wickwork.graph.document import from_text, to_text
from wickwork.graph.program import Program, plan
from wickwork.graph.types import Port
from wickwork.market.resample import resample
from wickwork.market.sources.cleaning import clean
from wickwork.market.sources.reading import read_without_warning
from wickwork.model.bars import Bars
from wickwork.model.instrument import Instrument, Rules, parse_instrument
from wickwork.model.timeframe import HOUR, Timeframe, parse_timeframe
from wickwork.nodes import builtin
from wickwork.sim.terms import Terms

SIZE = 64
"""Bars of a run."""
KINDS = ("documents", "configurations", "bar files")
GRAPHS = 80
"""Sound graphs that are mutated."""
Case = Callable[[Path], Machine | None]

ODD: tuple[Any, ...] = (
    0, -1, 1, 2, 3, 7, 31, 32, 64, 4999, 5000, 5001, 10**6, 2**31, 2**53, 2**63, 2**64, 10**30, 10**400, -(10**400),
    -0.0,
    0.1, 0.5, 1.5, -2.5, 99.9, 1e-9, 1e-300, 5e-324, 1e15, 1e22, 1e300, -1e300, 1.7976931348623157e308, True, False,
    None, "", " ", "abc",
    "1h", "4h", "1d", "7m", "1w", "0m", "-1h", "1e5", "nan", "inf", "-Infinity", "１２", "٣h", "Ω", "\ud800", "\x00",
    "mean", "market",
    "long", "percent", "x" * 5000, [], {}, [1], {"a": 1}, [[[[]]]],
)  # fmt: skip
"""Values that somebody might write where another was meant."""
TOKENS = (
    b"{", b"}", b"[", b"]", b",", b":", b'"', b"null", b"true", b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-0",
    b"1e-400",
    b"\\u0000", b'"\\ud800"', b"\xff\xfe", b"\xef\xbb\xbf", b"\x00", "😀".encode(), b"9" * 400, b"9" * 5000,
    b"[" * 3000, b'{"a":' * 800, b"\n", b"\r",
    b";", b"\t", b"|", b"-", b"nan", b"inf", b"1e308", b"1e-320", b"1_000", b"1.234,5", b"2024-01-01", b"0", b"-1",
    b"'", b"\\", b"/*",
)  # fmt: skip


def kind_of(number: int) -> str:
    """70 % documents, 15 % configurations, 15 % files of bars."""
    place = number % 20
    return KINDS[0] if place < 14 else KINDS[1] if place < 17 else KINDS[2]


def case(number: int) -> Case:
    """The case of that number."""
    r = random.Random(number)
    kind = kind_of(number)
    if kind == KINDS[0]:
        return _document(r)
    return _configuration(r) if kind == KINDS[1] else _bar_file(r)


# ---- what mutants are made of


@cache
def graphs() -> tuple[str, ...]:
    """Sound graphs, as documents."""
    r = random.Random(7)
    return tuple(
        to_text(random_validated_graph(r, r.choice((2, 4, 8, 12)), r.choice((1, 2, 4))).graph) for _ in range(GRAPHS)
    )


@cache
def programs() -> tuple[Program, ...]:
    """Some of them planned, for cases that are not about graphs."""
    return tuple(plan(check(from_text(text), builtin()), BASE) for text in graphs()[:40])


@cache
def feeds() -> tuple[tuple[Feed, Terms], ...]:
    """Markets to run on, most of them ordinary."""
    found = []
    for seed in range(24):
        r = random.Random(seed)
        lanes, kind = r.choice((1, 1, 1, 2, 3)), r.choice(("spot", "perpetual"))
        gaps, finer, grid = r.random() < 0.3, r.random() < 0.2, r.choice((0.5, 0.25, 0.0))
        markets = [random_market(r, SIZE, kind, gaps=gaps, finer=finer, grid=grid) for _ in range(lanes)]
        config = random_config(r)
        found.append((fast_feed(markets, config), fast_terms(markets, config)))
    found += [(feed_for([bars], Terms()), Terms()) for bars in nasty()]
    return tuple(found)


def nasty() -> list[Bars]:
    """Bars that keep the rules and are no market."""
    noise = np.random.default_rng(3)
    closes = [
        np.where(np.arange(SIZE) % 7 == 3, 1e6, 1e-8), np.full(SIZE, 0.1), 1e-12 * (1.0 + noise.random(SIZE)),
        10.0 ** noise.uniform(-8.0, 8.0, SIZE), 1e12 * (1.0 + noise.random(SIZE)),
    ]  # fmt: skip
    return [bars_around(close, noise, k) for k, close in enumerate(closes)]


def bars_around(close: Any, noise: Any, k: int = 0) -> Bars:
    """Bars with these closes."""
    start = np.roll(close, 1)
    wick = np.where(k % 2, 1.0, 1.0 + noise.random(len(close)) * 0.01)
    times = 1_700_000_000_000 // HOUR * HOUR + np.arange(len(close), dtype=np.int64) * HOUR
    volume = np.where(noise.random(len(close)) < 0.3, 0.0, 10.0 ** noise.uniform(-9, 12, len(close)))
    settle = "USDT" if k % 2 else ""
    return Bars.of(
        Instrument("N", "USDT", settle), Timeframe(HOUR), times, start, np.maximum(start, close) * wick,
        np.minimum(start, close) / wick, close, volume,
    )  # fmt: skip


def go(program: Program, feed: Feed, terms: Terms) -> Machine:
    """A short backtest."""
    machine = Machine(program, feed, terms, block=min(1024, feed.size))
    machine.run(feed.size)
    return machine


# ---- documents


def _document(r: random.Random) -> Case:
    text = r.choice(graphs())
    if r.random() < 0.25:
        content = mutated_bytes(r, text.encode(), r.randint(1, 4))
    else:
        tree = json.loads(text)
        for _ in range(r.choice((1, 1, 1, 1, 2, 4))):
            _change_tree(r, tree)
        content = json.dumps(tree).encode()
        if r.random() < 0.02:
            content = mutated_bytes(r, content, 1)
    feed, terms = r.choice(feeds())
    return partial(_run_document, content, feed, terms)


def _run_document(content: bytes, feed: Feed, terms: Terms, folder: Path) -> Machine:
    graph = from_text(content)
    validated = check(graph, builtin())
    program = plan(validated, feed.timeframe)
    assert from_text(to_text(validated.graph)) == validated.graph, "a sound graph is not what its text says"
    return go(program, feed, terms)


def mutated_bytes(r: random.Random, content: bytes, many: int) -> bytes:
    """The bytes with some of them changed, lost, doubled, swapped or invented."""
    for _ in range(many):
        at = r.randrange(len(content) + 1)
        end = min(len(content), at + r.choice((1, 1, 2, 8, 60)))
        how = r.randrange(8)
        if how == 0:
            content = content[:at] + bytes([r.randrange(256)]) + content[end:]
        elif how == 1:
            content = content[:at] + content[end:]
        elif how == 2:
            content = content[:end] + content[at:end] * r.choice((1, 1, 3)) + content[end:]
        elif how == 3 and r.random() < 0.5:
            content = content[:at]
        elif how in (4, 5):
            content = content[:at] + r.choice(TOKENS) + content[at:]
        else:
            pieces = re.split(rb"(\W+)", content)
            a, b = r.randrange(len(pieces)), r.randrange(len(pieces))
            pieces[a], pieces[b] = (pieces[b], pieces[a]) if how == 6 else (r.choice(TOKENS), pieces[b])
            content = b"".join(pieces)
    return content


def _change_tree(r: random.Random, tree: dict[str, Any]) -> None:
    nodes, wires = tree.get("nodes"), tree.get("wires")
    if not isinstance(nodes, dict) or not isinstance(wires, list) or not nodes:
        return
    name, how = r.choice(list(nodes)), r.randrange(24)
    if how <= 14:
        settable = [n for n, e in nodes.items() if isinstance(e, dict) and e.get("params")]
        name = r.choice(settable or [name])
    entry = nodes[name]
    if not isinstance(entry, dict) or how == 0:
        nodes[name] = r.choice(ODD)
    elif how <= 14 and isinstance(entry.get("params"), dict):
        _change_params(r, entry)
    elif how == 15:
        entry["type"] = r.choice((*builtin(), "emaa", "Ema", "", 7, None))
    elif how == 16:
        entry[r.choice(("version", "params", "type", "else"))] = r.choice(ODD)
    elif how == 17:
        del nodes[name]
    elif how == 18:
        nodes[r.choice(("copy", "n0", "a b", "1x", "ä", "", "bars", "x" * 300))] = json.loads(json.dumps(entry))
    elif how in (19, 20) and wires:
        _change_wire(r, wires, list(nodes))
    elif how == 21:
        wires.append([_port(r, list(nodes), True), _port(r, list(nodes), False)])
    elif how == 22 and wires:
        del wires[r.randrange(len(wires))]
    else:
        tree[r.choice(("schema", "name", "nodes", "wires", "interface", "notes", "layout", "extra"))] = r.choice(ODD)


def _change_params(r: random.Random, entry: dict[str, Any]) -> None:
    node = builtin().nodes.get(str(entry.get("type")))
    known = (
        [p.name for p in node.parameters] + [i.name for i in node.inputs if i.port is Port.SERIES and not i.required]
        if node
        else ["period"]
    )
    key = r.choice(known) if known and r.random() < 0.95 else r.choice(("perod", "", "x", "Ω"))
    parameter = next((p for p in node.parameters if p.name == key), None) if node else None
    value = r.choice(ODD)
    if r.random() < 0.8:
        if parameter is None:
            value = r.choice((0.0, 0.5, 1.0, -1.0, 3.0, 50.0, 1e-12, 1e12, 10.0 ** r.uniform(-15, 15)))
        elif parameter.choices:
            value = r.choice(parameter.choices)
        elif parameter.timeframe:
            value = r.choice(("2h", "4h", "1d", "1w", "30m"))
        elif parameter.time_of_day:
            value = r.choice(("00:00", "9:30", "24:00", "25:00", 810))
        elif parameter.type is bool:
            value = r.random() < 0.5
        elif parameter.between:
            low, high = parameter.between.low, parameter.between.high
            value = parameter.type(r.choice((low, high, min(high, low + r.randint(0, 70)), r.uniform(low, high))))
    entry["params"][key] = value


def _change_wire(r: random.Random, wires: list[Any], names: list[str]) -> None:
    at = r.randrange(len(wires))
    wire = wires[at]
    if r.random() < 0.15 or not isinstance(wire, list) or len(wire) != 2:
        wires[at] = r.choice(ODD)
    elif r.random() < 0.3:
        wires[at] = [wire[1], wire[0]]
    else:
        end = r.randrange(2)
        wire[end] = _port(r, names, end == 0)


def _port(r: random.Random, names: list[str], out: bool) -> Any:
    if r.random() < 0.05:
        return r.choice(ODD)
    ports = ("value", "close", "bars", "order", "line") if out else ("source", "a", "b", "when", "bars", "condition")
    return f"{r.choice(names)}.{r.choice(ports)}"


# ---- configurations


def _configuration(r: random.Random) -> Case:
    how = r.randrange(4)
    if how == 0:
        given: dict[str, Any] = {}
        for _ in range(r.randint(1, 3)):
            name = r.choice(TERMS)
            words = {
                "slippage_model": ("none", "percent", "fixed", "atr", "volume", "ATR"),
                "assume": ("best", "worst"),
            }
            given[name] = r.choice(words[name]) if name in words and r.random() < 0.8 else _amount(r)
        return partial(_run_terms, given, r.randrange(40), r.randrange(24))
    if how == 1:
        rules = {n: _amount(r) for n in ("tick", "lot", "minimum_quantity", "minimum_notional") if r.random() < 0.6}
        return partial(_run_rules, rules, r.randrange(40), r.randrange(5))
    names = ("capital", "fees", "slippage", "slippage_model", "spread", "latency", "leverage", "volume_limit",
    "funding_rate", "assume",
             "tick", "lot", "min_notional", "timeframe", "start", "stop")  # fmt: skip
    texts = {name: _text(r, name) for name in r.sample(names, r.randint(1, 4))}
    changes = [_change(r) for _ in range(r.choice((0, 0, 1, 2)))]
    return partial(_run_setting, texts, changes, _text(r, "instrument"), r.randrange(GRAPHS), r.randrange(24))


def _amount(r: random.Random) -> Any:
    return (
        r.choice(ODD)
        if r.random() < 0.3
        else r.choice((1.0, 0.0, 10.0 ** r.uniform(-12, 14), r.random(), r.uniform(0.0, 20.0)))
    )


_SENSIBLE = {
    "slippage_model": ("none", "percent", "fixed", "atr", "volume"), "assume": ("best", "worst", "BEST"),
    "fees": ("0.1", "0.02/0.05", "1%/2%", "-0.01/0.1"),
    "timeframe": ("1h", "4h", "1d", "15m", "3h"), "start": ("2024-01-01", "2024-02-30", "2024-01-01T00:00Z",
    "0001-01-01", "9999-12-31T23:59:59"),
    "stop": ("2025-01-01", "2023-01-01", "20240101"), "instrument": ("BTC/USDT", "ETHUSDT", "BTC/USDT:USDT",
    "BINANCE:SOLUSDT", "XBT-USD", "A/P_"),
}  # fmt: skip


def _text(r: random.Random, name: str) -> str:
    text = str(r.choice(_SENSIBLE.get(name, ("1", "0.5", "10,000", "5%", "100", "0", "1e3", "20"))))
    if r.random() < 0.5:
        return text
    if r.random() < 0.4:
        return str(r.choice(ODD))[:6000]
    return mutated_bytes(r, text.encode(), r.randint(1, 3)).decode(errors="replace")[:6000]


def _change(r: random.Random) -> str:
    tree = json.loads(r.choice(graphs()))
    name = r.choice(list(tree["nodes"]))
    key = r.choice([*tree["nodes"][name]["params"], "period", "size"])
    text = f"{name}.{key}={r.choice(ODD) if r.random() < 0.5 else r.randint(1, 60)}"
    return text if r.random() < 0.7 else mutated_bytes(r, text.encode(errors="replace"), 1).decode(errors="replace")


def _run_terms(given: dict[str, Any], program: int, feed: int, folder: Path) -> Machine:
    return go(programs()[program], feeds()[feed][0], Terms(**given))


def _run_rules(rules: dict[str, Any], program: int, bars: int, folder: Path) -> Machine:
    market = nasty()[bars]
    own = Instrument(market.instrument.base, "USDT", market.instrument.settle, rules=Rules(**rules))
    ruled = Bars(
        own, market.timeframe, market.opened_at, market.open, market.high, market.low, market.close, market.volume
    )
    return go(programs()[program], feed_for([ruled], Terms()), Terms())


def _run_setting(
    texts: dict[str, str], changes: list[str], instrument: str, graph: int, feed: int, folder: Path
) -> Machine:
    setting = Setting(Path("none.json"), **texts)
    options.span(setting.start, setting.stop)
    if setting.timeframe:
        parse_timeframe(setting.timeframe)
    given = {"tick": setting.tick, "lot": setting.lot, "minimum_notional": setting.min_notional}
    Rules(
        **{name: value for name, text in given.items() for value in [options.number(text, "--x")] if value is not None}
    )
    parse_instrument(instrument)
    wanted, terms = options.changes(changes), setting.terms()
    if not wanted:
        return go(programs()[graph % 40], feeds()[feed][0], terms)
    validated = check(from_text(graphs()[graph]).with_params(wanted), builtin())
    return go(plan(validated, BASE), feeds()[feed][0], terms)


# ---- files of bars


@cache
def files() -> tuple[tuple[str, bytes], ...]:
    """Sound files of every format."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyarrow import feather

    noise = np.random.default_rng(5)
    close = 100.0 * np.exp(np.cumsum(noise.normal(0.0, 0.01, SIZE)))
    bars = bars_around(np.round(close, 2), noise)
    times = bars.opened_at
    rows = list(
        zip(
            times.tolist(),
            *(np.round(c, 4).tolist() for c in (bars.open, bars.high, bars.low, bars.close, bars.volume)),
            strict=True,
        )
    )
    head = "timestamp,open,high,low,close,volume\n"
    plain = head + "".join(f"{','.join(map(str, row))}\n" for row in rows)
    iso = [np.datetime64(row[0], "ms").astype("datetime64[s]") for row in rows]
    spanish = "Fecha;Apertura;Máximo;Mínimo;Cierre;Volumen\n" + "".join(
        f"{t};{';'.join(str(x).replace('.', ',') for x in row[1:])}\n" for t, row in zip(iso, rows, strict=True)
    )
    bare = "".join(f"{','.join(map(str, row))},0,1\n" for row in rows)
    symbol = "Unix,Date,Symbol,Open,High,Low,Close,Volume BTC\n" + "".join(
        f"{row[0] // 1000},{t},BTC/USDT,{','.join(map(str, row[1:]))}\n" for t, row in zip(iso, rows, strict=True)
    )
    table = pa.table(
        dict(zip(("date", "open", "high", "low", "close", "volume"), map(list, zip(*rows, strict=True)), strict=True))
    )
    parquet, arrow, packed = io.BytesIO(), io.BytesIO(), io.BytesIO()
    pq.write_table(table, parquet)
    feather.write_feather(table, arrow)  # type: ignore[arg-type]
    with zipfile.ZipFile(packed, "w") as archive:  # without the time of day, or no case would come again
        archive.writestr(zipfile.ZipInfo("x.csv"), plain, zipfile.ZIP_DEFLATED)
    small = head + "".join(f"{','.join(map(str, row))}\n" for row in rows[:3])
    return (
        ("csv", plain.encode()), ("csv", spanish.encode("latin-1")), ("csv", bare.encode()), ("csv", symbol.encode()),
        ("csv", small.encode()),
        ("csv", plain.encode("utf-16")), ("json", json.dumps(rows).encode()), ("json",
        json.dumps([list(map(str, r)) for r in rows]).encode()),
        ("parquet", parquet.getvalue()), ("feather", arrow.getvalue()), ("csv.gz",
        gzip.compress(plain.encode(), mtime=0)), ("zip", packed.getvalue()),
    )  # fmt: skip


def _bar_file(r: random.Random) -> Case:
    if r.random() < 0.2:
        return partial(_run_bars, r.randrange(2**31), r.randrange(40))
    ending, content = r.choice(files()[:8]) if r.random() < 0.8 else r.choice(files()[8:])
    if ending in ("csv", "json") and r.random() < 0.5:
        content = _change_cells(r, content)
    else:
        content = mutated_bytes(r, content, r.randint(1, 5))
    ending = (
        ending if r.random() < 0.97 else r.choice(("csv", "json", "parquet", "zip", "csv.gz", "feather", "txt", ""))
    )
    frame = r.choice((None, None, None, "1h", "4h", "1m", "abc"))
    return partial(_run_file, content, ending, r.choice((None, "BTC/USDT", "ETHUSDT.P")), frame, r.randrange(40))


def _change_cells(r: random.Random, content: bytes) -> bytes:
    """Some cells exchanged for others that are odd or only improbable."""
    pieces = re.split(rb"([,;\n\[\]]+)", content)
    for _ in range(r.choice((1, 1, 2, 5))):
        at = r.randrange(0, len(pieces), 2)
        pieces[at] = r.choice(
            (str(r.choice(ODD)).encode(errors="replace")[:6000], str(10.0 ** r.uniform(-330, 308)).encode(),
            pieces[r.randrange(0, len(pieces), 2)], b"", b"0", b"-5")
        )  # fmt: skip
    return b"".join(pieces)


def _run_file(
    content: bytes, ending: str, instrument: str | None, frame: str | None, program: int, folder: Path
) -> Machine | None:
    path = folder / f"BTCUSDT.{ending}"
    path.write_bytes(content)
    raw = read_without_warning(path, instrument, frame)
    bars, _ = clean(raw, 1_800_000_000_000)
    return _run_over(bars, program)


def _run_bars(seed: int, program: int, folder: Path) -> Machine | None:
    """Bars of any size, most of which keep the rules."""
    noise = np.random.default_rng(seed)
    low, high = sorted(noise.choice([-300.0, -30.0, -8.0, -2.0, 0.0, 2.0, 8.0, 30.0, 300.0], 2))
    close = 10.0 ** noise.uniform(low, high, int(noise.integers(1, SIZE)))
    return _run_over(bars_around(close, noise, int(noise.integers(4))), program)


def _run_over(bars: Bars, program: int) -> Machine | None:
    bars = bars.slice(0, 2 * SIZE)
    if bars.timeframe.milliseconds == HOUR // 4:
        bars = resample(bars, Timeframe(HOUR))
    found = programs()[program]
    if bars.timeframe.milliseconds != HOUR:
        found = plan(found.validated, bars.timeframe)
    return go(found, feed_for([bars], Terms()), Terms())
