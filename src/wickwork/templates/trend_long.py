"""PVE's template Trend_Long_Simple: a fitted line crosses an average of the lows; 1 % profit or 2 % loss.

The linear regression over 100 bars of 98 % of the low crosses above the sine-weighted average over 140 bars of the low.
Profit and loss are a bracket here, so that one exit cancels the other.
"""

from wickwork import strategy, ta, trade

with strategy("Trend long, simple", instrument="DOGE/USDT", timeframe="3m") as s:
    low = s.bars.low
    line = ta.moving_average(low * 0.98, period=100, kind="linreg", name="line")
    sine = ta.sinwma(low, period=140, name="sine")
    enters = ta.crosses_above(line, sine, name="enters")
    trade.buy(
        when=enters,
        size=trade.quote(2_000),
        stop_loss=trade.percent(2),
        take_profit=trade.percent(1),
        name="buy",
    )
