"""Every figure of the report is the run's own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from ledger_cases import make_bars, make_ledger
from report_reading import Unpacked, unpacked

from wickwork import Bars, backtest, demo_bars, strategy, ta, trade
from wickwork.analytics.groups import by
from wickwork.analytics.metrics import describe
from wickwork.analytics.report import data, formatting, periods
from wickwork.analytics.report.data import price_decimals
from wickwork.analytics.report.page import report_text
from wickwork.analytics.report.wires import drawn
from wickwork.analytics.run import Run

NUMBERS = ("open", "high", "low", "close", "volume")
JANUARY, DAY = 1_704_067_200_000, 86_400_000


@pytest.fixture(scope="module")
def run() -> Run:
    """Many trades, with doubts inside bars and with refusals."""
    with strategy("Busy") as s:
        close = s.bars.close
        rsi = ta.rsi(close, period=4, name="rsi")
        mean = ta.sma(close, period=20, name="mean")
        low = ta.and_(ta.crosses_above(rsi, 30), ta.greater(close, ta.multiply(mean, 0.5)))
        trade.buy(
            when=low,
            size=trade.percent_of_equity(50),
            stop_loss=trade.percent(0.4),
            take_profit=trade.percent(0.4),
            name="buy",
        )
        trade.place(when=ta.crosses_above(rsi, 70), side="sell", size=trade.quantity(1e-7), order="market", name="tiny")
    return backtest(s, demo_bars("BTC/USDT:USDT", "1h", JANUARY, JANUARY + 120 * DAY))


@pytest.fixture(scope="module")
def found(run: Run) -> Unpacked:
    return unpacked(report_text(run))


def test_every_metric_is_there_with_its_value(run: Run, found: Unpacked) -> None:
    assert {one["name"]: one["value"] for one in found.data["metrics"]} == run.stats
    assert [{k: v for k, v in one.items() if k != "value"} for one in found.data["metrics"]] == describe()


def test_tables_are_those_of_the_run(run: Run, found: Unpacked) -> None:
    whole = run.to_data()
    for name in ("trades", "orders", "denied"):
        table = found.data[name]
        assert table["rows"] == len(whole[name]) > 0
        for column, cells in table["columns"].items():
            if not column.endswith("_at") and column != "sum":
                shown = "reason" if (name, column) == ("orders", "state") else column
                assert cells == [row[shown] for row in whole[name]], (name, column)
    gains = [row["gain"] for row in whole["trades"]]
    np.testing.assert_allclose(found.data["trades"]["columns"]["sum"], np.cumsum(gains))


def test_curves_are_those_of_the_run(run: Run, found: Unpacked) -> None:
    account = found.data["account"]
    np.testing.assert_allclose(found.numbers(account["equity"]), run.history.equity, rtol=1e-8)
    held, stats = found.numbers(account["held"]), run.stats
    assert (held[-1] / run.history.terms.capital - 1.0) * 100.0 == pytest.approx(stats["buy_and_hold"])
    assert -found.numbers(account["drawdown"]).min() == pytest.approx(stats["max_drawdown"], abs=1e-4)
    assert -found.numbers(account["held_drawdown"]).min() == pytest.approx(stats["buy_and_hold_max_drawdown"], abs=1e-4)
    candles = found.candles(found.data["instruments"][0]["candles"])
    for name, values in candles.items():
        assert np.array_equal(values, getattr(run.history.bars[0], name))


def test_headlines_say_what_the_metrics_say(run: Run, found: Unpacked) -> None:
    shown = {one["title"]: one["value"] for one in found.data["headlines"]}
    stats = run.stats
    assert shown["Total return"] == formatting.percent(stats["total_return"], sign=True)
    assert shown["Maximum drawdown"] == formatting.percent(stats["max_drawdown"])
    assert shown["Win rate"] == formatting.percent(stats["win_rate"])
    assert shown["Sharpe ratio"] == formatting.number(stats["sharpe"])
    assert shown["Trades"] == formatting.number(stats["trades"], 0)


def test_doubts_name_the_opposite_result_and_the_refusals(run: Run, found: Unpacked) -> None:
    assert run.ledger.ambiguous > 0
    doubts = {one["title"]: one for one in found.data["doubts"]}
    other = formatting.percent(run.opposite().stats["total_return"], sign=True)
    assert f"{other} at best" in doubts["Ambiguous bars"]["note"]
    assert doubts["Ambiguous bars"]["tone"] == doubts["Prices"]["tone"] == doubts["Refused orders"]["tone"] == "warn"
    assert doubts["Refused orders"]["value"] == formatting.number(len(run.history.denied), 0)
    assert found.data["synthetic"].startswith("Prices are synthetic")


def test_groups_add_up(run: Run, found: Unpacked) -> None:
    closed = run.ledger.round_trips
    exits = found.data["exits"]
    assert sum(one["exits"] for one in exits) == len(closed)
    assert sum(one["net"] for one in exits) == pytest.approx(closed["gain"].sum())
    assert sum(one["won"] for one in exits) == int((closed["gain"] > 0.0).sum())
    steps = {one["label"]: one["value"] for one in found.data["costs"]}
    net = steps.pop("Net")
    assert sum(steps.values()) == pytest.approx(net)
    assert net == pytest.approx(run.ledger.final_equity - run.ledger.capital)


def test_exits_of_parts_are_grouped_by_their_own_reasons() -> None:
    with strategy("Two targets") as s:
        trade.buy(
            when=s.bars.close > s.bars.open,
            stop_loss=trade.percent(4),
            take_profit=[trade.target(trade.percent(1), share=50), trade.target(trade.percent(3), share=50)],
        )
    run = backtest(s, demo_bars("BTC/USDT", "1h").slice(0, 1500))
    exits = {one["reason"]: one for one in unpacked(report_text(run)).data["exits"]}
    assert {name: one["exits"] for name, one in exits.items()} == run.exits["reason"].value_counts().to_dict()
    first = run.exits[run.exits["reason"] == "take profit"]
    assert len(first) > len(run.trades) / 3
    assert exits["take profit"]["win_rate"] == pytest.approx(100.0 * (first["net"] > 0.0).mean())
    assert exits["take profit"]["bars"] == pytest.approx(first["bars"].mean())
    assert exits["take profit"]["net"] == pytest.approx(first["net"].sum())


def notifying(threshold: float = 0.0) -> Run:
    with strategy("Messages") as s:
        rsi = ta.rsi(s.bars.close, period=14, name="rsi")
        trade.notify(
            s.bars.close > threshold, "<b>RSI</b> {a:.1f}", a=rsi, b=s.bars.close, level="warning", name="message"
        )
    return backtest(s, demo_bars("BTC/USDT", "1h").slice(0, 300))


def test_notifications_are_a_table_of_the_report() -> None:
    run = notifying()
    table = unpacked(report_text(run)).data["notifications"]
    assert table["rows"] == len(run.notifications) > 250
    assert {name: len(values) for name, values in table["columns"].items()} == dict.fromkeys(
        ("notified_at", "instrument", "node", "level", "text", "values"), table["rows"]
    )
    assert list(table["columns"]["values"][-1]) == ["rsi", "bars.close"]
    assert table["columns"]["values"][-1]["bars.close"] == run.history.bars[0].close[-1]
    assert table["columns"]["text"][-1] == f"<b>RSI</b> {table['columns']['values'][-1]['rsi']:.1f}"


def test_many_notifications_are_the_last_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "MOST_ROWS", 7)
    run = notifying()
    table = unpacked(report_text(run)).data["notifications"]
    assert table["rows"] == len(run.notifications)
    assert table["columns"]["text"] == run.notifications["text"].tolist()[-7:]


def test_a_run_without_messages_has_no_table_of_them(run: Run, found: Unpacked) -> None:
    assert found.data["notifications"] is None
    silent = unpacked(report_text(notifying(threshold=1e12))).data["notifications"]
    assert silent == {"rows": 0, "columns": {name: [] for name in silent["columns"]}}


def test_months_multiply_to_the_total_return(run: Run, found: Unpacked) -> None:
    months = found.data["months"]
    assert months["years"] == [2024]
    known = [value for value in months["months"][0] if value is not None]
    assert len(known) == 4
    assert (np.prod([1.0 + value / 100.0 for value in known]) - 1.0) * 100.0 == pytest.approx(run.stats["total_return"])
    assert months["totals"][0] == pytest.approx(run.stats["total_return"])


def test_drawdowns_are_the_deepest_ones() -> None:
    ledger = make_ledger([110.0, 99.0, 104.5, 110.0, 120.0, 60.0, 90.0])
    deepest, second = periods.drawdowns(ledger)
    assert (deepest["depth"], second["depth"]) == (pytest.approx(50.0), pytest.approx(10.0))
    start = int(ledger.opened_at[0])
    assert (deepest["began_at"], deepest["deepest_at"]) == (start + 5 * DAY, start + 5 * DAY)
    assert deepest["recovered_at"] is None
    assert (second["recovered_at"], second["days"]) == (start + 3 * DAY, 2.0)
    assert len(periods.drawdowns(ledger, most=1)) == 1


def test_a_ruined_account_has_no_months_after_ruin() -> None:
    ledger = make_ledger([100.0] * 30 + [50.0, -10.0] + [20.0] * 60)
    assert ledger.ruined
    months = periods.months(ledger)
    assert months["months"][0][:2] == [pytest.approx(-50.0), pytest.approx(-120.0)] or months["totals"][0] < -100.0
    assert [value for value in months["months"][0][3:] if value is not None] == []


def test_nothing_at_all_has_no_months() -> None:
    assert periods.months(make_ledger([], bars=[])) == {"years": [], "months": [], "totals": []}
    assert periods.drawdowns(make_ledger([100.0, 100.0])) == []


def test_groups_of_trades_by_hand() -> None:
    table = {"why": ["a", "b", "a"], "gain": [1.0, 5.0, -3.0], "r": [0.5, None, -1.0], "bars": [2, 4, 6]}
    first, second = by("why", table)
    assert first == {"name": "b", "count": 1, "won": 1, "bars": 4.0, "r": None, "gain": 5.0}
    assert second == {"name": "a", "count": 2, "won": 1, "bars": 4.0, "r": -0.25, "gain": -2.0}


def test_wires_that_feed_actions_are_drawn_where_they_belong(run: Run) -> None:
    lines = {line.name: line for line in drawn(run.history, ())}
    assert set(lines) >= {"rsi"}
    assert lines["rsi"].between == (0.0, 100.0)
    assert not lines["rsi"].over
    named = drawn(run.history, ["mean", "bars.volume", "rsi", "mean.value"])
    assert [(line.name, line.over) for line in named] == [("mean", True), ("bars.volume", False), ("rsi", False)]
    assert named[0].title.startswith("SMA")


@pytest.mark.parametrize("days", [1, 45])
def test_a_run_without_a_trade(days: int) -> None:
    with strategy("") as s:
        trade.buy(when=ta.greater(s.bars.close, 1e12), size=trade.percent_of_equity(50))
    run = backtest(s, demo_bars("BTC/USDT", "1d", JANUARY, JANUARY + days * DAY))
    found = unpacked(report_text(run)).data
    assert found["trades"]["rows"] == found["orders"]["rows"] == 0
    assert found["exits"] == found["drawdowns"] == []
    shown = {one["title"]: one["value"] for one in found["headlines"]}
    assert (shown["Win rate"], shown["Trades"]) == ("not enough", "0")
    assert found["title"] == "A strategy"


def test_a_negative_account_is_written(run: Run) -> None:
    equity = np.linspace(10_000.0, -500.0, run.history.feed.size)
    broken = Run(replace(run.history, equity=equity), run.graph)
    found = unpacked(report_text(broken))
    assert found.numbers(found.data["account"]["drawdown"]).min() == pytest.approx(-105.0)
    (ruin,) = (one for one in found.data["doubts"] if one["title"] == "Ruin")
    assert ruin["value"] == "−500.00"


def test_orders_beyond_the_funds_are_a_warning() -> None:
    with strategy("All in, thrice") as s:
        trade.buy(when=ta.greater(s.bars.close, 0), size=trade.percent_of_equity(95))
    bars = [demo_bars(name, "1d", JANUARY, JANUARY + 5 * DAY) for name in ("BTC/USDT", "ETH/USDT", "SOL/USDT")]
    run = backtest(s, bars)
    ends = run.orders["reason"].tolist()
    dropped, cut = ends.count("no funds"), ends.count("cut to the funds")
    doubts = {one["title"]: one for one in unpacked(report_text(run)).data["doubts"]}
    assert dropped > 0
    assert cut > 0
    assert doubts["Orders beyond the funds"]["value"] == str(dropped + cut)
    assert doubts["Orders beyond the funds"]["note"].startswith(f"{dropped} not filled")
    assert doubts["Orders beyond the funds"]["tone"] == "warn"


def test_fills_in_bars_without_volume_are_counted() -> None:
    with strategy("In and out") as s:
        trade.buy(when=ta.less(s.bars.close, 1e12), size=trade.percent_of_equity(20))
        trade.close(when=ta.less(s.bars.close, 1e12))
    whole = [demo_bars(name, "1d", JANUARY, JANUARY + 30 * DAY) for name in ("BTC/USDT", "ETH/USDT")]
    quiet = replace(whole[1], volume=np.where(np.arange(30) % 3 == 0, 0.0, whole[1].volume))
    late = quiet.opened_at[5:]  # its bars begin later than those of the other instrument
    quiet = Bars.of(quiet.instrument, quiet.timeframe, late, *(getattr(quiet, n)[5:] for n in NUMBERS))
    run = backtest(s, [whole[0], quiet])
    empty = set(quiet.opened_at[quiet.volume == 0.0].tolist())
    fills = [lane == 1 and int(run.ledger.opened_at[bar]) in empty for lane, bar in run.history.fills[["lane", "bar"]]]
    doubts = {one["title"]: one for one in unpacked(report_text(run)).data["doubts"]}
    assert sum(fills) > 0
    assert doubts["Fills without volume"]["value"] == str(sum(fills))
    assert doubts["Fills without volume"]["tone"] == "warn"
    traded = unpacked(report_text(backtest(s, whole))).data["doubts"]
    assert "Fills without volume" not in [one["title"] for one in traded]


def test_words() -> None:
    assert formatting.number(-1234.5) == "−1\u202f234.50"
    assert formatting.number(-0.001) == "0.00"
    assert formatting.number(None) == "not enough"
    assert [formatting.amount(value) for value in (0.1, 10_000.0, 0.0, 2.5e-4)] == [
        "0.1",
        "10\u202f000",
        "0",
        "0.00025",
    ]
    assert formatting.share(0.0005) == "0.05\u202f%"
    assert [formatting.duration(days) for days in (1.25, 0.5, 0.01, 0.0)] == [
        "1.2 days",
        "12.0 hours",
        "14 minutes",
        "0.0 days",
    ]
    assert [formatting.tone(value) for value in (1.0, -1.0, 0.001, None)] == ["up", "down", "", ""]


@pytest.mark.parametrize(
    ("scale", "tick", "decimals"),
    [
        (100.0, 0.0, 2),
        (1.0, 0.0, 4),
        (1e-3, 0.0, 8),
        (5e-9, 0.0, 13),
        (5e-9, 1e-12, 12),
        (5e-9, 2.5e-10, 11),
        (9e3, 0.5, 1),
    ],
)
def test_prices_have_decimals_by_their_size_or_the_tick(scale: float, tick: float, decimals: int) -> None:
    bars = make_bars([(1.0, 1.1, 0.9, 1.0)] * 3)
    prices = (getattr(bars, name) * scale * 1.2 for name in ("open", "high", "low", "close"))
    instrument = replace(bars.instrument, rules=replace(bars.instrument.rules, tick=tick))
    assert price_decimals(Bars.of(instrument, bars.timeframe, bars.opened_at, *prices, bars.volume)) == decimals


def test_three_digits_of_the_lowest_price_are_shown() -> None:
    falling = make_bars([(price,) * 4 for price in 119.12 * np.exp(-0.05 * np.arange(400.0))])
    assert price_decimals(falling) >= 9


def test_small_amounts_keep_their_digits() -> None:
    assert [formatting.amount(value) for value in (5e-9, 1e-12, 0.1, 0.0)] == [
        "0.000000005",
        "0.000000000001",
        "0.1",
        "0",
    ]
