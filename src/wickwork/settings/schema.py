"""Every setting: its kind, meaning, unit and default. `docs/configuration.md` is generated from these classes."""

# ruff: noqa: RUF009  # the calls give fields of dataclasses
from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wickwork.settings import kinds
from wickwork.settings.secret import Secret
from wickwork.settings.server import Server
from wickwork.settings.spec import mapping, needed, part, setting

BACKTEST, PAPER = "backtest", "paper"
_NO_LIVE = (
    "write backtest or paper: orders of a configuration file go to the simulated venue, and nothing in it can send a "
    "live one"
)


@dataclass(frozen=True)
class Logging:
    """What is written while a run goes on."""

    level: str = setting(
        kinds.choice("debug", "info", "warning", "error", "critical"),
        "What a paper run writes line by line: `warning` leaves out fills, `error` denied orders too.",
        "info",
    )


@dataclass(frozen=True)
class Feed:
    """A source of bars."""

    name: str = setting(kinds.text(), "A name by which strategies choose it.", "")
    type: str = setting(
        kinds.text(),
        "`demo`, `store`, `files` or `binance-public` (files below `data_dir`, else the store).",
        "",
    )
    handler: str = setting(kinds.text("`package.module:Class`"), "Valvulin's spelling of `type`, by a class.", "")
    symbols: tuple[str, ...] = setting(
        kinds.many(kinds.instrument()), "What the feed is used for; without any, for every instrument.", (),
        aliases=("symbol", "instruments", "instrument"),
    )  # fmt: skip
    parameters: Mapping[str, Any] = mapping(
        kinds.free(), "`path` or `data_dir` of files, and `venue`; `cache` is read and has no effect.",
        aliases=("params",),
    )  # fmt: skip


@dataclass(frozen=True)
class StrategySettings:
    """A strategy, the instruments that it trades, and the timeframes of its bars."""

    name: str = needed(kinds.name(), "Its name in results, and in INSTRUMENT:TIMEFRAME:NAME.")
    handler: str = setting(
        kinds.path("`package.module:Class`, or a file", lambda text: ":" not in text or os.path.isabs(text)),
        "A class or a strategy in a Python module, a Python file, or a graph document (.json).", "", aliases=("file",),
    )  # fmt: skip
    strategy: str = setting(kinds.text(), "Which strategy, where a Python file builds several.", "")
    nodes: tuple[str, ...] = setting(
        kinds.many(kinds.path()), "Python files with nodes of your own, which are run.", ()
    )
    instruments: tuple[str, ...] = setting(
        kinds.many(kinds.instrument()), "What it trades; several are traded by one program.", (),
        aliases=("instrument", "symbols", "symbol"),
    )  # fmt: skip
    timeframes: tuple[str, ...] = setting(
        kinds.many(kinds.timeframe()), "The length of its bars; for each of several it runs once.", (),
        aliases=("timeframe",),
    )  # fmt: skip
    feed: str = setting(
        kinds.text(), "The name of its feed; else the first one that has the instrument among its symbols.", ""
    )
    enabled: bool = setting(kinds.flag(), "Whether it runs.", True)
    parameters: Mapping[str, Any] = mapping(
        kinds.free(),
        "Parameters of the strategy: `fast: 10`, of a graph `fast.period: 10`; `size: 30%` of one over a DataFrame.",
        aliases=("params",),
    )


_FEE, _SHARE = kinds.percent(-1.0, 50.0), kinds.percent(0.0, 50.0)
_TIERS = kinds.rows("rows of (notional from, rate, amount)", "[[0, 0.004], [50000, 0.005, 50]]", 2, 3)


@dataclass(frozen=True)
class InstrumentCosts:
    """Costs of one instrument, where it has others than the account."""

    maker_fee_pct: float | None = setting(_FEE, "Fee of a maker; below 0 for a rebate.")
    taker_fee_pct: float | None = setting(_SHARE, "Fee of a taker.")
    leverage: float | None = setting(kinds.number(1.0, 1000.0, "times"), "Leverage of a perpetual.")
    maintenance_pct: float | None = setting(_SHARE, "Maintenance margin, in percent of the position's value.")
    maintenance_tiers: tuple[Any, ...] = setting(_TIERS, "Maintenance margin by tiers, rates as shares.", ())
    liquidation_fee_pct: float | None = setting(_SHARE, "Fee of a liquidation.")
    funding_rate_pct: float | None = setting(kinds.percent(-10.0, 10.0), "What longs pay every eight hours.")


