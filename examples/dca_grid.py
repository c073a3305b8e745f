"""Buy in steps on the way down, sell all at a profit: a ladder of limit orders below the market, and one target that moves.

On a fall the strategy places three limit orders, each lower and larger than the one before. While something is held, one limit order to
sell waits above the average price; as the average falls, the order is moved.
"""

from wickwork import strategy, ta, trade

with strategy("DCA grid") as s:
    close = s.bars.close
    flat = ta.equal(ta.position_quantity(name="held"), 0, name="flat")
    fallen = ta.less(ta.rsi(close, period=14, name="rsi"), 40, name="fallen")
    begin = ta.becomes_true(flat & fallen, name="begin")
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
    target = ta.average_price(name="average") * 1.02
    holding = ta.greater(ta.position_quantity(name="holding_quantity"), 0, name="holding")
    sell = trade.place(
        when=ta.becomes_true(holding),
        side="sell",
        order="limit",
        price=target,
        size=trade.quantity(1_000_000),
        reduce_only=True,
        name="sell",
    )
    trade.modify(when=holding, order=sell, price=target, name="move")
    trade.close(when=ta.unrealised_percent(name="open_percent") < -12, name="give_up")
