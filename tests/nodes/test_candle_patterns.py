"""Candle patterns on markets that have gaps, and on the pictures of the textbooks."""

from __future__ import annotations

import harness
import numpy as np
import pytest
import talib
from harness import Column
from tests.nodes.test_agreement import disagreement
from tests.nodes.test_candles import candles, gapped

from wickwork.graph.signature import Value
from wickwork.nodes import builtin

PATTERNS = [
    name for name, node in builtin().nodes.items() if node.group == "candles" and "candlestick" in node.terms
]  # fmt: skip


@pytest.mark.parametrize("name", PATTERNS)
def test_patterns_of_markets_with_gaps_agree_with_their_twins(name: str) -> None:
    node, found = builtin()[name], np.zeros(len(builtin()[name].outputs))
    for seed in range(4):
        for values in [*harness.variants(node), {"trend": 0}, {"trend": 1, "period": 2}]:
            kept = {k: v for k, v in values.items() if any(p.name == k for p in node.parameters)}
            assert not disagreement(node, gapped(seed), kept)
            found += [np.nansum(c) for c in harness.run(node, gapped(seed), kept)]
    if not found.all() and any(p.name == "trend" for p in node.parameters):
        assert not disagreement(node, gapped(9, 5000), {"trend": 0})
        found += [np.nansum(c) for c in harness.run(node, gapped(9, 5000), {"trend": 0})]
    assert (found > 0).all(), f"{name} was never there: {found}"


FALL = [(20.0, 20.2, 18.8, 19.0), (19.0, 19.2, 17.8, 18.0), (18.0, 18.2, 16.8, 17.0)]
SHORT: dict[str, Value] = {"period": 2, "trend": 1}
PICTURES: list[tuple[str, list[tuple[float, float, float, float]]]] = [
    ("doji", [(10, 11, 9, 10)]),
    ("dragonfly_doji", [(10, 10, 8, 10)]),
    ("gravestone_doji", [(10, 12, 10, 10)]),
    ("long_legged_doji", [(10, 12, 8, 10)]),
    ("spinning_top", [(10, 12, 8, 10.5)]),
    ("marubozu", [(10, 13, 10, 13)]),
    ("belt_hold", [(10, 13.5, 10, 13)]),
    ("hammer", [(16.8, 17, 14, 17)]),
    ("inverted_hammer", [(16.8, 20, 16.8, 17)]),
    ("engulfing", [(17, 17.2, 15.8, 16), (15.9, 18, 15.8, 17.5)]),
    ("harami", [(17, 17, 13, 13), (14, 15, 14, 15)]),
    ("harami_cross", [(17, 17, 13, 13), (15, 16, 14, 15)]),
    ("piercing_line", [(17, 17, 14, 14), (13.5, 16, 13.5, 16)]),
    ("tweezer_bottom", [(17, 17, 14, 14.5), (15, 16, 14, 16)]),
    ("kicker", [(17, 17, 15, 15), (18, 20, 18, 20)]),
    ("on_neck", [(17, 17, 14, 14.5), (13, 14, 13, 14)]),
    ("morning_star", [(17, 17, 14, 14), (13.5, 13.5, 13, 13), (14, 17, 14, 16.5)]),
    ("morning_doji_star", [(17, 17, 14, 14), (13, 13.5, 12.5, 13), (14, 17, 14, 16.5)]),
    ("abandoned_baby", [(17, 17, 14, 14), (13, 13.5, 12.5, 13), (14, 17, 14, 16.5)]),
    ("three_white_soldiers", [(17, 18.5, 17, 18.5), (18, 20, 18, 20), (19.5, 22, 19.5, 22)]),
    ("three_inside", [(17, 17, 14, 14), (14.5, 15, 14.5, 15), (15, 18, 15, 17.5)]),
    ("three_outside", [(17, 17.2, 15.8, 16), (15.9, 18, 15.8, 17.5), (17.5, 18.5, 17, 18)]),
]


RISE = [(10.0, 11.2, 9.8, 11.0), (11.0, 12.2, 10.8, 12.0), (12.0, 13.2, 11.8, 13.0)]
CONTINUED: list[tuple[str, list[tuple[float, float, float, float]]]] = [
    ("tasuki_gap", [(13, 14, 13, 14), (15, 16, 15, 16), (15.5, 15.5, 14.5, 14.5)]),
    (
        "rising_three_methods",
        [(13, 17, 13, 17), (17, 17, 16, 16), (16, 16, 15.5, 15.5), (15.5, 15.5, 15, 15), (15, 18, 15, 18)],
    ),
]


