"""Break out of a range: a stop entry just above the 20-bar high, in a bracket of stop loss and target.

The entry waits for three bars. The stop loss is two ATR away and costs one percent of the account; the target is three
times as far.
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
