"""The reference venue against the hand-computed cases, and a few properties that any venue must have."""

from fractions import Fraction
from math import nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .cases import CASES
from .cases.notation import HOUR, Case, close, enter, reverse
from .values import Config, Intent, Market, Result, View
from .venue import simulate


def market(
    bars: list, opened_at: list[int], options: dict, finer: dict | None = None, marks: dict | None = None
) -> Market:
    rows = [(nan,) * 5 if bar is None else five(bar) for bar in bars]
    columns = [list(map(float, column)) for column in zip(*rows, strict=True)]
    walks = [[five(bar) for bar in finer.get(t, [])] for t in range(len(bars))] if finer else None
    walked = [len(walks[t]) or 1 if walks else 1 for t in range(len(bars))]
    marked = [marks.get(t, [None] * many) for t, many in enumerate(walked)] if marks else None
    return Market(*columns, opened_at, finer=walks, marks=marked, **options)


def five(bar: tuple) -> tuple[float, float, float, float, float]:
    return bar if len(bar) == 5 else (*bar, 1000.0)


def run_case(case: Case) -> Result:
    opened_at = [case.start + t * case.step for t in range(len(case.bars))]
    markets = [market(case.bars, opened_at, case.market, case.finer, case.marks)]
    intents = [case.intents, case.second_intents]
    if case.second is not None:
        markets.append(market(case.second, opened_at, case.market))
    return simulate(markets, case.config, lambda t, i, view: intents[i].get(t, []))


def test_names_are_unique():
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names) >= 80


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_hand_case(case: Case):
    result = run_case(case)
    expected = [(*fill, 0) if len(fill) == 4 else fill for fill in case.fills]
    seen = [(fill.bar, fill.side, fill.quantity, fill.price, fill.instrument) for fill in result.fills]
    assert len(seen) == len(expected), seen
    for is_, should_be in zip(seen, expected, strict=True):
        assert is_ == pytest.approx(should_be, rel=1e-9)
    ends = {order.id: order.reason for order in result.orders if order.kind != "liquidation"}
    assert ends == case.ends
    assert {order.id for order in result.working} == case.working
    assert [(denial.bar, denial.reason) for denial in result.denied] == case.denied
    assert sum(result.ambiguous) == case.ambiguous
    for name in ("cash", "fees", "funding", "slippage"):
        if (value := getattr(case, name)) is not None:
            assert getattr(result, name) == pytest.approx(value, rel=1e-9, abs=1e-9), name
    if case.makers is not None:
        assert [fill.maker for fill in result.fills] == case.makers


def test_what_a_strategy_sees():
    bars = [(100, 100, 100, 100), (100, 100, 100, 102), None, (104, 104, 104, 104), (90, 90, 90, 90)]
    views: dict[int, View] = {}

    def decide(t: int, i: int, view: View) -> list[Intent]:
        views[t] = view
        return {0: [enter(1)], 1: [enter(3, add=True, stop_loss=("distance", 3))], 3: [close()]}.get(t, [])

    result = simulate([market(bars, [t * HOUR for t in range(5)], {})], Config(), decide)
    # 1 at 100, 3 at 104: average 412 / 4; cash 10 000 − 412; then sold at 90
    seen = [(t, view.quantity, view.average, view.cash, view.equity, view.bars_held) for t, view in views.items()]
    assert seen == [
        (0, 0.0, 0.0, 10000.0, 10000.0, -1),
        (1, 1.0, 100.0, 9900.0, 10002.0, 0),
        (3, 4.0, 103.0, 9588.0, 10004.0, 1),
        (4, 0.0, 0.0, 9948.0, 9948.0, -1),
    ]
    assert [(order.kind, order.level, order.leg) for order in views[3].orders] == [("stop", 101.0, True)]
    assert result.equity == [10000.0, 10002.0, 10002.0, 10004.0, 9948.0]
    # the close is first at the open (class 0): the stop loss finds the position closed
    assert [(order.id, order.reason) for order in result.orders[2:]] == [(4, "filled"), (3, "position closed")]


def test_a_stop_that_closes_all_there_is_ends_as_a_stop():
    case = next(case for case in CASES if case.name == "half is closed, the stop loss closes the rest")
    assert [(order.id, order.kind, order.filled) for order in run_case(case).orders][-1] == (2, "stop", 2.0)


def test_bars_stop_early():
    bars = [(100, 100, 100, 100)] * 5
    result = simulate([market(bars, [t * HOUR for t in range(5)], {})], Config(), lambda *_: [], bars=3)
    assert len(result.equity) == 3