@dataclass(frozen=True)
class Costs:
    """Fees and market frictions. Without a value, those of `wick backtest` hold."""

    fee_pct: float | None = setting(_SHARE, "Fee of maker and taker, where they have none of their own.")
    maker_fee_pct: float | None = setting(_FEE, "Fee of a maker; below 0 for a rebate.", otherwise="0.1")
    taker_fee_pct: float | None = setting(_SHARE, "Fee of a taker.", otherwise="0.1")
    spread_pct: float | None = setting(_SHARE, "Bid to ask; takers pay half of it.", otherwise="0")
    slippage_pct: float | None = setting(
        kinds.percent(0.0, 1000.0), "How much worse takers are filled, in percent of the price.", otherwise="0.05"
    )
    slippage_model: str | None = setting(
        kinds.choice("none", "percent", "fixed", "atr", "volume"),
        "How slippage is meant: `fixed` in quote units, `atr` times ATR 14, `volume` times the squared share of the "
        "bar's volume.",
        otherwise="percent",
    )
    slippage: float | None = setting(kinds.number(0.0, 1e9), "The amount of the models fixed, atr and volume.")
    volume_limit_pct: float | None = setting(
        kinds.percent(0.0, 1e8), "The most of a bar's volume that may be filled in it; 0 for no limit.", otherwise="0"
    )
    latency_bars: int | None = setting(
        kinds.whole(0, 1_000_000, "bars"), "Bars that an order is on its way.", otherwise="0"
    )
    leverage: float | None = setting(kinds.number(1.0, 1000.0, "times"), "Leverage of perpetuals.", otherwise="1")
    maintenance_pct: float | None = setting(_SHARE, "Maintenance margin of perpetuals.", otherwise="0.5")
    maintenance_tiers: tuple[Any, ...] = setting(
        _TIERS, "Maintenance margin by tiers instead, rates as shares, as exchanges publish them.", ()
    )
    liquidation_fee_pct: float | None = setting(_SHARE, "Fee of a liquidation.", otherwise="0.5")
    funding_rate_pct: float | None = setting(
        kinds.percent(-10.0, 10.0), "What longs of perpetuals pay every eight hours.", otherwise="0.01"
    )
    assume: str | None = setting(
        kinds.choice("worst", "best"), "How doubts inside a bar are decided for the account.", otherwise="worst"
    )
    instruments: Mapping[str, InstrumentCosts] = mapping(
        kinds.by_name(kinds.section(InstrumentCosts), kinds.instrument()), "Costs of single instruments."
    )
    funding: Mapping[str, str] = mapping(
        kinds.by_name(kinds.path("path, or `store`", lambda text: text.lower() != "store"), kinds.instrument()),
        "Files with the funding that a perpetual charged, or `store`, instead of one rate.",
    )
    mark_prices: Mapping[str, str] = mapping(
        kinds.by_name(kinds.path(), kinds.instrument()),
        "Files with bars of the mark price, which then decides liquidations.",
    )


_STEP = kinds.number(0.0, 1e18)


@dataclass(frozen=True)
class OrderRules:
    """The rules that a venue sets for orders of one instrument; 0 for no such rule."""

    tick: float | None = setting(_STEP, "Step of prices, in quote units.")
    lot: float | None = setting(_STEP, "Step of quantities, in base units.")
    minimum_quantity: float | None = setting(_STEP, "Least quantity of an order, in base units.")
    minimum_notional: float | None = setting(
        _STEP, "Least value of an order, in quote units.", aliases=("min_notional",)
    )


@dataclass(frozen=True)
class Interval:
    """Valvulin's interval of a scheduler."""

    timeframe: str = needed(kinds.timeframe(), "The timeframe.")
    seconds: float | None = setting(kinds.number(0.0, 1e9, "seconds"), "Time between two events.")
    warmup_seconds: float | None = setting(kinds.number(0.0, 1e9, "seconds"), "Time before the first event.")


@dataclass(frozen=True)
class Schedule:
    """The clock of a paper run."""

    speed: float = setting(
        kinds.number_or("max", 1e-6, 1e9), "How many times as fast as the world the clock of a paper run goes.", 1.0
    )
    bars: int | None = setting(kinds.whole(1, 2**53, "bars"), "A paper run stops after so many bars.")
    intervals: tuple[Interval, ...] = setting(
        kinds.sections(Interval), "Valvulin's intervals of scheduled events.", (),
        unused="strategies are called when a bar of their timeframe closes",
    )  # fmt: skip


