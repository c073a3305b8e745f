"""Pairs: hold the one of two perpetuals that is cheap against the other, sell the expensive one short, until they meet.

The logarithm of each price is compared with the mean of both. Where that gap is very wide, both sides are opened at
once with equal weights; when it closes, both are closed.
"""

from wickwork import strategy, ta, trade

with strategy("Pairs trade", instrument="BTC/USDT:USDT, ETH/USDT:USDT", timeframe="1h") as s:
    gap = ta.relative_to_mean(ta.logarithm(s.bars.close), name="gap")
    wide = ta.z_score(gap, period=72, name="wide")
    trade.rebalance(when=ta.crosses_below(wide, -2.0), weight=40.0, name="cheap")
    trade.rebalance(when=ta.crosses_above(wide, 2.0), weight=-40.0, name="dear")
    trade.rebalance(when=ta.crosses(wide, 0.0), weight=0.0, name="together")
