"""Buy in steps on the way down, sell all at a profit: a ladder of limit orders, and one target that moves.

On a fall the strategy places three limit orders, each lower and larger than the one before. While something is held,
one limit order to sell waits above the average price; when the average falls, the order is moved.
"""

from wickwork import strategy, ta, trade

with strategy("DCA grid") as s:
    close = s.bars.close
    held = ta.position_quantity(name="held")
    fallen = ta.crosses_below(ta.rsi(close, period=14, name="rsi"), 40, name="fallen")
    begin = ta.and_(fallen, ta.equal(held, 0, name="flat"), name="begin")
    trade.cancel(when=begin, name="clear")
    for step, (below, money) in enumerate(((0.5, 1_500), (2.0, 2_500), (4.0, 4_000)), start=1):
        trade.place(
            when=begin,
            side="buy",
            order="limit",
            price=close * (1.0 - below / 100.0),
            size=trade.quote(money),
            good_for=240,
            name=f"step_{step}",
        )
    average = ta.average_price(name="average")
    target = average * 1.02
    sell = trade.place(
        when=ta.crosses_above(held, 0, name="bought"),
        side="sell",
        order="limit",
        price=target,
        size=trade.percent_of_equity(100),
        reduce_only=True,
        name="sell",
    )
    lower = ta.if_missing(ta.change(average) < 0, False)  # there is no average while nothing is held
    trade.modify(when=lower, order=sell, price=target, name="move")
    trade.close(when=ta.unrealised_percent(name="open_percent") < -12, name="give_up")
