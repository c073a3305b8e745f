"""Trade pullbacks of hourly bars in the direction of the daily and the four-hour trend; leave with the latter."""

from wickwork import strategy, ta, trade

with strategy("Multi-timeframe trend", instrument="BTC/USDT", timeframe="1h") as s:
    close, four, day = s.bars.close, s.bars("4h").close, s.bars("1d").close
    daily = ta.greater(day, ta.ema(day, period=20, name="daily_average"), name="daily_trend")
    middle = ta.greater(
        ta.ema(four, period=10, name="fast_4h"), ta.ema(four, period=30, name="slow_4h"), name="trend_4h"
    )
    pullback = ta.crosses_above(ta.rsi(close, period=7, name="rsi"), 35, name="pullback_is_over")
    trade.buy(
        when=pullback & daily & middle,
        size=trade.percent_of_equity(90),
        stop_loss=trade.atr(3),
        trailing=trade.atr(4),
        trailing_after=trade.r(1),
        name="buy",
    )
    trade.close(when=~middle, name="trend_is_over")
