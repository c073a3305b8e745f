"""PVE's template Long_Grid_Bot: buy a crossing in a rising market, buy more on the way down, take 1 % profit.

A ladder of three limit orders buys more below the price, larger each time. Whenever one fills, the profit target
moves to 1 % above the new average price, for all that is held. When the last one fills, a stop is placed 3 % below the
average. Whichever of target and stop fills, all other orders are canceled.
"""

from wickwork import strategy, ta, trade

LADDER = ((0.99, 250), (0.98, 300), (0.97, 350))
"""Each step: its price as a multiple of the close, and its size in quote currency."""

with strategy("Grid, long", instrument="SOL/USDT", timeframe="3m") as s:
    bars = s.bars
    held = ta.position_quantity(name="held")
    line = ta.moving_average(bars.low, kind="linreg", period=14, name="line")
    crossing = ta.crosses_above(line, ta.sinwma(bars.low, period=7, name="sine"))
    rising = bars.open > ta.ema(bars.high, period=100, name="trend")
    begin = ta.and_(crossing & rising, held == 0, name="begin")

    trade.cancel(when=begin, name="clear")
    first = trade.quantity(200 / bars.close)
    trade.place(when=begin, side="buy", order="market", size=first, name="entry")
    target = trade.place(when=begin, side="sell", order="limit", price=bars.close * 1.01, size=first, name="target")
    steps = [
        trade.place(
            when=begin,
            side="buy",
            order="limit",
            price=bars.close * multiple,
            size=trade.quote(money),
            name=f"step_{number}",
        )
        for number, (multiple, money) in enumerate(LADDER, start=1)
    ]

    average = ta.average_price(name="average")
    more = ta.any_of(*(step.filled for step in steps), name="more")
    trade.modify(when=more, order=target, price=average * 1.01, quantity=held, name="follow")
    stop = trade.place(
        when=steps[-1].filled,
        side="sell",
        order="stop",
        stop=average * 0.97,
        size=trade.quantity(held),
        reduce_only=True,
        name="stop",
    )
    trade.cancel(when=target.filled | stop.filled, name="done")