def upside_down(rows: list[tuple[float, float, float, float]]) -> list[tuple[float, float, float, float]]:
    return [(40 - o, 40 - lo, 40 - h, 40 - c) for o, h, lo, c in rows]


def last(name: str, columns: list[Column]) -> list[float]:
    """The answers on the last bar."""
    node = builtin()[name]
    values = {k: v for k, v in SHORT.items() if any(p.name == k for p in node.parameters)}
    return [float(c[-1]) for c in harness.run(node, columns, values)]


@pytest.mark.parametrize(("name", "rows"), PICTURES)
def test_the_picture_of_the_textbook(name: str, rows: list[tuple[float, float, float, float]]) -> None:
    answers = last(name, candles([*FALL, *rows]))
    assert answers == [1.0, 0.0][: len(answers)]
    if len(answers) == 2:
        assert last(name, candles(upside_down([*FALL, *rows]))) == [0.0, 1.0]


@pytest.mark.parametrize(
    ("below", "above"),
    [
        ("hammer", "shooting_star"),
        ("inverted_hammer", "hanging_man"),
        ("piercing_line", "dark_cloud_cover"),
        ("morning_star", "evening_star"),
        ("morning_doji_star", "evening_doji_star"),
        ("three_white_soldiers", "three_black_crows"),
        ("tweezer_bottom", "tweezer_top"),
    ],
)
def test_bearish_patterns_are_bullish_ones_upside_down(below: str, above: str) -> None:
    columns = gapped(3, 6000)
    mirrored = candles(upside_down(list(zip(*[c.tolist() for c in columns[:4]], strict=True))))
    (a,) = harness.run(builtin()[below], columns, {"trend": 1})
    (b,) = harness.run(builtin()[above], mirrored, {"trend": 1})
    np.testing.assert_array_equal(a, b)
    assert np.nansum(a) > 0


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("tasuki_gap", [(13, 14, 13, 14), (15, 16, 15, 16), (15.5, 15.5, 14, 14)]),  # the gap is closed
        (
            "rising_three_methods",  # the rest does not come back
            [(13, 17, 13, 17), (17, 17, 16, 16), (17, 17, 16, 16), (15.5, 15.5, 15, 15), (15, 18, 15, 18)],
        ),
    ],
)
def test_a_rise_does_not_go_on(name: str, rows: list[tuple[float, float, float, float]]) -> None:
    assert not any(last(name, candles([*RISE, *rows])))


def test_no_pattern_but_a_doji_in_a_market_that_stands_still() -> None:
    for name in PATTERNS:
        answers = harness.run(builtin()[name], candles([(5.0, 5.0, 5.0, 5.0)] * 60))
        assert {float(c[-1]) for c in answers} == {1.0 if name == "doji" else 0.0}, name


def with_bodies(seed: int, n: int) -> list[Column]:
    """A market without equal opens and closes: TA-Lib takes such candles for white ones, here they have no colour."""
    open_, high, low, close, volume = gapped(seed, n)
    close = np.where(close == open_, open_ + 0.5, close)
    return [open_, np.maximum(high, close), low, close, volume]


def test_engulfing_is_that_of_talib() -> None:
    columns = with_bodies(5, 4000)
    bullish, bearish = harness.run(builtin()["engulfing"], columns, {"trend": 0})
    theirs = talib.CDLENGULFING(*columns[:4])
    np.testing.assert_array_equal(bullish[20:] - bearish[20:], np.sign(theirs[20:]))


@pytest.mark.parametrize(
    ("name", "function"),
    [("piercing_line", "CDLPIERCING"), ("dark_cloud_cover", "CDLDARKCLOUDCOVER"), ("three_outside", "CDL3OUTSIDE")],
)
def test_what_talib_finds_with_a_narrower_rule_is_found(name: str, function: str) -> None:
    columns = with_bodies(5, 20_000)
    answers = harness.run(builtin()[name], columns, {"trend": 0})
    theirs = getattr(talib, function)(*columns[:4])
    assert np.count_nonzero(theirs[20:]) > 5
    assert (np.sum(answers, axis=0)[20:][theirs[20:] != 0] == 1.0).all()
