"""Buy in steps on the way down, and let a profit run behind a trailing stop.

The first step buys a dip. Each further one is a limit order below it, larger than the one before. Once the position has
gained 3 % on its average price, it is sold when it has given back 1 % of its best price since the entry.
"""

from wickwork import strategy, ta, trade

STEPS = ((2.0, 15), (5.0, 20), (10.0, 30))

with strategy("DCA with trailing profit", instrument="BTC/USDT", timeframe="1h") as s:
    close = s.bars.close
    held = ta.position_quantity(name="held")
    dip = ta.crosses_below(ta.rsi(close, period=14, name="rsi"), 35, name="dip")
    begin = ta.and_(dip, ta.equal(held, 0, name="flat"), name="begin")
    trade.cancel(when=begin, name="clear")
    trade.place(when=begin, side="buy", order="market", size=trade.percent_of_equity(10), name="first")
    for number, (below, share) in enumerate(STEPS, start=2):
        trade.place(
            when=begin,
            side="buy",
            order="limit",
            price=close * (1.0 - below / 100.0),
            size=trade.percent_of_equity(share),
            name=f"step_{number}",
        )
    best = ta.highest_since_entry(name="best")
    average = ta.average_price(name="average")
    gained = ta.greater(best, average * 1.03, name="gained_enough")
    given_back = ta.less(close, best * 0.99, name="given_back")
    out = ta.if_condition_missing(gained & given_back, False, name="take_profit")
    trade.close(when=out, name="sell")
    trade.cancel(when=out, name="cancel_steps")
