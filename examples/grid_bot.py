"""A short grid bot in which every order is an object: what became of one decides what happens to the others.

After a crossing in a falling market the bot sells at market and places, at once, a limit order to take the profit and a
ladder of limit orders that sell more, higher and larger each time. Whenever one of the ladder fills, the profit target
moves to 1 % below the new average price, for all that is held. When the last one fills, a stop is placed 3 % above the
average. Whichever of target and stop fills, all other orders are canceled. Perpetuals only.
"""

from wickwork import strategy, ta, trade

LADDER = ((1.02, 1_250), (1.04, 1_500), (1.06, 1_750), (1.09, 2_000), (1.12, 2_250))
"""Each step: its price as a multiple of the close, and its size in quote currency."""

with strategy("Grid bot", instrument="ETH/USDT:USDT", timeframe="5m") as s:
    bars = s.bars
    held = ta.position_quantity(name="held")
    crossing = ta.crosses_above(
        ta.ema(bars.low, period=14, name="slow"), ta.moving_average(bars.low, kind="zlma", period=7, name="fast")
    )
    falling = bars.open < ta.moving_average(bars.high, kind="linreg", period=100, name="trend")
    begin = ta.and_(crossing & falling, held == 0, name="begin")

    trade.cancel(when=begin, name="clear")
    first = trade.quantity(1_000 / bars.close)
    trade.place(when=begin, side="sell", order="market", size=first, name="entry")
    target = trade.place(when=begin, side="buy", order="limit", price=bars.close * 0.99, size=first, name="target")
    steps = [
        trade.place(
            when=begin,
            side="sell",
            order="limit",
            price=bars.close * multiple,
            size=trade.quote(money),
            name=f"step_{number}",
        )
        for number, (multiple, money) in enumerate(LADDER, start=1)
    ]

    average = ta.average_price(name="average")
    more = ta.any_of(*(step.filled for step in steps), name="more")
    trade.modify(when=more, order=target, price=average * 0.99, quantity=ta.absolute(held), name="follow")
    stop = trade.place(
        when=steps[-1].filled,
        side="buy",
        order="stop",
        stop=average * 1.03,
        size=trade.quantity(ta.absolute(held)),
        reduce_only=True,
        name="stop",
    )
    trade.cancel(when=target.filled | stop.filled, name="done")
