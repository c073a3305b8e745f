"""The Turtles' breakout: buy a new 20-bar high, add every half ATR up to four units, leave at the 10-bar low.

Each unit risks 1 % of the account, two ATR below its entry.
"""

from wickwork import strategy, ta, trade

with strategy("Donchian turtle", instrument="BTC/USDT", timeframe="1d") as s:
    close = s.bars.close
    high = ta.previous(ta.donchian(period=20, name="entry_channel").upper, name="high_before")
    low = ta.previous(ta.donchian(period=10, name="exit_channel").lower, name="low_before")
    range_ = ta.atr(period=20, name="range")
    flat = ta.equal(ta.position_quantity(name="held"), 0, name="flat")
    unit = trade.risk_percent(1)
    first = ta.greater(close, high, name="new_high") & flat
    trade.buy(when=first, size=unit, stop_loss=trade.atr(2, period=20), name="first_unit")
    # The price above which the next unit is added: half a range above the last addition.
    added_at = ta.value_when(first, close, name="first_price")
    step = ta.value_when(first, range_, name="first_range") * 0.5
    for number in (1, 2, 3):
        reached = ta.crosses_above(close, added_at + step * number, name=f"step_{number}")
        trade.buy(
            when=reached & ~flat, size=unit, stop_loss=trade.atr(2, period=20), add=True, name=f"unit_{number + 1}"
        )
    trade.close(when=close < low, name="new_low")
