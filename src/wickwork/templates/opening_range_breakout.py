"""The break of the first hour of the day: stop entry above its high, stop loss at its low, flat by midnight UTC."""

from wickwork import strategy, ta, trade

with strategy("Opening range breakout", instrument="BTC/USDT", timeframe="15m") as s:
    close = s.bars.close
    opening = ta.opening_range(minutes=60, name="opening")
    minute = ta.minutes_of_day(name="minute")
    wide = ta.between((opening.high - opening.low) / close * 100.0, 0.3, 3.0, name="wide_enough")
    begins = ta.equal(minute, 60, name="range_is_over")
    trade.buy(
        when=begins & opening.complete & wide,
        stop=opening.high,
        size=trade.risk_percent(1),
        stop_loss=trade.price(opening.low),
        take_profit=trade.r(2),
        good_for=32,
        name="breakout",
    )
    trade.close(when=minute >= 23 * 60, name="end_of_day")
