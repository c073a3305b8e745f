"""Two perpetuals that move together: hold the one that is cheap against the other, and sell the expensive one short.

At each bar the logarithm of each price is compared with the mean of both: one lies as far above it as the other below.
Where that gap is unusually wide, both sides are opened at once with equal weights; when it closes, both are closed. So
the account gains where the two come together again, whatever the market does. With more than two instruments each is
held against the mean of all. It needs perpetuals, since spot cannot be sold short:

    wick backtest examples/pairs.py --instrument BTC/USDT:USDT --instrument ETH/USDT:USDT
"""

from wickwork import strategy, ta, trade

with strategy("Pairs", instrument="BTC/USDT:USDT, ETH/USDT:USDT", timeframe="1h") as s:
    gap = ta.relative_to_mean(ta.logarithm(s.bars.close), name="gap")
    wide = ta.z_score(gap, period=72, name="wide")
    trade.rebalance(when=ta.crosses_below(wide, -2.0), weight=40.0, name="cheap")
    trade.rebalance(when=ta.crosses_above(wide, 2.0), weight=-40.0, name="dear")
    trade.rebalance(when=ta.crosses(wide, 0.0), weight=0.0, name="together")
