"""Take profit in parts: half at 1 R, a quarter at 2 R, and let the rest run behind a trailing stop.

When the first target has filled, the stop loss of what is left moves to the entry price: break-even.
"""

from wickwork import strategy, ta, trade

with strategy("Scale out") as s:
    bars = s.bars
    fast = ta.ema(bars.close, period=20, name="fast")
    slow = ta.ema(bars.close, period=60, name="slow")
    entry = trade.buy(
        when=ta.crosses_above(fast, slow),
        size=trade.risk_percent(1),
        stop_loss=trade.atr(2),
        take_profit=[trade.target(trade.r(1), share=50), trade.target(trade.r(2), share=25)],
        trailing=trade.percent(3),
        name="entry",
    )
    held = ta.position_quantity(name="held")
    less = ta.less(held, ta.previous(held, bars=1), name="less")
    trade.modify(when=less, order=entry, leg="stop_loss", price=ta.average_price(), name="break_even")
