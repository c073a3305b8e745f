"""A grid: buy a little lower, sell a little higher, again and again, as long as the market goes sideways.

While the trend is weak (ADX below 20) a grid of limit orders starts: it first buys what its sell orders above the price
need; each fill is followed by an order one step of one percent away. It ends, and all is sold, when a strong trend
takes the price below the range in which it began.
"""

from wickwork import strategy, ta, trade

with strategy("Grid") as s:
    close = s.bars.close
    calm = ta.crosses_below(ta.adx(period=14, name="trend").adx, 20, name="calm")
    floor = ta.lowest(s.bars.low, period=200, name="floor")
    trade.grid(
        when=calm,
        until=ta.crosses_below(close, ta.previous(floor), name="broken"),
        close=True,
        direction="long",
        spacing=trade.percent(1),
        levels=5,
        size=trade.percent_of_equity(8),
        name="grid",
    )
