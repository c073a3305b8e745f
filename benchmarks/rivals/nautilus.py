# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "nautilus_trader==1.231.0; python_version >= '3.12'",
#   "nautilus_trader==1.221.0; python_version < '3.12'",
# ]
# [tool.against]
# title = "NautilusTrader"
# python = "3.12"
# ///
"""NautilusTrader: the low-level BacktestEngine on bars, which are made into its objects before the time begins.

Version 1.231 asks for Python 3.12; where that is not to be found the last one for 3.11 is measured, and the table says
so.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

PACKAGES = ("nautilus_trader",)
PREBUILT = (
    "its bar objects are built before; cash account, no slippage on bars; its Sharpe is that of its positions, "
    "its drawdown is not asked for"
)


def start(variant: str) -> dict[str, dict[str, Any]]:
    """Which works there are, and what is to be said about them."""
    import nautilus_trader

    assert nautilus_trader
    return {
        "unit": {"most": 100_000, "note": PREBUILT},
        "unit_stops": {"most": 100_000, "note": f"stops checked in on_bar, market orders; {PREBUILT}"},
    }


def prepare(given: Any) -> Callable[[], dict[str, Any]]:
    """One work, ready to be done again and again."""
    from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
    from nautilus_trader.config import LoggingConfig
    from nautilus_trader.indicators import ExponentialMovingAverage
    from nautilus_trader.model.currencies import BTC, USDT
    from nautilus_trader.model.data import Bar, BarType
    from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
    from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
    from nautilus_trader.model.instruments import CurrencyPair
    from nautilus_trader.model.objects import Money, Price, Quantity
    from nautilus_trader.trading.strategy import Strategy

    venue = Venue("SIM")
    instrument = CurrencyPair(
        instrument_id=InstrumentId(Symbol("BTCUSDT"), venue),
        raw_symbol=Symbol("BTCUSDT"),
        base_currency=BTC,
        quote_currency=USDT,
        price_precision=6,
        size_precision=4,
        price_increment=Price(1e-6, 6),
        size_increment=Quantity(1e-4, 4),
        margin_init=Decimal(0),
        margin_maint=Decimal(0),
        maker_fee=Decimal(str(given.fee)),
        taker_fee=Decimal(str(given.fee)),
        ts_event=0,
        ts_init=0,
    )
    kind = BarType.from_str("BTCUSDT.SIM-1-MINUTE-LAST-EXTERNAL")
    stops = given.work.endswith("stops")

    class Cross(Strategy):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.quick, self.calm = ExponentialMovingAverage(given.fast), ExponentialMovingAverage(given.slow)
            self.above = self.held = False
            self.entry = self.highest = 0.0

        def on_start(self) -> None:
            self.register_indicator_for_bars(kind, self.quick)
            self.register_indicator_for_bars(kind, self.calm)
            self.subscribe_bars(kind)
            self.one = Quantity(1.0, 4)

        def send(self, side: Any) -> None:
            self.submit_order(self.order_factory.market(instrument.id, side, self.one))
            self.held = side == OrderSide.BUY

        def on_bar(self, bar: Any) -> None:
            if stops and self.held:
                low, high = bar.low.as_double(), bar.high.as_double()
                floor = max(self.entry * (1.0 - given.stop), self.highest * (1.0 - given.trail))
                if low <= floor or high >= self.entry * (1.0 + given.target):
                    self.send(OrderSide.SELL)
                self.highest = max(self.highest, high)
            above = self.quick.value > self.calm.value
            if above and not self.above and not self.held:
                self.send(OrderSide.BUY)
                self.entry = self.highest = bar.close.as_double()
            elif self.above and not above and self.held:
                self.send(OrderSide.SELL)
            self.above = above

    bars = [
        Bar(kind, *(Price(value, 6) for value in prices), Quantity(volume, 4), opened, opened)
        for *prices, volume, opened in zip(
            *(getattr(given, name).tolist() for name in ("open", "high", "low", "close", "volume")),
            (given.times * 1_000_000).tolist(),
            strict=True,
        )
    ]

    def run() -> dict[str, Any]:
        engine = BacktestEngine(config=BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
        engine.add_venue(
            venue=venue,
            oms_type=OmsType.NETTING,
            account_type=AccountType.CASH,
            base_currency=None,
            starting_balances=[Money(1_000_000, USDT)],
        )
        engine.add_instrument(instrument)
        engine.add_data(bars)
        engine.add_strategy(Cross())
        engine.run()
        found, cache = engine.get_result(), engine.cache
        profits = found.stats_pnls.get("USDT", {})
        balance = cache.account_for_venue(venue).balance_total(USDT).as_double()
        closed = len(cache.positions_closed()) + len(cache.position_snapshots())
        engine.dispose()
        return {
            "trades": closed,
            "total_return": (balance / 1e6 - 1.0) * 100.0,
            "sharpe": found.stats_returns.get("Sharpe Ratio (252 days)"),
            "max_drawdown": None,
            "win_rate": profits.get("Win Rate", float("nan")) * 100.0,
        }

    return run