@dataclass(frozen=True)
class Execution:
    """How the strategies run. Orders go to the simulated venue in both modes."""

    mode: str = setting(
        kinds.choice(BACKTEST, PAPER, refused={"live": _NO_LIVE, "real": _NO_LIVE}),
        "`backtest` over history, or `paper`: bars arrive by the clock. At the top of a file, `mode` is the same.",
        BACKTEST,
    )
    venue: str = setting(
        kinds.text(), "The venue whose instruments are traded, such as binance; `paper` for none in particular.", ""
    )
    finer: str = setting(
        kinds.timeframe_or("auto", "none"), "Bars to look inside the bars: auto takes the finest there are.", "auto"
    )
    reported: bool = setting(
        kinds.flag(), "Whether a paper run matches outside of the run and reports, as an exchange does.", False
    )
    journal: str = setting(
        kinds.path(), "The journal of a paper run; without it, a file in the folder of Wickwork.", ""
    )


@dataclass(frozen=True)
class Output:
    """What a run writes."""

    folder: str = setting(kinds.path(), "A folder for manifest, equity, trades, orders and fills.", "")
    report: str = setting(kinds.path(), "The report, one HTML file.", "")


REFUSED = {
    (
        "risk",
    ): "no run keeps limits of positions (max_position) or of the account, so what ran would not be what the file "
    "says; remove the section, and limit what the strategies order by their sizes"
}
"""Sections of other platforms without which a run would be another one than the file describes, and what to do."""
_OWN_SIZE = "orders have the size and the stops that their strategy gives them"


@dataclass(frozen=True)
class Backtester:
    """Valvulin's settings of its backtester."""

    risk_per_trade_pct: float | None = setting(kinds.percent(0.0, 100.0), "Risk of a trade.", unused=_OWN_SIZE)
    rr_ratio: float | None = setting(kinds.number(0.0, 1e6), "Reward to risk.", unused=_OWN_SIZE)
    sl_ratio: float | None = setting(kinds.number(0.0, 1e6), "Stop distance.", unused=_OWN_SIZE)
    commission_pct: float | None = setting(_SHARE, "Fee of maker and taker, as `costs.fee_pct`.")


@dataclass(frozen=True)
class Settings:
    """A whole configuration."""

    version: str = setting(kinds.choice("1", "1.0"), "The version of this format.", "1")
    home: str = setting(kinds.path(), "The folder of bars and journals; the user's data folder without it.", "")
    logging: Logging = part(Logging, "What is written while a run goes on.")
    start: int | None = setting(kinds.moment(), "The first bar opens then or later.", aliases=("from", "start_date"))
    end: int | None = setting(kinds.moment(), "The last bar opens before.", aliases=("to", "stop", "end_date"))
    capital: float = setting(
        kinds.number(1e-9, 1e15, "quote units", "10000"), "Cash at the start.", 10_000.0, aliases=("initial_capital",)
    )
    data_feeds: tuple[Feed, ...] = setting(
        kinds.sections(Feed), "Sources of bars; the demo market without any.", (), aliases=("feeds",)
    )
    strategies: tuple[StrategySettings, ...] = setting(
        kinds.sections(StrategySettings), "The strategies; on one bar they act in this order, exits before entries.", ()
    )
    costs: Costs = part(Costs, "Fees and market frictions.")
    rules: Mapping[str, OrderRules] = mapping(
        kinds.by_name(kinds.section(OrderRules), kinds.instrument()), "Rules of orders by instrument."
    )
    schedule: Schedule = part(Schedule, "The clock of a paper run.", aliases=("scheduler",))
    execution: Execution = part(Execution, "How the strategies run.")
    output: Output = part(Output, "What a run writes.")
    backtester: Backtester = part(Backtester, "Valvulin's settings of its backtester.")
    server: Server = part(Server, "What `wick up` starts.")
    secrets: Mapping[str, Secret] = mapping(
        kinds.by_name(kinds.secret(), kinds.name()),
        "Tokens and keys by name, each as {env: NAME} or {file: PATH}. No run reads one.",
    )
    folder: Path = field(default=Path(), compare=False)
    """The folder of the file, to which its paths are relative."""

    def path(self, text: str) -> Path:
        """A path of the configuration as an absolute one or one relative to the working folder."""
        return self.folder / os.path.expanduser(text)
