"""From a configuration to what runs: strategies, bars of feeds, terms, rules."""

from __future__ import annotations

import gzip
import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from tests.settings.sample import written
from wickwork import backtest, demo_bars
from wickwork.context import Context
from wickwork.launch.prepare import Prepared, check, part_names, prepare
from wickwork.launch.terms import SAME, SHARES, terms_of
from wickwork.model.bars import Bars
from wickwork.model.errors import InputError, NotFound
from wickwork.model.instrument import parse_instrument
from wickwork.settings import SettingsFaults, read_settings
from wickwork.settings.faults import NOTE
from wickwork.settings.kinds import percent
from wickwork.settings.parts import parts_of
from wickwork.settings.schema import Costs, InstrumentCosts, Settings
from wickwork.sim.terms import _RANGES, InstrumentTerms, Terms

JANUARY, DAY = 1_704_067_200_000, 86_400_000
MACD = "wickwork.compat.valvulin:EMAMACDStrategy"


def one(handler: str = MACD, symbol: str = "BTCUSDT", timeframe: str = "1h", **more: Any) -> dict[str, Any]:
    return {"name": "a", "handler": handler, "symbol": symbol, "timeframe": timeframe, **more}


def made(folder: Path, *strategies: dict[str, Any], **settings: Any) -> Prepared:
    data = {"start": "2024-01-01", "end": "2024-01-20", "strategies": list(strategies), **settings}
    loading = read_settings(written(folder, json.dumps(data), ".json"), {})
    assert not loading.errors, loading.errors
    return prepare(loading, parts_of(loading.settings), Context(folder / "home"))


def faults(folder: Path, *strategies: dict[str, Any], **settings: Any) -> list[str]:
    loading = read_settings(written(folder, json.dumps({"strategies": list(strategies), **settings}), ".json"), {})
    assert not loading.errors, loading.errors
    return [f"{fault.path}: {fault.problem}" for fault in check(loading, Context(folder / "home"))]


