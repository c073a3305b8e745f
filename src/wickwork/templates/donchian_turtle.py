"""The Turtles' breakout: buy a new 20-bar high, add every half ATR up to four units, leave at the 10-bar low.

Each unit risks 1 % of the account, two ATR below its entry.
"""

from wickwork import strategy, ta, trade

with strategy("Donchian turtle", instrument="BTC/USDT", timeframe="1d") as s:
    close = s.bars.close
    entry = ta.donchian(period=20, current_bar=False, name="entry_channel")
    leave = ta.donchian(period=10, current_bar=False, name="exit_channel")
    half = ta.atr(period=20, name="range") * 0.5
    units = ta.entries_count(name="units")
    flat = ta.equal(ta.position_quantity(name="held"), 0, name="flat")
    higher = ta.greater(close, ta.last_entry_price(name="last_price") + half, name="half_a_range_higher")
    size, stop = trade.risk_percent(1), trade.atr(2, period=20)
    trade.buy(when=(close > entry.upper) & flat, size=size, stop_loss=stop, name="first_unit")
    trade.buy(when=higher & (units < 4) & ~flat, size=size, stop_loss=stop, add=True, name="next_unit")
    trade.close(when=close < leave.lower, name="new_low")
