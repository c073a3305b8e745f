"""System V4's Python interface to indicators, over Wickwork's nodes.

`MACD`, `RSI` and `BollingerBands` give the values and signals of System V4; `IndicatorPipeline`, `IndicatorRegistry`
and `IndicatorConfiguration` combine them, and `KLineDataLoader` reads its data set. What System V4 accepted in silence,
a period of −3 or an indicator that it does not have, raises InputError.
"""

from wickwork.compat.system_v4.base import BaseIndicator, IndicatorSignal
from wickwork.compat.system_v4.configuration import IndicatorConfiguration
from wickwork.compat.system_v4.indicators import MACD, RSI, BollingerBands
from wickwork.compat.system_v4.klines import KLineDataLoader
from wickwork.compat.system_v4.registry import IndicatorPipeline, IndicatorRegistry

__all__ = [
    "MACD",
    "RSI",
    "BaseIndicator",
    "BollingerBands",
    "IndicatorConfiguration",
    "IndicatorPipeline",
    "IndicatorRegistry",
    "IndicatorSignal",
    "KLineDataLoader",
]