def write_csv(path: Path, bars: Bars, *, zipped: bool = False) -> None:
    from wickwork.model.bars import iso

    rows = ["open_time,open,high,low,close,volume"]
    columns = (bars.opened_at, bars.open, bars.high, bars.low, bars.close, bars.volume)
    rows += [
        f"{iso(int(t))},{o!r},{h!r},{low!r},{c!r},{v!r}"
        for t, o, h, low, c, v in zip(*(column.tolist() for column in columns), strict=True)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    content = "\n".join(rows).encode()
    path.write_bytes(gzip.compress(content) if zipped else content)


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize(
    "feed",
    [
        {"type": "binance-public", "params": {"data_dir": "data/history", "cache": True}},
        {"name": "b", "handler": "core.feeds:BinancePublicDataFeed", "symbols": ["BTCUSDT"], "parameters": {}},
        {"type": "csv", "params": {"path": "data/history"}},
        {"type": "files", "params": {"path": "data/history/BTCUSDT_1h.csv"}},
    ],
)
def test_bars_come_from_files_as_valvulin_keeps_them(tmp_path: Path, feed: dict[str, Any], zipped: bool) -> None:
    bars = demo_bars("BTC/USDT", "1h", JANUARY, JANUARY + 30 * DAY)
    ending = ".csv.gz" if zipped else ".csv"
    write_csv(tmp_path / "data" / "history" / f"BTCUSDT_1h{ending}", bars, zipped=zipped)
    if zipped and "files" in feed.values():
        feed = {"type": "files", "params": {"path": "data/history/BTCUSDT_1h.csv.gz"}}
    ready = made(tmp_path, one(), data_feeds=[feed])
    (found,) = ready.market.bars
    assert not ready.market.synthetic
    assert found.close.tolist() == bars.between(JANUARY, JANUARY + 19 * DAY).close.tolist()


def test_bars_come_from_the_store_of_the_home_folder(tmp_path: Path) -> None:
    bars = demo_bars("BTC/USDT", "1h", JANUARY, JANUARY + 30 * DAY)
    Context(tmp_path / "home").store.append(replace(bars, instrument=parse_instrument("BINANCE:BTCUSDT")))
    assert len(made(tmp_path, one(), data_feeds=[{"type": "store"}]).market.bars[0]) == 19 * 24
    assert len(made(tmp_path, one(timeframe="4h"), data_feeds=[{"type": "binance-public"}]).market.bars[0]) == 19 * 6
    with pytest.raises(NotFound, match=r"strategies\[0\] \(a\): The store has no bars of ETH/USDT"):
        made(tmp_path, one(symbol="ETHUSDT"), data_feeds=[{"type": "store"}])
    with pytest.raises(NotFound, match=r"strategies\[0\] \(a\): .*which is not there"):
        made(tmp_path, one(), data_feeds=[{"type": "files", "params": {"path": "nowhere"}}])


def test_files_of_several_venues_are_chosen_by_the_venue(tmp_path: Path) -> None:
    for number, venue in enumerate(("binance", "kraken"), 1):
        (tmp_path / "hist" / venue).mkdir(parents=True)
        rows = (f"{1_704_067_200_000 + i * 3_600_000},{number},{number},{number},{number},1\n" for i in range(200))
        (tmp_path / "hist" / venue / "BTCUSDT_1h.csv").write_text("time,open,high,low,close,volume\n" + "".join(rows))
    feed = {"data_feeds": [{"type": "files", "parameters": {"path": "hist"}}]}
    with pytest.raises(InputError, match=r"BTC/USDT of several venues \(binance, kraken\); choose one"):
        made(tmp_path, one(), **feed)
    with pytest.raises(InputError, match="of several venues"):
        made(tmp_path, one(), **feed, execution={"venue": "bybit"})
    for entry, further in (
        (one(), {"execution": {"venue": "kraken"}}),
        (one(symbol="KRAKEN:BTC/USDT"), {}),
    ):
        (bars,) = made(tmp_path, entry, **feed, **further).market.bars
        assert set(bars.close.tolist()) == {2.0}


def test_each_instrument_comes_from_its_feed(tmp_path: Path) -> None:
    write_csv(tmp_path / "mine" / "ETHUSDT_1h.csv", demo_bars("ETH/USDT", "1h", JANUARY, JANUARY + 30 * DAY))
    feeds = [
        {"name": "files", "type": "files", "symbols": ["ETHUSDT"], "params": {"path": "mine"}},
        {"name": "demo", "type": "demo"},
    ]
    ready = made(tmp_path, one(), one(symbol="ETH/USDT"), data_feeds=feeds)
    assert [(str(b.instrument), b.source) for b in ready.market.bars] == [
        ("BTC/USDT", "demo market (synthetic)"),
        ("ETH/USDT", "ETHUSDT_1h.csv"),
    ]
    with pytest.raises(InputError, match="another feed"):
        made(
            tmp_path,
            one(symbol="ETHUSDT"),
            one(symbol="ETHUSDT", feed="demo", timeframe="4h"),
            data_feeds=[feeds[0], {**feeds[1]}],
        )


def test_a_venue_that_one_strategy_names_holds_for_all(tmp_path: Path) -> None:
    bars = demo_bars("BTC/USDT", "1h", JANUARY, JANUARY + 30 * DAY)
    for venue in ("BINANCE", "KRAKEN"):
        Context(tmp_path / "home").store.append(replace(bars, instrument=parse_instrument(f"{venue}:BTCUSDT")))
    feeds = [{"type": "store"}]
    ready = made(tmp_path, one(), one(symbol="KRAKEN:BTCUSDT", timeframe="4h"), data_feeds=feeds)
    assert [b.instrument.venue for b in ready.market.bars] == ["kraken"]
    with pytest.raises(InputError, match="of several venues"):
        made(tmp_path, one(), data_feeds=feeds)


def test_the_bars_of_a_run_make_up_every_timeframe(tmp_path: Path) -> None:
    ready = made(tmp_path, one(timeframe="2h"), one(timeframe="3h", symbol="ETHUSDT"))
    assert {str(bars.timeframe) for bars in ready.market.bars} == {"1h"}


def test_a_configuration_with_one_strategy_trades_as_a_backtest_of_it_does(tmp_path: Path) -> None:
    from wickwork.compat.valvulin import EMAMACDStrategy

    ready = made(tmp_path, one(parameters={"ema_short": 5}), costs={"fee_pct": 0.04}, capital=500)
    run = backtest(ready.strategies, ready.market.bars, terms=ready.terms)
    bars = demo_bars("BTC/USDT", "1h", JANUARY, JANUARY + 19 * DAY)
    alone = backtest(EMAMACDStrategy(ema_short=5), bars, capital=500, maker_fee=0.0004, taker_fee=0.0004)
    assert run.history.equity.tolist() == alone.history.equity.tolist()
    assert len(alone.ledger.round_trips)


def test_check_names_what_feeds_do_not_have(tmp_path: Path) -> None:
    assert faults(tmp_path, one(symbol="BTCUST")) == [
        "strategies[0].symbol: The demo market has no BTCUST/USDT. Did you mean 'BTC/USDT'?"
    ]
    (text,) = faults(tmp_path, one(symbol="ETHUSDT"), data_feeds=[{"type": "store"}])
    assert text.startswith("strategies[0].symbol: The store has no bars of ETH/USDT")
    feed = {"type": "files", "params": {"path": "nowhere"}}
    assert "data_feeds[0].params: there is no file or folder" in faults(tmp_path, one(), data_feeds=[feed])[0]
    (text,) = faults(tmp_path, one(symbol="BINANCE:BTCUSDT"), one(symbol="KRAKEN:BTCUSDT", timeframe="4h"))
    assert text.startswith("strategies: strategies[1] (a 4h) trades kraken:BTC/USDT and strategies[0] (a 1h)")


@pytest.mark.parametrize(
    ("handler", "name"),
    [
        ("strategies.ema_macd:EMAMACDStrategy", "EMAMACDStrategy"),
        ("strategies.anything:emamacd", "EMAMACDStrategy"),
        ("valvulin.strategies.x:RSIDivergence", "RSIDivergenceStrategy"),
        ("strategies.x:InsideBarStrategy", "InsideBarStrategy"),
        ("strategies.x:Inside", ""),
        ("mine.x:EMAMACDStrategy", ""),
    ],
)
def test_the_seven_of_valvulin_are_those_of_wickwork(handler: str, name: str) -> None:
    from wickwork.launch.handlers import valvulin_class

    assert valvulin_class(handler) == name


OWN = """
from wickwork import FrameStrategy, strategy, ta, trade
from {folder}helper import FAST

class Mine(FrameStrategy):
    def __init__(self, fast):
        self.fast = fast
    def generate_signals(self, df):
        df["signal"] = 0
        return df

class Other:
    def generate_signals(self, df):
        return df

with strategy("built") as s:
    trade.buy(when=ta.crosses_above(s.bars.close, ta.sma(s.bars.close, period=FAST, name="fast")))
number = 3
"""


def test_a_handler_names_a_class_or_a_strategy_of_a_module_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "own.py").write_text(OWN.format(folder=""))
    (tmp_path / "pack" / "helper.py").write_text("FAST = 9")
    assert faults(tmp_path, one("pack.own:Mine", parameters={"fast": 3, "size": "20%"})) == []
    assert faults(tmp_path, one("pack.own:s", parameters={"fast": {"period": 7}})) == []
    assert faults(tmp_path, one("pack/own.py", strategy="built", nodes=[])) == []
    graph = made(tmp_path, one("pack.own:s", parameters={"fast.period": 7})).strategies.graph
    assert graph.nodes["a__fast"].params["period"] == 7


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (one("pack.own:Mne"), "strategies[0].handler: pack.own has no Mne. Did you mean 'Mine'?"),
        (one("pack.own:Mine"), "strategies[0].handler: Mine cannot be constructed"),
        (one("pack.own:Other"), "derives from another class"),
        (one("pack.own:number"), "is not a strategy"),
        (one("pack.absent:X"), "no file pack/absent.py beside the configuration"),
        (one("pack.broken:X"), "broken.py"),
        (one("absent.json"), "There is no file"),
        (one("pack/own.py"), "has several strategies"),
        (one("pack/own.py", strategy="biult"), "Did you mean 'built'"),
        (one("pack.own:s", nodes=["n.py"]), "There is no file"),
        (one("pack.own:s", parameters={"fast.priod": 3}), 'strategies[0].parameters["fast.priod"]: '),
        (one("pack.own:s", parameters={"fast": 3}), "strategies[0].parameters.fast: 'fast' is no parameter of a graph"),
        (one("pack.own:s", parameters={"fast.period": -3}), 'strategies[0].parameters["fast.period"]: '),
        (one("pack.own:s", parameters={"fast.period": 3, "fast": {"period": 4}}), "fast.period is given twice"),
        (one("pack.own:s", parameters={"fast": {"period": 4}, "fast.period": 4}), "fast.period is given twice"),
        (one(parameters={"shrt": 3}), "strategies[0].parameters.shrt: EMAMACDStrategy has no parameter 'shrt'"),
        (one(parameters={"size": "much"}), "write 30% of the equity"),
        (one(parameters={"size": {"quote": -1}}), "write 30% of the equity"),
        (one(parameters={"ema_short": [1]}), "strategies[0].parameters.ema_short: "),
        (one("wickwork.absent:X"), "There is no module wickwork.absent"),
        (one("json:dumps"), "is not a strategy"),
    ],
)  # fmt: skip
def test_a_strategy_that_cannot_be_read_is_a_fault(tmp_path: Path, entry: dict[str, Any], says: str) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "own.py").write_text(OWN.format(folder=""))
    (tmp_path / "pack" / "helper.py").write_text("FAST = 9")
    (tmp_path / "pack" / "broken.py").write_text("1 / 0")
    (text,) = faults(tmp_path, entry)
    assert says in text
    with pytest.raises(SettingsFaults):
        made(tmp_path, entry)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import nonsuch_module", "nonsuch_module"),
        ("x = (", "SyntaxError"),
        ("import broken", "cannot be imported: ModuleNotFoundError: No module named 'broken'"),
        ("raise SystemExit(0)", "cannot be imported: SystemExit"),
    ],
)
def test_an_installed_package_that_cannot_be_imported_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, says: str
) -> None:
    package = tmp_path / "site" / "broken_package"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    for handler in ("broken_package:X", "broken_package.sub:X"):
        assert says in faults(tmp_path, one(handler))[0]


