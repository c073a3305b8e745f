"""Bullish divergence: a lower low of the price that RSI does not confirm; target 2 R, stop loss below the low."""

from wickwork import strategy, ta, trade

with strategy("RSI divergence", instrument="ETH/USDT", timeframe="1h") as s:
    bars = s.bars
    rsi = ta.rsi(bars.close, period=14, name="rsi")
    found = ta.divergence(s.bars, rsi, left=5, right=3, name="divergence")
    low = ta.lowest(bars.low, period=20, name="low")
    trade.buy(
        when=found.bullish & (rsi < 50),
        size=trade.risk_percent(1),
        stop_loss=trade.price(low * 0.998),
        take_profit=trade.r(2),
        name="buy",
    )
    trade.close(when=found.bearish, name="bearish_divergence")
    trade.close(when=ta.bars_held() >= 96, name="time_stop")
