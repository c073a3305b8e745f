"""Hold what is strong: each week the account moves into the two coins that rose most over the last month.

All instruments of the run are compared at one bar. The chosen ones share nine tenths of the equity, calm ones getting
more than restless ones; a coin that fell is not held, however it compares. Run it over several instruments:

    wick backtest examples/universe_momentum.py --timeframe 1d --instrument BTC/USDT --instrument ETH/USDT
"""

from wickwork import strategy, ta, trade

with strategy("Weekly rotation over a universe") as s:
    month = ta.roc(s.bars.close, period=30, name="month")
    best = ta.top(month, n=2, name="best")
    restless = ta.natr(s.bars, period=30, name="restless")
    weights = ta.target_weights(best & (month > 0.0), restless, weighting="inverse", total=90.0, name="weights")
    week = ta.new_period(s.bars, anchor="week", name="week")
    # A coin that is too young to be compared has no weight yet: it is not held.
    trade.rebalance(when=week, weight=ta.if_missing(weights, 0.0), tolerance=2.0, name="rotate")