@pytest.mark.parametrize("secret", ["hunter2", "hunter2-and-more-of-it-" * 8, "hunter2\\'hunter2\""])
@pytest.mark.parametrize(
    "body",
    [
        "api_key: int = 0",
        "def __init__(self, api_key=0): raise ValueError(f'wrong {api_key}')",
        "def __init__(self, api_key=0): raise ValueError(f'wrong {api_key!r:.40}')",
        "def __init__(self, other=0): pass",
    ],
)
def test_a_strategy_that_cannot_be_read_does_not_show_a_secret(tmp_path: Path, body: str, secret: str) -> None:
    text = f"from wickwork import FrameStrategy\nclass S(FrameStrategy):\n    {body}\n"
    (tmp_path / "mine.py").write_text(f"{text}    def generate_signals(self, df): return df\n")
    found = faults(tmp_path, one("mine:S", parameters={"api_key": secret}))
    assert found
    assert "hunter" not in "".join(found)


def test_all_strategies_with_faults_are_named_also_those_that_are_not_enabled(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        one("x.py", enabled=False),
        one("y.py", timeframe="4h"),
        one("strategies.x:EMAMACDStrategy", symbol="ETH"),
    )
    assert [text.split(":")[0] for text in found] == [
        "strategies[0].handler",
        "strategies[1].handler",
        "strategies[2].handler",
    ]
    assert "runs Wickwork's own EMAMACDStrategy" in found[2]
    loading = read_settings(
        written(tmp_path, json.dumps({"strategies": [one("strategies.x:EMAMACDStrategy")]}), ".json"), {}
    )
    assert [fault.severity for fault in check(loading, Context(tmp_path))] == [NOTE]


