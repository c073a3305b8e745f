"""Three strategies on one account: a trend on 4-hour bars, dips on hourly ones, and a class over a DataFrame.

wick backtest examples/portfolio.py
"""

from wickwork import FrameStrategy, Member, portfolio, strategy, ta, trade

with strategy("Trend") as trend:
    close = trend.bars.close
    fast, slow = ta.ema(close, period=12), ta.ema(close, period=26)
    trade.buy(when=ta.crosses_above(fast, slow), size=trade.percent_of_equity(30), trailing=trade.percent(8))
    trade.close(when=ta.crosses_below(fast, slow))

with strategy("Dip") as dip:
    bars = dip.bars
    rsi = ta.rsi(bars.close)
    trade.buy(
        when=(rsi < 30) & (bars.close > ta.sma(bars.close, period=100)),
        size=trade.percent_of_equity(15),
        limit=bars.close * 0.998,
        good_for=6,
        stop_loss=trade.percent(3),
    )
    trade.close(when=rsi > 55)


class Breakout(FrameStrategy):
    """Buys above the highest close of twenty bars, sells below the lowest one of ten."""

    warmup = 21
    window = 60
    size = trade.percent_of_equity(20)

    def generate_signals(self, df):
        """1 above the channel, −1 below it."""
        up = df.close > df.close.shift(1).rolling(20).max()
        down = df.close < df.close.shift(1).rolling(10).min()
        df["signal"] = up.astype(int) - down.astype(int)
        return df


both = portfolio(
    Member("trend", trend, ["BTC/USDT", "ETH/USDT"], "4h"),
    Member("dip", dip, ["BTC/USDT", "ETH/USDT"], "1h"),
    Member("breakout", Breakout, "ETH/USDT", "4h"),
    name="Three on one account",
)
