"""Wrong arguments of System V4's interface are sentences with the names that there are."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from wickwork import InputError
from wickwork.compat.system_v4 import (
    MACD,
    RSI,
    BaseIndicator,
    BollingerBands,
    IndicatorConfiguration,
    IndicatorPipeline,
    IndicatorRegistry,
    KLineDataLoader,
)


class Own(BaseIndicator):
    """An indicator of a user, whose parameters are arguments."""

    def __init__(self, length: int = 3) -> None:
        super().__init__("Own", {"length": length})

    def get_required_params(self) -> dict[str, Any]:
        return {"length": 3}

    def get_required_columns(self) -> list[str]:
        return []

    def calculate(self, klines: Any) -> Any:
        return klines

    def get_signals(self, klines: Any) -> list[Any]:
        return []


CALLS: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any], str]] = [
    (RSI, (), {"period": 14}, r"RSI\(\{'period': 14\}\); it has period, overbought, oversold"),
    (MACD, (), {"fast": 12}, r"'fast'.* MACD\(\{'fast_period': 12\}\); it has fast_period, slow_period, signal_period"),
    (MACD, (12, 26, 9), {}, r"too many positional arguments.*it has fast_period"),
    (BollingerBands, (), {"period": 20, "std_dev": 2}, r"BollingerBands\(\{'period': 20, 'std_dev': 2\}\)"),
    (RSI, ({"perio": 3},), {}, r"no parameter 'perio'. Did you mean 'period'"),
    (RSI, ({"foo": 3},), {}, r"no parameter 'foo'. It has period, overbought, oversold"),
    (Own, (), {"width": 3}, r"Own: .*'width'; it takes length"),
    (IndicatorRegistry.get, ("RSI",), {"period": 14}, r"'period'; it takes name, params"),
    (IndicatorPipeline().add, ("RSI",), {"period": 14}, r"'period'; it takes indicator_name, params"),
    (IndicatorConfiguration, (), {"rsi": 3}, r"'rsi'; it takes config"),
    (KLineDataLoader.load_klines, ("BTCUSDT",), {"interval": "1h"}, r"it takes symbol, timeframe, cache_dir, folder"),
]


@pytest.mark.parametrize(("function", "args", "named", "message"), CALLS)
def test_wrong_arguments_are_sentences(
    function: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        function(*args, **named)


def test_right_arguments_and_copies() -> None:
    assert Own(length=4).params == Own(4).params == {"length": 4}
    made = RSI(params={"period": 5})
    assert copy.copy(made).params == copy.deepcopy(made).params == made.params
    assert made.params["period"] == 5