# Properties. Prices and quantities are small multiples of powers of two: sums and products are exact in a float.

steps = st.integers(-24, 24).map(lambda n: n / 8)
quantities = st.integers(1, 16).map(lambda n: n / 4)


@st.composite
def bar_lists(draw: st.DrawFn, size: int = 12) -> list[tuple | None]:
    bars, price = [], 64.0
    for n in range(size):
        if n > 0 and draw(st.integers(0, 9)) == 0:
            bars.append(None)
            continue
        o = max(8.0, price + (draw(steps) if draw(st.booleans()) else 0))
        c = max(8.0, o + draw(steps))
        high = max(o, c) + abs(draw(steps))
        low = max(4.0, min(o, c) - abs(draw(steps)))
        bars.append((o, high, low, c, draw(st.integers(0, 64)) / 1.0))
        price = c
    return bars


@st.composite
def intents(draw: st.DrawFn) -> Intent:
    verb = draw(st.sampled_from(["enter", "enter", "place", "place", "close", "reverse", "cancel", "modify"]))
    side = draw(st.sampled_from([1, -1]))
    if verb == "close":
        return close(draw(st.sampled_from([25.0, 50.0, 100.0])))
    if verb == "reverse":
        return reverse(draw(quantities), side, stop_loss=("distance", 1.5))
    if verb == "cancel":
        return Intent(verb="cancel", legs=draw(st.booleans()))
    if verb == "modify":
        return Intent(verb="modify", price=64 + draw(steps), quantity=draw(quantities))
    kind = draw(st.sampled_from(["market", "limit", "stop", "stop_limit", "trailing"]))
    distance = st.integers(1, 24).map(lambda n: ("distance", n / 8))
    return Intent(
        verb=verb,
        kind=kind,
        side=side,
        size=draw(quantities),
        limit=64 + draw(steps),
        stop=64 + draw(steps),
        trail_amount=draw(st.integers(1, 24)) / 8,
        stop_loss=draw(st.none() | distance),
        take_profit=draw(st.none() | distance),
        trail=draw(st.none() | distance),
        add=draw(st.booleans()),
        reduce_only=verb == "place" and draw(st.booleans()),
        post_only=kind == "limit" and draw(st.booleans()),
        time_in_force=draw(st.sampled_from(["gtc", "ioc", "fok"])) if kind in ("market", "limit") else "gtc",
        good_for=draw(st.integers(0, 3)),
        oco=draw(st.sampled_from([0, 0, 1])),
    )


@st.composite
def configs(draw: st.DrawFn) -> Config:
    return Config(
        capital=1024.0,
        maker_fee=draw(st.sampled_from([0.0, 2**-10])),
        taker_fee=draw(st.sampled_from([0.0, 2**-9])),
        volume_limit=draw(st.sampled_from([0.0, 0.125])),
        latency=draw(st.integers(0, 2)),
        leverage=draw(st.sampled_from([1.0, 4.0])),
        maintenance=0.0,  # the liquidation level is then a(1 ∓ 1/leverage)
        funding_rate=draw(st.sampled_from([0.0, 2**-10])),
        assume=draw(st.sampled_from(["worst", "best"])),
    )


@st.composite
def runs(draw: st.DrawFn) -> tuple[list[Market], Config, dict[tuple[int, int], list[Intent]]]:
    kind = draw(st.sampled_from(["spot", "perpetual"]))
    count = draw(st.integers(1, 2))
    opened_at = [t * 4 * HOUR for t in range(12)]
    markets = [market(draw(bar_lists()), opened_at, {"kind": kind, "lot": 0.25}) for _ in range(count)]
    keys = st.tuples(st.integers(0, 11), st.integers(0, count - 1))
    return markets, draw(configs()), draw(st.dictionaries(keys, st.lists(intents(), max_size=3), max_size=10))


def run(drawn) -> Result:
    markets, config, intents = drawn
    return simulate(markets, config, lambda t, i, view: intents.get((t, i), []))


many = settings(max_examples=200, deadline=None, database=None)


