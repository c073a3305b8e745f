"""Whatever is wrong with the input is told in one sentence, which names the thing and what to do; never a traceback."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.conftest import EMA, EXAMPLES, JANUARY, ONE_MONTH, Wick
from wickwork.graph.document import load, to_text

HEAD = "opened_at,open,high,low,close,volume\n"
HOUR = 3_600_000
STRATEGY = """from wickwork import strategy, ta, trade
with strategy({name!r}) as {var}:
    trade.buy(when={var}.bars.close > 100, name="buy")
"""


def rows(*changes: tuple[int, str]) -> str:
    lines = [f"{JANUARY + i * HOUR},100,101,99,100.5,1" for i in range(5)]
    for row, text in changes:
        lines[row] = text
    return HEAD + "\n".join(lines) + "\n"


def graph(**changes: object) -> str:
    """The graph of the example with some of its parts replaced."""
    return json.dumps({**json.loads(to_text(load(EMA))), **changes})


CYCLE = {
    "a": {"type": "add", "params": {}},
    "b": {"type": "add", "params": {}},
    "bars": {"type": "bars", "params": {}},
}
CYCLE_WIRES = [["a.value", "b.a"], ["b.value", "a.a"], ["bars.close", "a.b"], ["bars.close", "b.b"]]

FILES = {
    "broken.json": '{"nodes": {',
    "list.json": "[1, 2]",
    "empty.json": "",
    "binary.json": "\x00\x01\x02\xff",
    "unknown.json": graph(nodes={"bars": {"type": "bars"}, "x": {"type": "emma"}}, wires=[]),
    "cycle.json": graph(nodes=CYCLE, wires=CYCLE_WIRES),
    "deep.json": "[" * 100_000,
    "nan.json": '{"nodes": {"a": {"type": "ema", "params": {"period": NaN}}}, "wires": []}',
    "syntax.py": "with strategy( as s:\n",
    "raises.py": "import wickwork\nx = 1 / 0\n",
    "exits.py": "import sys\nsys.exit(0)\n",
    "nothing.py": "x = 1\n",
    "binary.py": "\x00\x01",
    "several.py": STRATEGY.format(name="one", var="a") + STRATEGY.format(name="two", var="b"),
    "prints.py": "print('hello')\n" + STRATEGY.format(name="one", var="a"),
    "typo.py": "from wickwork import strategy, ta\nwith strategy('x') as s:\n    ta.emma(s.bars.close)\n",
    "no_node.py": "x = 1\n",
    "twice.py": (
        "from wickwork import node\nfrom wickwork.graph.types import Series\n"
        "@node(title='EMA', group='mine')\ndef ema(source: Series) -> Series:\n    '''Mine.'''\n    return source\n"
    ),
    "untyped.py": "from wickwork import node\n@node(title='X', group='mine')\ndef x(source):\n    '''X.'''\n",
    "short.py": (
        "from wickwork import strategy, trade\nwith strategy('s') as s:\n"
        "    trade.short(when=s.bars.close > 1, name='down')\n"
    ),
    "BTCUSDT_1h.csv": rows(),
    "nan/BTCUSDT_1h.csv": rows((2, f"{JANUARY + 2 * HOUR},100,101,99,nan,1")),
    "unsorted/BTCUSDT_1h.csv": rows((1, f"{JANUARY + 9 * HOUR},100,101,99,100,1")),
    "twice/BTCUSDT_1h.csv": rows((1, f"{JANUARY},100,101,99,100,1")),
    "text/BTCUSDT_1h.csv": rows((1, f"{JANUARY + HOUR},many,101,99,100,1")),
    "column/BTCUSDT_1h.csv": "opened_at,open,high,low,volume\n1704067200000,1,1,1,1\n",
    "empty/BTCUSDT_1h.csv": "",
    "head/BTCUSDT_1h.csv": HEAD,
    "prices.csv": rows(),
    "BTCUSDT_1h.xyz": "1",
    "BTCUSDT_1h.parquet": "this is not Parquet",
}

Case = tuple[list[object], tuple[str, ...]]
RUN = ["backtest", EMA]
CASES: dict[str, Case] = {
    # the strategy
    "missing file": (["backtest", "nowhere.py"], ("nowhere.py",)),
    "near miss of a strategy": (["backtest", "severl.py"], ("severl.py", "'several.py'")),
    "missing graph": (["backtest", "nowhere.json"], ("nowhere.json",)),
    "directory": (["backtest", "folder"], ("folder", "name a file")),
    "broken JSON": (["backtest", "broken.json"], ("broken.json", "line 1")),
    "JSON of something else": (["backtest", "list.json"], ("list.json", "nodes")),
    "empty graph file": (["backtest", "empty.json"], ("empty.json",)),
    "binary graph": (["backtest", "binary.json"], ("binary.json",)),
    "deep JSON": (["backtest", "deep.json"], ("deep.json",)),
    "NaN in a graph": (["graph", "check", "nan.json"], ("nan.json", "NaN")),
    "unknown node": (["backtest", "unknown.json"], ("emma", "'ema'")),
    "cyclic graph": (["backtest", "cycle.json"], ("circle", "cut one")),
    "cyclic graph, checked": (["graph", "check", "cycle.json"], ("cycle.json", "1 fault")),
    "cyclic graph, hashed": (["graph", "hash", "cycle.json"], ("circle",)),
    "syntax error": (["backtest", "syntax.py"], ("syntax.py", "line 1")),
    "exception": (["backtest", "raises.py"], ("raises.py", "ZeroDivisionError")),
    "sys.exit": (["backtest", "exits.py"], ("exits.py", "sys.exit")),
    "no strategy": (["backtest", "nothing.py"], ("nothing.py", "with strategy")),
    "binary Python": (["backtest", "binary.py"], ("binary.py",)),
    "several strategies": (["backtest", "several.py"], ("several.py", "'one', 'two'")),
    "unknown strategy": (["backtest", "several.py", "--strategy", "on"], ("'on'", "'one'")),
    "unknown node in Python": (["backtest", "typo.py"], ("emma", "'ema'")),
    "node file without node": ([*RUN, "--nodes", "no_node.py"], ("no_node.py", "@node")),
    "missing node file": ([*RUN, "--nodes", "nowhere.py"], ("nowhere.py",)),
    "two nodes of one name": ([*RUN, "--nodes", "twice.py"], ("'ema'", "another name")),
    "node without types": (["nodes", "--nodes", "untyped.py"], ("'source'", "type")),
    "short on spot": (["backtest", "short.py"], ("down", "BTC/USDT:USDT")),
    # parameters
    "--set without =": ([*RUN, "--set", "fast.period"], ("fast.period", "node.param=value")),
    "--set without a dot": ([*RUN, "--set", "period=3"], ("period=3", "node.param=value")),
    "--set without a value": ([*RUN, "--set", "fast.period="], ("node.param=value",)),
    "--set of an unknown node": ([*RUN, "--set", "fats.period=3"], ("'fats'", "'fast'")),
    "--set of an unknown parameter": ([*RUN, "--set", "fast.perod=3"], ("'perod'", "'period'")),
    "period 0": ([*RUN, "--set", "fast.period=0"], ("period", "between 1 and")),
    "period abc": ([*RUN, "--set", "fast.period=abc"], ("period", "number", "'abc'")),
    "period 2.5": ([*RUN, "--set", "fast.period=2.5"], ("period", "whole")),
    "unknown choice": ([*RUN, "--set", "fast.seed=men"], ("seed", "'mean'")),
    # the data
    "missing data": ([*RUN, "--data", "nowhere.csv"], ("nowhere.csv",)),
    "near miss of a file": ([*RUN, "--data", "BTCUSDT_1h.cvs"], ("BTCUSDT_1h.cvs", "BTCUSDT_1h.csv")),
    "wrong column": ([*RUN, "--data", "column/BTCUSDT_1h.csv"], ("close",)),
    "NaN prices": ([*RUN, "--data", "nan/BTCUSDT_1h.csv"], ("bar 2", "close")),
    "unsorted bars": ([*RUN, "--data", "unsorted/BTCUSDT_1h.csv"], ("sort",)),
    "duplicate bars": ([*RUN, "--data", "twice/BTCUSDT_1h.csv"], ("repeats",)),
    "text for a price": ([*RUN, "--data", "text/BTCUSDT_1h.csv"], ("'many'",)),
    "empty data": ([*RUN, "--data", "empty/BTCUSDT_1h.csv"], ("empty",)),
    "only a header": ([*RUN, "--data", "head/BTCUSDT_1h.csv"], ("BTCUSDT_1h.csv",)),
    "no instrument": ([*RUN, "--data", "prices.csv"], ("prices.csv", "instrument")),
    "unknown format": ([*RUN, "--data", "BTCUSDT_1h.xyz"], ("BTCUSDT_1h.xyz", ".csv")),
    "damaged Parquet": ([*RUN, "--data", "BTCUSDT_1h.parquet"], ("BTCUSDT_1h.parquet",)),
    "folder without data": ([*RUN, "--data", "folder"], ("folder", ".csv")),
    "folder without the instrument": ([*RUN, "--data", "some", "--instrument", "ETH/USDT"], ("ETH/USDT",)),
    "a file for two instruments": (
        [*RUN, "--data", "BTCUSDT_1h.csv", "--instrument", "BTC/USDT", "--instrument", "ETH/USDT"],
        ("one instrument", "folder"),
    ),
    "empty store": ([*RUN, "--data", "store"], ("BTC/USDT", "import")),
    "unknown instrument": ([*RUN, "--instrument", "BCT/USDT"], ("BCT/USDT", "Did you mean")),
    "no instrument at all": ([*RUN, "--instrument", "///"], ("'///'", "BTC/USDT")),
    "instrument twice": ([*RUN, "--instrument", "BTC/USDT", "--instrument", "btcusdt"], ("twice",)),
    "unknown timeframe": ([*RUN, "--timeframe", "1x"], ("'1x'", "1h")),
    "months": ([*RUN, "--timeframe", "1M"], ("months", "30d")),
    "faster than the file": ([*RUN, "--data", "BTCUSDT_1h.csv", "--timeframe", "5m"], ("choose the timeframe 1h",)),
    "seconds of the demo market": ([*RUN, "--timeframe", "10s"], ("10s", "1m")),
    "finer that is not": ([*RUN, "--finer", "4h"], ("finer", "4h", "shorter")),
    "finer that does not divide": ([*RUN, "--finer", "7m"], ("finer", "divide")),
    "finer that is not there": ([*RUN, "--data", "BTCUSDT_1h.csv", "--finer", "1m"], ("1m", "none")),
    "from after to": ([*RUN, "--from", "2024-02-01", "--to", "2024-01-01"], ("--from", "swap")),
    "no time": ([*RUN, "--from", "yesterday"], ("'yesterday'", "2024-01-31")),
    "a day that is none": ([*RUN, "--to", "2024-02-30"], ("2024-02-30",)),
    "span without data": ([*RUN, "--from", "1999-01-01", "--to", "1999-02-01"], ("BTC/USDT", "2021-01-01")),
    "slower timeframe in a faster run": (
        ["backtest", EXAMPLES / "multi_timeframe.py", "--timeframe", "1d", *ONE_MONTH],
        ("4h", "1d"),
    ),
    # terms
    "negative capital": ([*RUN, "--capital", "-5"], ("capital", "-5")),
    "capital in words": ([*RUN, "--capital", "much"], ("'much'", "--capital")),
    "capital with a decimal comma": ([*RUN, "--capital", "1,5"], ("'1,5'", "--capital")),
    "endless capital": ([*RUN, "--capital", "inf"], ("capital",)),
    "fees in words": ([*RUN, "--fees", "low"], ("--fees", "0.1")),
    "fees of three": ([*RUN, "--fees", "1/2/3"], ("--fees", "'1/2/3'")),
    "half of two fees": ([*RUN, "--fees", "0.1/"], ("--fees",)),
    "fees of 90 %": ([*RUN, "--fees", "90"], ("fee", "between", "0.01 is 1 %")),
    "unknown slippage model": ([*RUN, "--slippage-model", "percnt"], ("slippage_model", "'percent'")),
    "slippage model without a number": ([*RUN, "--slippage-model", "fixed"], ("--slippage",)),
    "no leverage": ([*RUN, "--leverage", "0"], ("leverage",)),
    "ruinous leverage": ([*RUN, "--leverage", "500"], ("leverage", "maintenance")),
    "negative latency": ([*RUN, "--latency", "-1"], ("latency",)),
    "unknown assumption": ([*RUN, "--assume", "good"], ("assume", "best")),
    "negative lot": ([*RUN, "--lot", "-1", *ONE_MONTH], ("lot",)),
    "explained bar outside": ([*RUN, "--explain", "2030-01-01", *ONE_MONTH], ("--explain", "2030-01-01")),
    "explained number outside": ([*RUN, "--explain", "99999", *ONE_MONTH], ("99999", "0 to 743")),
    "explained in words": ([*RUN, "--explain", "now", *ONE_MONTH], ("--explain", "'now'")),
    "--json-file in no folder": ([*RUN, "--json-file", "no/where.json", *ONE_MONTH], ("no/where.json",)),
    "--out on a file": ([*RUN, "--out", "nothing.py", *ONE_MONTH], ("nothing.py", "--out")),
    # other verbs
    "unknown command": (["nods"], ("'nods'", "'nodes'")),
    "unknown command of data": (["data", "impotr"], ("'impotr'", "'import'")),
    "unknown option": ([*RUN, "--capitla", "5"], ("--capitla", "--capital")),
    "missing argument": (["backtest"], ("FILE", "--help")),
    "too many arguments": (["doctor", "now"], ("now", "--help")),
    "option without value": ([*RUN, "--fees"], ("--fees", "--help")),
    "unknown node name": (["nodes", "macdd"], ("'macdd'", "'macd'")),
    "unknown group": (["nodes", "--group", "trnd"], ("'trnd'", "'trend'")),
    "search without result": (["nodes", "--search", "qqqq"], ("'qqqq'",)),
    "import of nothing": (["data", "import", "nowhere.csv"], ("nowhere.csv",)),
    "import of a folder without data": (["data", "import", "folder"], ("folder",)),
    "import of an unknown instrument": (["data", "import", "prices.csv"], ("prices.csv", "instrument")),
    "import with a bad timeframe": (["data", "import", "BTCUSDT_1h.csv", "--timeframe", "soon"], ("'soon'",)),
    "check of an empty store": (["data", "check"], ("empty", "import")),
    "check of nothing": (["data", "check", "nowhere.csv"], ("nowhere.csv",)),
    "check of a faulty file": (["data", "check", "nan/BTCUSDT_1h.csv"], ("BTCUSDT_1h.csv", "errors")),
    "show of nothing": (["data", "show", "BTC/USDT"], ("BTC/USDT", "import")),
    "head and tail": (["data", "show", "BTC/USDT", "--head", "1", "--tail", "1"], ("--head", "--tail")),
    "resample of nothing": (["data", "resample", "BTC/USDT", "--to", "4h"], ("BTC/USDT",)),
    "remove of nothing": (["data", "remove", "BTC/USDT", "--yes"], ("BTC/USDT",)),
    "export over another file": (["graph", "export", EMA, "nothing.py"], ("nothing.py", "--force")),
    "export into no folder": (["graph", "export", EMA, "no/where.json"], ("no/where.json",)),
}


@pytest.fixture
def files(home: Path) -> Path:
    for name, text in FILES.items():
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_bytes(text.encode("latin-1"))
    (home / "folder").mkdir()
    (home / "some").mkdir()
    (home / "some" / "BTCUSDT_1h.csv").write_text(rows())
    return home


@pytest.mark.parametrize("case", CASES)
def test_wrong_input_is_told_in_a_sentence(case: str, wick: Wick, files: Path) -> None:
    args, words = CASES[case]
    answer = wick(*args)
    assert answer.code in (1, 2), answer
    assert answer.err.startswith("wick: "), answer.err
    assert answer.err.count("\n") == 1, answer.err
    assert answer.err.rstrip()[-1] in ".?)", answer.err
    assert "Traceback" not in answer.err + answer.out
    for word in words:
        assert word in answer.err, answer.err
    assert answer.code == 1 or not answer.out


@pytest.mark.parametrize("case", ["missing file", "period 0", "unknown option", "cyclic graph", "empty store"])
def test_with_json_an_error_is_an_object_too(case: str, wick: Wick, files: Path) -> None:
    args, _ = CASES[case]
    answer = wick(*args, "--json")
    assert answer.code == 2
    assert answer.json == {"error": {"message": answer.err.removeprefix("wick: ").strip(), "exit_code": 2}}


def test_what_a_strategy_file_prints_does_not_spoil_the_answer(wick: Wick, files: Path) -> None:
    answer = wick("graph", "show", "prints.py", "--json")
    assert answer.code == 0
    assert answer.json["name"] == "one"
    assert answer.err == "hello\n"


def _in_store(files: Path, wick: Wick, *venues: str) -> None:
    for venue in venues:
        assert wick("data", "import", "BTCUSDT_1h.csv", "--venue", venue).code == 0


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["backtest", EMA, "--data", "store"], ("several venues", "--venue")),
        (["backtest", EMA, "--data", "store", "--venue", "kraken"], ("'kraken'", "binance")),
        (["backtest", EMA, "--data", "store", "--instrument", "BTC/USDC"], ("BTC/USDC", "'BTC/USDT'")),
        (["data", "show", "BTC/USDT", "--venue", "okx", "--timeframe", "4h"], ("4h", "--timeframe 1h")),
        (["data", "resample", "BTC/USDT", "--venue", "okx", "--to", "90m"], ("1h", "90m")),
        (["data", "resample", "BTC/USDT", "--venue", "okx", "--to", "1h"], ("1h", "longer")),
        (["data", "remove", "BTC/USDT", "--venue", "okx"], ("5 bars", "--yes")),
    ],
)
def test_what_the_store_has_not_is_told(args: list[object], words: tuple[str, ...], wick: Wick, files: Path) -> None:
    _in_store(files, wick, "binance", "okx")
    answer = wick(*args)
    assert answer.code == 2
    assert answer.err.startswith("wick: ")
    assert answer.err.count("\n") == 1
    for word in words:
        assert word in answer.err, answer.err


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user whom permissions stop")
def test_a_file_that_may_not_be_read(wick: Wick, files: Path) -> None:
    path = files / "broken.json"
    path.chmod(0)
    answer = wick("backtest", path)
    assert answer.code == 2
    assert "broken.json" in answer.err
