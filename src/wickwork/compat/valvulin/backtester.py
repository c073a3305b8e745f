"""The backtester of Valvulin over Wickwork's engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from wickwork.analytics.run import Run, backtest
from wickwork.compat.valvulin.records import BacktestResult, TradeRecord
from wickwork.compat.valvulin.rules import LIMIT, QUANTITY, SIGNAL, STOP, TARGET, EntryKind, strategy_of
from wickwork.compat.valvulin.settings import BacktestSettings, settings_of
from wickwork.compat.valvulin.signals import OrderStatus, TradeSignal
from wickwork.compat.valvulin.skipped import bars_of, reasons_of
from wickwork.model.bars import Bars
from wickwork.model.errors import InputError
from wickwork.model.instrument import Instrument, parse_instrument

NO_BAR = "it comes after the last bar"
SAME_BAR = "another signal came before it on the same bar"


class Backtester:
    """Trades signals over the bars of one instrument, as a perpetual without funding on an account of its own.

    Each signal is decided at the close of its bar. A market order fills at the next open, a limit order when the price
    reaches it; a limit order that waits is canceled by the next signal. One position is held at a time: a signal while
    one is held is skipped, and so is one that the daily limit or the halt of the account forbids. The position ends at
    its stop loss, its take profit or its trailing stop, never by a price from before the entry; where a bar reaches
    two of them, the worse one counts.

    A signal's own `stop_loss` and `take_profit` are used as they are. Without them the stop is `sl_ratio` × 2 × ATR
    away from the fill, and the take profit `rr_ratio` (at least 1.5) × 2 × ATR; with a stop of its own alone, the take
    profit is `rr_ratio` times the distance to it. ATR is the simple mean of the `atr_period` bars before the signal's;
    where there are too few, or it is 0, 2 × ATR is 1 % of the close. The quantity risks `risk_per_trade_pct` of
    equity, but is never more than the signal's own or than `leverage` pays for. After a gain of `trail_after_r` the
    trailing stop follows; the stop loss moves to the entry price at the close of that bar.

    Where Valvulin differs: it fills at the close of the signal's bar and takes that bar's range for the exit, replaces
    a signal's own prices, holds any number of positions at once, and goes on trading after `drawdown_halt`.
    """

    def __init__(self, ohlcv: Any, price_column: str = "close", settings: Any = None, **changes: Any) -> None:
        """Take bars as a DataFrame with open, high, low and `price_column`; `volume` may be absent.

        The index is a DatetimeIndex; without a zone it is UTC. `settings` are those of each run, with `changes` by
        name, `risk_per_trade_pct=2`. Raises InputError for bars or settings that are none.
        """
        import pandas as pd

        if not isinstance(ohlcv, pd.DataFrame) or not isinstance(ohlcv.index, pd.DatetimeIndex):
            raise InputError("The bars of a Backtester are a DataFrame with a DatetimeIndex.")
        names = {str(name).lower(): name for name in ohlcv.columns}
        price = names.get(str(price_column).lower())
        if price is None:
            there = ", ".join(map(str, ohlcv.columns[:20]))
            raise InputError(f"The bars have no column {price_column!r:.60}; their columns are {there or 'none'}.")
        frame = ohlcv.sort_index()
        if price != names.get("close"):
            frame = frame.drop(columns=names["close"]) if "close" in names else frame
            frame = frame.rename(columns={price: "close"})
        self.ohlcv: Any = frame if "volume" in names else frame.assign(volume=0.0)
        self.settings = settings_of(settings, changes)
        self._bars = Bars.from_frame(self.ohlcv, "ASSET/USDT:USDT")

    def run(self, signals: Iterable[TradeSignal], *, settings: Any = None, **changes: Any) -> BacktestResult:
        """Trade the signals, which are of one symbol, in order of time.

        `settings` take the place of those of the constructor, `changes` are by name. Raises InputError for something
        that is no signal, for several symbols, and for settings that are none.
        """
        chosen = self.settings.changed(changes) if settings is None else settings_of(settings, changes)
        given = _listed(signals)
        symbols = sorted({one.symbol for one in given})
        if len(symbols) > 1:
            raise InputError(
                f"The signals are of {', '.join(symbols)}, and a Backtester has the bars of one symbol; make one for "
                "each, and aggregate_backtest_results of their results."
            )
        instrument = _perpetual(symbols[0]) if symbols else self._bars.instrument
        bars = self._bars if not symbols else Bars.from_frame(self.ohlcv, instrument, self._bars.timeframe)
        by_bar, skipped = _by_bar(bars, given)
        if not by_bar:
            return self._result(None, bars, chosen, [], skipped)
        kinds = list(dict.fromkeys(EntryKind.of(one) for one in by_bar.values()))
        run = backtest(
            strategy_of(chosen, kinds), bars.with_columns(_columns(by_bar, kinds, len(bars))), terms=chosen.terms
        )
        trades, used = _records(run, by_bar, chosen)
        skipped += reasons_of(run, {bar: one for bar, one in by_bar.items() if bar not in used})
        return self._result(run, bars, chosen, trades, skipped)

    def _result(
        self,
        run: Run | None,
        bars: Bars,
        settings: BacktestSettings,
        trades: list[TradeRecord],
        skipped: list[tuple[TradeSignal, str]],
    ) -> BacktestResult:
        """The result, with times as the bars have them; its tables are written where the settings say so."""
        import pandas as pd

        zone, equity = self.ohlcv.index.tz, np.full(len(bars), settings.initial_equity)
        values = equity if run is None else run.history.equity
        curve = pd.Series(values, index=bars.to_pandas().index.rename(None), name="equity")
        result = BacktestResult(
            [one.in_zone(zone) for one in trades],
            curve.tz_convert(zone) if zone is not None else curve.tz_localize(None),
            float(settings.initial_equity),
            bars.timeframe,
            tuple(sorted(skipped, key=lambda pair: pair[0].moment)),
            run,
        )
        if settings.export_directory is not None:
            result.export(settings.export_directory)
        return result


def _listed(signals: Iterable[TradeSignal]) -> list[TradeSignal]:
    """The signals in order of time, those of one time as they are given."""
    if not isinstance(signals, Iterable):
        raise InputError(f"Backtester.run takes TradeSignals, was given {signals!r:.60}.")
    given = list(signals)
    for one in given:
        if not isinstance(one, TradeSignal):
            raise InputError(f"Backtester.run takes TradeSignals, was given {one!r:.60}.")
    return sorted(given, key=lambda one: one.moment)


def _perpetual(symbol: str) -> Instrument:
    """The perpetual of a symbol, which can be sold short. Raises InputError where it names no instrument."""
    found = parse_instrument(symbol)
    return found if found.settle else Instrument(found.base, found.quote, found.quote, found.venue)


def _by_bar(bars: Bars, signals: Sequence[TradeSignal]) -> tuple[dict[int, TradeSignal], list[tuple[TradeSignal, str]]]:
    """The signal of each bar at whose close it is decided, and the signals that have none, with the reasons."""
    chosen: dict[int, TradeSignal] = {}
    skipped = []
    end = int(bars.opened_at[-1]) + bars.timeframe.milliseconds if len(bars) else 0
    for one in signals:
        bar = max(int(np.searchsorted(bars.opened_at, one.moment, side="right")) - 1, 0)
        if one.moment >= end:
            skipped.append((one, NO_BAR))
        elif bar in chosen:
            skipped.append((one, SAME_BAR))
        else:
            chosen[bar] = one
    return chosen, skipped


def _columns(by_bar: dict[int, TradeSignal], kinds: Sequence[EntryKind], size: int) -> dict[str, Any]:
    """The signals as columns beside the bars: where they are, and the prices and quantities of their own."""
    columns = {name: np.zeros(size) for name in (SIGNAL, *(kind.column for kind in kinds))}
    columns |= {name: np.full(size, np.nan) for name in (LIMIT, STOP, TARGET, QUANTITY)}
    for bar, one in by_bar.items():
        columns[SIGNAL][bar] = columns[EntryKind.of(one).column][bar] = 1.0
        own = {LIMIT: one.limit, STOP: one.stop_loss, TARGET: one.take_profit, QUANTITY: one.quantity}
        for name, value in own.items():
            columns[name][bar] = np.nan if value is None else value
    return columns


def _records(
    run: Run, by_bar: dict[int, TradeSignal], settings: BacktestSettings
) -> tuple[list[TradeRecord], set[int]]:
    """The trades of a run with the signals that they come from, and the bars of these signals."""
    decided = dict(zip(run.orders["order"], bars_of(run, run.orders["placed_at"]), strict=True))
    curve = np.concatenate(([settings.initial_equity], run.history.equity))
    records, used = [], set()
    for row, trade in zip(run.ledger.trades, run.trades.itertuples(), strict=True):
        bar = decided[int(row["entry_order"])]
        used.add(bar)
        signal, before, quantity = by_bar[bar], float(curve[row["opened"]]), float(row["quantity"])
        last = run.equity.index[int(row["closed"])]
        records.append(
            TradeRecord(
                signal=signal,
                entry_time=trade.opened_at,
                exit_time=last if trade.open else trade.closed_at,
                entry_price=float(row["entry"]),
                exit_price=float(row["exit"]),
                quantity=quantity,
                pnl=float(row["gain"]),
                r_multiple=float(row["gain"] / row["risk"]) if row["risk"] > 0 else None,
                status=OrderStatus.EXPIRED if trade.open else OrderStatus.FILLED,
                pnl_pct=100 * float(row["gain"]) / before if before > 0 else 0.0,
                risk_amount=float(row["risk"]),
                entry_equity=before,
                exit_equity=float(curve[row["closed"] + 1]),
                fees=float(row["fees"]),
                exit_reason="end of the bars" if trade.open else str(trade.exit_reason),
            )
        )
    return records, used
