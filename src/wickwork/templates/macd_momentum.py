"""MACD above its signal line in a trend that ADX confirms; out when momentum turns, or 2.5 ATR below the entry."""

from wickwork import strategy, ta, trade

with strategy("MACD momentum", instrument="BTC/USDT", timeframe="4h") as s:
    macd = ta.macd(s.bars.close, fast=12, slow=26, signal=9, name="macd")
    trending = ta.greater(ta.adx(period=14, name="strength").adx, 20, name="trending")
    turns_up = ta.crosses_above(macd.macd, macd.signal, name="turns_up")
    turns_down = ta.crosses_below(macd.macd, macd.signal, name="turns_down")
    trade.buy(when=turns_up & trending, size=trade.percent_of_equity(90), stop_loss=trade.atr(2.5), name="buy")
    trade.close(when=turns_down, name="sell")