@many
@given(runs())
def test_nothing_is_lost(drawn):
    """Cash is the capital less what the fills paid, the fees and the funding; positions are the sums of fills."""
    markets, config, _ = drawn
    result = run(drawn)
    paid = sum(Fraction(fill.side) * Fraction(fill.quantity) * Fraction(fill.price) for fill in result.fills)
    spent = paid + Fraction(result.fees) + Fraction(result.funding)
    assert float(Fraction(config.capital) - spent) == pytest.approx(result.cash, rel=1e-12)
    dyadic = all(Fraction(fill.price).denominator <= 2**12 for fill in result.fills)
    if dyadic:
        assert Fraction(config.capital) - spent == Fraction(result.cash)
    for index in range(len(markets)):
        held = sum(fill.side * Fraction(fill.quantity) for fill in result.fills if fill.instrument == index)
        assert held == Fraction(result.positions[index])
    assert result.fees == pytest.approx(sum(fill.fee for fill in result.fills), rel=1e-12)


@many
@given(runs())
def test_equity_is_cash_and_positions_at_the_last_close(drawn):
    markets, _, _ = drawn
    result = run(drawn)
    closes = [[c for c in m.close if c == c][-1] for m in markets]
    value = result.cash + sum(q * c for q, c in zip(result.positions, closes, strict=True))
    assert result.equity[-1] == pytest.approx(value, rel=1e-12)


@many
@given(runs())
def test_prices_are_prices_of_the_bar(drawn):
    """Without slippage no order fills outside of its bar; only a bankruptcy price may lie there."""
    markets, config, _ = drawn
    result = run(drawn)
    records = {order.id: order for order in [*result.orders, *result.working]}
    for fill in result.fills:
        m = markets[fill.instrument]
        forced = records[fill.order].kind == "liquidation"
        assert forced or config.volume_limit or m.low[fill.bar] <= fill.price <= m.high[fill.bar]


@many
@given(runs())
def test_orders_wait_for_the_next_bar(drawn):
    _, config, _ = drawn
    result = run(drawn)
    records = {order.id: order for order in [*result.orders, *result.working]}
    for fill in result.fills:
        if fill.order and not records[fill.order].leg:
            assert fill.bar > records[fill.order].placed + config.latency


@many
@given(runs())
def test_orders_are_accounted_for(drawn):
    """Every id once; what filled is the sum of its fills; a filled order filled whole; denied orders leave no trace."""
    result = run(drawn)
    records = [*result.orders, *result.working]
    assert sorted(order.id for order in records) == list(range(1, len(records) + 1))
    for order in records:
        filled = sum(fill.quantity for fill in result.fills if fill.order == order.id)
        assert order.filled == pytest.approx(filled)
        assert order.filled <= order.asked + 1e-9
        assert all(fill.side == order.side for fill in result.fills if fill.order == order.id)
        assert order.reason != "filled" or order.remaining == 0


@many
@given(runs())
def test_legs_never_turn_a_position(drawn):
    """Reduce-only legs of one OCO group together never sell more than there is."""
    result = run(drawn)
    legs = {order.id for order in [*result.orders, *result.working] if order.leg}
    before: dict[int, float] = {}
    for fill in result.fills:
        if fill.order in legs:
            assert before[fill.instrument] * fill.side < 0
            assert fill.quantity <= abs(before[fill.instrument])
        before[fill.instrument] = fill.position


@many
@given(bar_lists(), quantities, st.integers(1, 16), st.integers(1, 16), st.sampled_from(["worst", "best"]))
def test_one_leg_of_a_bracket_fills(bars, quantity, down, up, assume):
    intents = {0: [enter(quantity, stop_loss=("distance", down / 8), take_profit=("distance", up / 8))]}
    markets = [market(bars, [t * HOUR for t in range(len(bars))], {})]
    result = simulate(markets, Config(capital=1024.0, assume=assume), lambda t, i, view: intents.get(t, []))
    assert len(result.fills) <= 2
    assert sum(fill.quantity for fill in result.fills[1:]) in (0, quantity)


@many
@given(bar_lists(), st.integers(1, 16), st.integers(1, 16))
def test_the_best_is_not_below_the_worst(bars, down, up):
    """Of one bracketed position, where the two runs differ in one exit only."""
    intents = {0: [enter(1, stop_loss=("distance", down / 8), take_profit=("distance", up / 8))]}
    markets = [market(bars, [t * HOUR for t in range(len(bars))], {})]
    worst, best = (
        simulate(markets, Config(assume=assume), lambda t, i, view: intents.get(t, [])) for assume in ("worst", "best")
    )
    if worst.positions == best.positions == [0.0]:
        assert best.cash >= worst.cash
    if worst.ambiguous == [0]:
        assert repr(best) == repr(worst)  # levels of market orders are not numbers, which equal nothing
