"""Buy a close above the upper Bollinger band after a quiet time, and ride it along the middle band.

Quiet means that the bands are narrower than on three quarters of the last 120 bars.
"""

from wickwork import strategy, ta, trade

with strategy("Bollinger breakout", instrument="ETH/USDT", timeframe="1h") as s:
    close = s.bars.close
    bands = ta.bollinger(close, period=20, multiplier=2.0, name="bands")
    rank = ta.percentile_rank(bands.width, period=120, name="width_rank")
    quiet = ta.less(ta.previous(rank), 25, name="quiet")
    breaks_out = ta.crosses_above(close, bands.upper, name="breaks_out")
    trade.buy(when=breaks_out & quiet, size=trade.risk_percent(1), stop_loss=trade.price(bands.lower), name="buy")
    trade.close(when=close < bands.middle, name="below_the_middle")
