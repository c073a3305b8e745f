"""Orders by hand: a limit entry that follows the price, and exits that are orders of their own.

When the trend turns up, a limit order is placed 1 % below the close. While it has not filled it follows the close every
four bars; after a day, or when the trend turns down, it is canceled. Once it has filled, a limit order takes the profit
and a stop limits the loss, linked so that the fill of one cancels the other. Half of the way to the profit the stop
moves to the entry price. When the trend turns down, both are canceled and the position is closed.
"""

from wickwork import strategy, ta, trade

with strategy("Chased entry", timeframe="1h") as s:
    close = s.bars.close
    fast, slow = ta.ema(close, period=24, name="fast"), ta.ema(close, period=96, name="slow")
    up = ta.crosses_above(fast, slow, name="up")
    down = ta.crosses_below(fast, slow, name="down")
    held = ta.position_quantity(name="held")

    entry = trade.place(
        when=ta.and_(up, held == 0, name="begin"),
        side="buy",
        order="limit",
        price=close * 0.99,
        size=trade.percent_of_equity(50),
        name="entry",
    )
    waited = entry.working & (entry.age % 4 == 0)
    trade.modify(when=waited & (entry.age < 24) & ~down, order=entry, price=close * 0.99, name="follow")
    entry.cancel(when=entry.working & ((entry.age >= 24) | down), name="give_up")

    bought = ta.and_(entry.filled, entry.complete, name="bought")
    target = trade.place(
        when=bought,
        side="sell",
        order="limit",
        price=entry.average * 1.04,
        size=trade.quantity(held),
        reduce_only=True,
        name="target",
    )
    stop = trade.place(
        when=bought,
        side="sell",
        order="stop",
        stop=entry.average * 0.98,
        size=trade.quantity(held),
        reduce_only=True,
        oco_with=target,
        name="stop",
    )
    half_way = ta.crosses_above(close, entry.average * 1.02, name="half_way")
    trade.modify(when=half_way & stop.working, order=stop, price=entry.average, name="break_even")

    trade.cancel(when=down & (held > 0), name="leave")
    trade.close(when=down, name="sell_the_rest")