def test_a_fault_of_a_strategy_names_its_number_in_the_file(tmp_path: Path) -> None:
    data = {"strategies": [{"name": "a"}, {"symbol": 3}, one("x.py")]}
    loading = read_settings(written(tmp_path, json.dumps(data), ".json"), {})
    assert [fault.path for fault in check(loading, Context(tmp_path))] == ["strategies[2].handler"]


def test_names_of_parts_are_those_of_a_portfolio(tmp_path: Path) -> None:
    data = {
        "strategies": [
            one(name=name, symbol=symbol)
            for name, symbol in (
                ("EMA-MACD 1", "BTC"),
                ("ema macd", "ETH"),
                ("ema-macd", "SOL"),
                ("1", "XRP"),
                ("é", "ADA"),
                ("a__b_", "DOT"),
            )
        ]
    }
    loading = read_settings(written(tmp_path, json.dumps(data), ".json"), {})
    assert part_names(parts_of(loading.settings)) == ["EMA_MACD_1", "ema_macd", "ema_macd_2", "s_1", "s", "a_b"]


def test_every_term_has_a_setting_with_its_range() -> None:
    named = set(SHARES.values()) | set(SAME.values()) | {"capital", "instruments"}
    assert named == {one.name for one in fields(Terms)}
    for name, field in SHARES.items():
        low, high = _RANGES[field]
        title = percent(low * 100, high * 100).title
        assert Costs.__dataclass_fields__[name].metadata["spec"].kind.title == title, name
    assert {SHARES.get(name) or SAME[name] for name in InstrumentCosts.__dataclass_fields__} == {
        one.name for one in fields(InstrumentTerms)
    }
    assert terms_of(Settings()) == Terms()


