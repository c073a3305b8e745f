"""Momentum rotation: each week move into the three of eight coins that rose most in a month, calm ones weighing more.

A coin that fell over the month is not held, however it compares; what is not invested stays cash.
"""

from wickwork import strategy, ta, trade

COINS = "BTC/USDT, ETH/USDT, SOL/USDT, XRP/USDT, ADA/USDT, DOGE/USDT, LINK/USDT, LTC/USDT"

with strategy("Momentum rotation", instrument=COINS, timeframe="1d") as s:
    month = ta.roc(s.bars.close, period=30, name="month")
    best = ta.top(month, n=3, name="best")
    restless = ta.natr(s.bars, period=30, name="restless")
    weights = ta.target_weights(best & (month > 0.0), restless, weighting="inverse", total=90.0, name="weights")
    week = ta.new_period(s.bars, anchor="week", name="week")
    trade.rebalance(when=week, weight=ta.if_missing(weights, 0.0), tolerance=2.0, name="rotate")
