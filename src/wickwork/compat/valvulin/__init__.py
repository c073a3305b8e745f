"""The strategies of the Valvulin Trading Engine, as strategies over a DataFrame.

`BaseStrategy` is `FrameStrategy`: a subclass with `generate_signals(df)` that returns a column `signal` of 1, 0 and −1
runs in backtests and on paper. `EMAMACDStrategy`, `BreakoutVolumeStrategy` and `PullbackEMAStrategy` are compared with
signals of Valvulin itself. The four others have none in that sample, and are written from their description. The names
of the parameters are Wickwork's own, a filter without enough bars lets no signal pass, `RSIDivergenceStrategy` computes
the RSI where there is no column `rsi`, and orders are those of Wickwork's engine.
"""

from wickwork.compat.valvulin.averages import EMAMACDStrategy, PullbackEMAStrategy
from wickwork.compat.valvulin.bursts import BreakoutVolumeStrategy, MomentumBurstStrategy
from wickwork.compat.valvulin.candles import CandlestickPatternStrategy, InsideBarStrategy
from wickwork.compat.valvulin.divergence import RSIDivergenceStrategy
from wickwork.strategies.frames import FrameStrategy as BaseStrategy

__all__ = [
    "BaseStrategy",
    "BreakoutVolumeStrategy",
    "CandlestickPatternStrategy",
    "EMAMACDStrategy",
    "InsideBarStrategy",
    "MomentumBurstStrategy",
    "PullbackEMAStrategy",
    "RSIDivergenceStrategy",
]