def test_costs_become_terms(tmp_path: Path) -> None:
    costs = {
        "fee_pct": 0.1, "maker_fee_pct": -0.01, "spread_pct": "0.02%", "slippage_pct": 0.03, "latency_bars": 2,
        "instruments": {"BTCUSDT": {"taker_fee_pct": 0.04, "maintenance_tiers": [[0, 0.004]]}},
    }  # fmt: skip
    terms = made(tmp_path, one(), costs=costs, capital=500).terms
    assert (terms.capital, terms.maker_fee, terms.taker_fee) == (500.0, -0.0001, 0.001)
    assert (terms.spread, terms.slippage, terms.latency) == (0.0002, 0.0003, 2)
    assert terms.instruments["BTC/USDT"].taker_fee == 0.0004
    assert made(tmp_path, one(), backtester={"commission_pct": 0.04}).terms.taker_fee == 0.0004
    text = faults(tmp_path, one(), costs={"leverage": 300})
    assert "costs: leverage 300 leaves no room" in text[0]


def test_rules_of_orders_are_those_of_the_configuration(tmp_path: Path) -> None:
    ready = made(tmp_path, one(), one(symbol="ETHUSDT"), rules={"BTCUSDT": {"tick": 0.5, "min_notional": 10}})
    (bitcoin, ether) = [bars.instrument.rules for bars in ready.market.bars]
    assert (bitcoin.tick, bitcoin.minimum_notional) == (0.5, 10.0)
    assert ether.tick != 0.5


def test_what_does_not_fit_together_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no strategy that runs"):
        made(tmp_path, one(enabled=False))
    with pytest.raises(InputError, match=r"strategies\[0\] \(a\): The demo market has no"):
        made(tmp_path, one(symbol="NONSUCH"))
    write_csv(tmp_path / "mine" / "BTCEUR_1h.csv", demo_bars("BTC/USDT", "1h", JANUARY, JANUARY + 30 * DAY))
    feeds = [{"type": "files", "symbols": ["BTC/EUR"], "params": {"path": "mine"}}, {"type": "demo"}]
    with pytest.raises(InputError, match="holds one currency"):
        made(tmp_path, one(), one(symbol="BTC/EUR"), data_feeds=feeds)
    with pytest.raises(InputError, match="write the same venue in both"):
        made(tmp_path, one(symbol="BINANCE:BTCUSDT"), one(symbol="KRAKEN:BTCUSDT", timeframe="4h"))
    with pytest.raises(InputError, match="is no perpetual"):
        made(tmp_path, one(), costs={"funding": {"BTCUSDT": "store"}})
    with pytest.raises(InputError, match=r'costs.funding\["BTC/USDT:USDT"\]: '):
        made(tmp_path, one(symbol="BTCUSDT.P"), costs={"funding": {"BTCUSDT.P": "x.csv"}})
    with pytest.raises(InputError, match=r'costs.mark_prices\["BTC/USDT:USDT"\]: '):
        made(tmp_path, one(symbol="BTCUSDT.P"), costs={"mark_prices": {"BTCUSDT.P": "x.csv"}})
