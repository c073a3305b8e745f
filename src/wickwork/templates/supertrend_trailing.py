"""Enter when Supertrend turns up, and trail the stop loss along its line.

The stop loss of the position is moved to the line on every bar on which the line has risen: it never falls.
"""

from wickwork import strategy, ta, trade

with strategy("Supertrend, trailing", instrument="BTC/USDT", timeframe="4h") as s:
    trend = ta.supertrend(period=10, multiplier=3.0, name="trend")
    turns_up = ta.crosses_above(trend.direction, 0, name="turns_up")
    entry = trade.buy(when=turns_up, size=trade.percent_of_equity(95), stop_loss=trade.price(trend.line), name="buy")
    higher = (ta.change(trend.line) > 0) & (trend.direction > 0) & (ta.position_quantity() > 0)
    entry.modify(when=higher, leg="stop_loss", price=trend.line, name="trail")
    trade.close(when=trend.direction < 0, name="turns_down")
