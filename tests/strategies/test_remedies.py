"""What users of TradingView and pandas write is refused with the line and with what to write instead."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from wickwork import InputError, strategy
from wickwork.graph.instead import INSTEAD
from wickwork.graph.nearest import ELSEWHERE, meant, same_name
from wickwork.nodes import builtin
from wickwork.strategies import trade
from wickwork.strategies.load import load_strategy

FILE = """from wickwork import strategy, ta, trade
with strategy("s") as s:
    c = s.bars.close
    {}
"""


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("ta.sma(c, 20)", "sma takes 1 wire (source), 2 were given. Parameters are given by name: period=20."),
        ("ta.macd(c, 5, 35)", "Parameters are given by name: fast=5, slow=35."),
        ("ta.sma(c, c)", "sma takes 1 wire (source), 2 were given."),
        ("ta.sma(c, length=20)", "sma has no input or parameter 'length'. Did you mean 'period'?"),
        ("ta.sma(c, foo=20)", "'foo'. There are source, period."),
        ("ta.macd(c)[0]", "an output of several is chosen by its name."),
        ("c[1]", "The value of an earlier bar is ta.previous(wire, bars=1)"),
        ("a, b = c", "<series bars.close> has one value for each bar and no index."),
        ("c.shift(1)", "'Wire' object has no attribute 'shift'. Write ta.previous(wire, bars=1)."),
        ("s.close", "Write s.bars.close."),
        ("s.bars.hl2", "bars has no output 'hl2'. The node hl2 is written ta.hl2(…)."),
        ("ta.rsi(s.bars)", "name it, such as .close."),
        ("trade.sell(when=c > 0)", "or trade.short(when=…) to sell short."),
        ("from strategies.base import BaseStrategy", "Write `from wickwork.compat.valvulin import …`."),
        ("from backend.indicators import RSI", "Write `from wickwork.compat.system_v4 import …`."),
        ("import no_such_module", "No module named 'no_such_module'"),
        ("trade.byu(when=c > 0)", "Did you mean 'buy'?"),
        ("trade.place(c > 0, 'buy', trade.quantity(1), type='limit')", "Did you mean 'order'?"),
        ("trade.buy(c > 0, order_type='limit')", "Did you mean 'order'?"),
        ("ta.crossover(c, c)", "There is no node called 'crossover'. Did you mean 'crosses_above'?"),
    ],
)
def test_a_strategy_file_is_refused_with_the_line_and_a_remedy(tmp_path: Path, line: str, sentence: str) -> None:
    file = tmp_path / "a.py"
    file.write_text(FILE.format(line), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        load_strategy(file)
    assert str(refused.value).startswith(f"{file}, line 4: ")
    assert str(refused.value).endswith(sentence) or sentence in str(refused.value)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "price: order = limit (the default) needs it; wire a series to it or give it a fixed value, or set order "
             "to market."),
        ({"order": "limit"}, "or set order to market."),
        ({"order": "stop"}, "stop: order = stop needs it; wire a series to it or give it a fixed value, or set order "
                            "to market."),
        ({"stop": 90.0}, "or set order to stop or market_if_touched."),
        ({"trail": trade.percent(3)}, "or set order to trailing."),
        ({"order": "stop_limit", "price": 90.0}, "order = stop_limit needs it; wire a series to it or give it a fixed "
                                                 "value, or set order to limit."),
    ],
)  # fmt: skip
def test_an_order_without_its_price_names_the_kind_that_fits(options: dict[str, Any], sentence: str) -> None:
    with strategy("s") as s:
        trade.place(s.bars.close > 0.0, "buy", trade.quantity(1), **options)
    with pytest.raises(InputError) as refused:
        s.check()
    assert sentence in str(refused.value)


def test_a_node_is_found_by_its_name_elsewhere() -> None:
    for name, node in (("RSI", "rsi"), ("ta.valuewhen", "value_when"), ("bars since", "bars_since"), ("x", None)):
        assert same_name(name, builtin()) == node
    assert same_name("", builtin()) is None
    for name, node in (("ta.stdev", "standard_deviation"), ("request.security", "timeframe"), ("emma", "ema")):
        assert meant(name, builtin()) == f" Did you mean {node!r}?"
    assert meant("qwertzuiop", builtin()) == ""


def test_every_remedy_exists() -> None:
    assert set(ELSEWHERE.values()) <= set(builtin())
    text = " ".join(one for words in INSTEAD.values() for one in words.values())
    assert set(re.findall(r"ta\.(\w+)", text)) <= set(builtin())
    assert all(hasattr(trade, name) for name in re.findall(r"trade\.(\w+)", text))
    for call, parameter in re.findall(r"ta\.(\w+)\(wire, (\w+)=", text):
        assert parameter in {p.name for p in builtin()[call].parameters}
