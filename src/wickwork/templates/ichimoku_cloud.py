"""Ichimoku: buy when conversion crosses base above the cloud and the lagging line agrees; leave below the base line."""

from wickwork import strategy, ta, trade

with strategy("Ichimoku cloud", instrument="ETH/USDT", timeframe="4h") as s:
    close = s.bars.close
    lines = ta.ichimoku(name="lines")
    above = (close > lines.span_a) & (close > lines.span_b)
    cross = ta.crosses_above(lines.conversion, lines.base, name="cross")
    agrees = ta.greater(lines.lagging_distance, 0, name="agrees")
    trade.buy(when=cross & above & agrees, size=trade.percent_of_equity(95), stop_loss=trade.atr(3), name="buy")
    trade.close(when=ta.crosses_below(close, lines.base), name="below_the_base")
