"""Mistakes in strategies over a DataFrame, and how two of them differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from wickwork import FrameStrategy, Member, backtest, demo_bars, portfolio, strategy, sweep, ta, trade
from wickwork.model.errors import InputError
from wickwork.strategies.frame_signals import graph_of
from wickwork.strategies.load import load_strategy

BARS = demo_bars("BTC/USDT", "1h").slice(0, 120)


def with_signal(df: Any) -> Any:
    df["signal"] = (np.arange(len(df)) % 20 == 5).astype(int)
    return df


def of(change: Callable[[Any], Any], **attributes: Any) -> FrameStrategy:
    """A strategy whose result is changed before it is returned."""
    kind = type("Odd", (FrameStrategy,), {"generate_signals": lambda self, df: change(with_signal(df)), **attributes})
    made: FrameStrategy = kind()
    return made


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("signal", lambda df: [10**400] * len(df)),
        ("stop_loss", lambda df: [10**400] * len(df)),
        ("signal", lambda df: df.signal.astype(complex)),
        ("stop_loss", lambda df: df.index),
        ("quantity", lambda df: pd.to_timedelta(1, unit="ns")),
    ],
)
def test_columns_that_hold_no_numbers_are_refused(column: str, values: Callable[[Any], Any]) -> None:
    with pytest.raises(InputError, match=f"column {column}.* holds? numbers"):
        backtest(of(lambda df: df.assign(**{column: values(df)})), BARS)


def test_a_column_of_arrays_is_compared_like_any_other() -> None:
    backtest(of(lambda df: df.assign(both=[np.array([a, 1.0]) for a in df.close])), BARS)
    with pytest.raises(InputError, match=r"the column both .* depends on later bars"):
        backtest(of(lambda df: df.assign(both=[np.array([df.close.iloc[-1], 1.0])] * len(df))), BARS)


@pytest.mark.parametrize(
    "attributes",
    [{"größe": 3}, {"a" * 70 + "1": 1, "a" * 70 + "2": 2}, {"code": 4}, {"fast": 10**400}],
    ids=["letters", "long names", "code", "beyond floats"],
)
def test_attributes_of_any_name_and_number_run(attributes: Mapping[str, Any]) -> None:
    assert backtest(of(lambda df: df, **attributes), BARS).trades is not None


def test_a_column_may_be_called_like_the_node_of_a_setting() -> None:
    backtest(of(lambda df: df.assign(param_code=1.0, param_fast=2.0), fast=3), BARS)


@pytest.mark.parametrize(
    ("one", "other"),
    [({"kind": "ema"}, {"kind": "sma"}), ({"periods": (5, 10)}, {"periods": (5, 20)}), ({"code": 1}, {"code": 2})],
)
def test_strategies_with_other_settings_are_other_graphs(one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    def same(df: Any) -> Any:
        return df

    assert graph_of(of(same, **one)).hash() == graph_of(of(same, **one)).hash() != graph_of(of(same, **other)).hash()


def test_settings_without_a_lasting_text_leave_the_graph_as_it_is() -> None:
    assert graph_of(of(with_signal, tools=[object()])).hash() == graph_of(of(with_signal, tools=[object()])).hash()


class Failing(FrameStrategy):
    def __init__(self) -> None:
        raise KeyError("settings.yaml")


def test_a_constructor_that_fails_is_a_sentence() -> None:
    with pytest.raises(InputError, match=r"Failing cannot be constructed: KeyError: 'settings.yaml'"):
        backtest(Failing, BARS)


def a_graph() -> Any:
    with strategy("s") as s:
        fast = ta.ema(s.bars.close, period=5, name="fast")
        trade.buy(when=s.bars.close > fast, size=trade.quantity(1), name="buy")
    return s


@pytest.mark.parametrize("params", [5, {5: 1}, [("fast.period", 3)]])
def test_parameters_are_given_by_name(params: Any) -> None:
    for made in (a_graph(), of(with_signal, fast=3)):
        with pytest.raises(InputError, match="Parameters are given by name"):
            backtest(made, BARS, params=params)
        with pytest.raises(InputError, match="Parameters are given by name"):
            sweep(made, BARS, params)
    with pytest.raises(InputError, match="Parameters are given by name"):
        portfolio(Member("a", a_graph(), "BTC/USDT", "1h", params))


def test_a_parameter_beyond_floats_is_refused() -> None:
    with pytest.raises(InputError, match="too large"):
        backtest(of(with_signal, fast=3), BARS, params={"fast": 10**400})


@pytest.mark.parametrize("params", [{"fast": float("nan")}, {"fast": float("inf")}, {"kind": None}, {"kind": ["a"]}])
def test_a_parameter_has_the_type_of_the_attribute(params: Mapping[str, Any]) -> None:
    with pytest.raises(InputError, match=r"is a number|is a text"):
        backtest(of(with_signal, fast=3, kind="ema"), BARS, params=params)


def test_members_have_a_name_and_instruments() -> None:
    with pytest.raises(InputError, match="name of a member"):
        portfolio(Member(5, a_graph(), "BTC/USDT", "1h"))  # type: ignore[arg-type]
    for given in (5, None):
        with pytest.raises(InputError, match="as instruments"):
            portfolio(Member("a", a_graph(), given, "1h"))  # type: ignore[arg-type]


def test_a_sweep_over_more_values_than_it_can_try_ends_at_once() -> None:
    with pytest.raises(InputError, match="too many for a sweep"):
        sweep(a_graph(), BARS, {"fast.period": range(10**12)})


@pytest.mark.parametrize("options", [{"workers": 1.5}, {"workers": True}, {"workers": "2"}, {"where": 5}])
def test_options_of_a_sweep_are_checked(options: Mapping[str, Any]) -> None:
    with pytest.raises(InputError, match=r"workers|where"):
        sweep(a_graph(), BARS, {"fast.period": [5, 6]}, **options)


def test_a_sweep_is_ranked_by_a_name() -> None:
    with pytest.raises(InputError, match="is ranked by one of"):
        sweep(a_graph(), BARS, {"fast.period": [5, 6]}).best(5)  # type: ignore[arg-type]


FILE = """
from functools import cached_property
from wickwork import FrameStrategy

class Helper:
    def level(self):
        return 1

def plain(df, times=2):
    return df

class Cross(FrameStrategy):
    @staticmethod
    def fixed():
        return 3

    @classmethod
    def made(cls):
        return 4

    @property
    def read(self):
        return 5

    @cached_property
    def kept(self):
        return 6

    def generate_signals(self, df, extra=7):
        helper = Helper()
        return plain(df.assign(signal=0))
"""


def code_in(folder: Path, text: str) -> str:
    file = folder / f"cross_{len(list(folder.iterdir()))}.py"
    file.write_text(text)
    return load_strategy(file).graph.hash()


@pytest.mark.parametrize("old", ["return 1", "times=2", "return 3", "return 4", "return 5", "return 6", "extra=7"])
def test_other_code_makes_another_strategy(old: str, tmp_path: Path) -> None:
    before = code_in(tmp_path, FILE)
    assert before == code_in(tmp_path, FILE)
    assert before != code_in(tmp_path, FILE.replace(old, old[:-1] + "9"))


def test_a_cached_property_is_no_setting() -> None:
    def fails(self: Any) -> float:
        raise KeyError("no such file")

    kept = cached_property(fails)
    kept.__set_name__(object, "kept")
    backtest(of(lambda df: df, kept=kept), BARS)
