"""Break out of a range: a stop entry just above the 20-bar high, a stop loss two ATR below, a target of three times that risk.

The entry waits at the high for three bars; the size is such that the stop loss costs one percent of the account.
"""

from wickwork import strategy, ta, trade

with strategy("Breakout with a bracket") as s:
    bars = s.bars
    top = ta.highest(bars.high, period=20, name="top")
    middle = ta.sma(bars.close, period=50, name="middle")
    near = ta.greater(bars.close, top * 0.995, name="near")
    rising = ta.greater(bars.close, middle, name="rising")
    trade.buy(
        when=near & rising,
        stop=top * 1.0005,
        size=trade.risk_percent(1),
        stop_loss=trade.atr(2),
        take_profit=trade.r(3),
        good_for=3,
        name="breakout",
    )
