"""Random markets, terms and strategies for the venues: small numbers, so that touches, gaps and ties really happen."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

from tests.reference.values import Config, Intent, Mark, Market, Targets, View
from wickwork.model.order_kinds import KIND_NAMES, NEEDS_LIMIT, NEEDS_TRIGGER, PLACEABLE, has

nan = math.nan
HOUR = 3_600_000

OTHERS = ("C0/USDT", "C0/USDT:USDT", "X/USDT")
"""Instruments whose bars every market has beside its own; where the run trades one, its own bars count."""
FIELDS = ("open", "high", "low", "close", "volume")
KINDS = ("market", "limit", "stop", *(kind.name for kind in PLACEABLE))


def random_market(r: random.Random, size: int, kind: str, *, gaps: bool, finer: bool, grid: float) -> Market:
    """A walk on a grid of prices (0: no grid), sometimes with holes and with finer bars inside."""
    columns: list[list[float]] = [[], [], [], [], []]
    walks: list[list[tuple[float, float, float, float, float]]] = []
    price = 100.0

    def step(scale: float) -> float:
        move = r.choice((0.0, r.gauss(0, scale), r.gauss(0, 3 * scale)))
        return round(move / grid) * grid if grid else move

    for _ in range(size):
        if gaps and r.random() < 0.08:
            for column in columns:
                column.append(nan)
            walks.append([])
            continue
        if r.random() < 0.3:
            price = max(1.0, price + step(2.0))
        parts = []
        for _ in range(4 if finer and r.random() < 0.7 else 1):
            o = price
            points = [o] + [max(1.0, o + step(1.5)) for _ in range(r.choice((0, 1, 2, 3)))]
            price = points[-1]
            parts.append((o, max(points), min(points), price, float(r.choice((0, 1, 5, 50, 1000)))))
        bar = (parts[0][0], max(p[1] for p in parts), min(p[2] for p in parts), parts[-1][3], sum(p[4] for p in parts))
        for column, value in zip(columns, bar, strict=True):
            column.append(value)
        walks.append(parts if len(parts) > 1 else [])
    if all(math.isnan(x) for x in columns[0]):
        return random_market(r, size, kind, gaps=False, finer=finer, grid=grid)
    start = 1_700_000_000_000 // (8 * HOUR) * 8 * HOUR
    return Market(
        *columns,
        opened_at=[start + r.choice((0,)) + t * HOUR for t in range(size)],
        kind=kind,
        tick=r.choice((0.0, 0.0, 0.5, 0.01, 0.3)),
        lot=r.choice((0.0, 0.0, 0.1, 0.001, 1.0, 0.3)),
        minimum_quantity=r.choice((0.0, 0.0, 0.2)),
        minimum_notional=r.choice((0.0, 0.0, 10.0, 60.0)),
        finer=walks if finer else None,
        columns={"signal": random_column(r, columns[3]), **other_bars(columns)},
        own=own_terms(r) if r.random() < 0.3 else {},
    )


def random_column(r: random.Random, closes: list[float]) -> list[float]:
    """A column from outside: sometimes near the price, sometimes missing."""
    return [nan if math.isnan(c) or r.random() < 0.2 else r.choice((c, c + 1.0, 0.0, 100.0)) for c in closes]


def other_bars(columns: list[list[float]]) -> dict[str, list[float]]:
    """The bars of other instruments beside a market, sometimes missing; drawn without a change of other draws."""
    r = random.Random(repr(columns[3]))
    found: dict[str, list[float]] = {}
    for name in OTHERS:
        bars = [
            [nan] * 5
            if math.isnan(c) or r.random() < 0.1
            else [o := c + r.choice((0.0, 1.0, -0.5)), max(o, c) + 0.5, min(o, c) - 0.25, c, r.choice((0.0, 5.0, 50.0))]
            for c in columns[3]
        ]
        found |= {f"{name}.{field}": [bar[k] for bar in bars] for k, field in enumerate(FIELDS)}
    return found


def own_terms(r: random.Random) -> dict[str, Any]:
    """What an instrument has instead of the account's terms: some of them, or none."""
    every: dict[str, Any] = {
        "maker_fee": r.choice((0.0, 0.0003)),
        "taker_fee": r.choice((0.0005, 0.002)),
        "leverage": r.choice((1.0, 3.0, 20.0)),
        "tiers": random_tiers(r),
        "liquidation_fee": r.choice((0.0, 0.01)),
        "funding_rate": r.choice((0.0, 0.0002, -0.002)),
    }
    return {name: value for name, value in every.items() if r.random() < 0.5}


def random_funding(r: random.Random, market: Market) -> list[tuple[int, float]] | None:
    """Of perpetuals sometimes moments on and between the openings of bars, before the first and after the last too."""
    if market.kind == "spot" or r.random() < 0.7:
        return None
    start, size = market.opened_at[0], len(market.opened_at)
    moments = sorted({start + r.randrange(-2, size + 3) * HOUR + r.choice((0, 0, HOUR // 2, 7)) for _ in range(size)})
    return [(moment, r.choice((0.0001, -0.0002, 0.0, 0.01))) for moment in moments]


def random_marks(r: random.Random, market: Market) -> list[list[Mark | None]] | None:
    """Of perpetuals sometimes mark prices near the last ones: without their wicks, with others, missing."""
    if market.kind == "spot" or r.random() < 0.5:
        return None
    result: list[list[Mark | None]] = []
    for t in range(len(market.close)):
        finer = market.finer[t] if market.finer is not None else []
        result.append([random_mark(r, bar[:4]) for bar in finer or [market.bar(t)]])
    return result


def random_mark(r: random.Random, bar: Mark) -> Mark | None:
    if math.isnan(bar[3]) or r.random() < 0.1:
        return None
    o, h, l, c = (  # noqa: E741
        max(0.5, x + r.choice((0.0, 0.0, 0.0, 0.5, -0.5, 3.0, -3.0))) for x in bar
    )
    if r.random() < 0.3:
        o, c = bar[0], bar[3]
    return (o, max(o, c), min(o, c), c) if r.random() < 0.3 else (o, max(o, h, l, c), min(o, h, l, c), c)


def random_tiers(r: random.Random) -> list[tuple[float, float]]:
    """Tiers so small that the positions of these tests lie in several of them."""
    tiers = [(0.0, r.choice((0.0, 0.005)))]
    for _ in range(r.choice((1, 2, 4))):
        floor, rate = tiers[-1]
        tiers.append((floor + r.choice((25.0, 100.0, 333.3, 5_000.0)), min(rate + r.choice((0.0, 0.005, 0.05)), 0.45)))
    return tiers


def some_markets(r: random.Random, size: int) -> list[Market]:
    """One or two instruments on a grid of halves, perpetuals more often than not."""
    kinds = [r.choice(("spot", "perpetual", "perpetual")) for _ in range(r.choice((1, 2)))]
    gaps, finer = r.random() < 0.3, r.random() < 0.3
    return [random_market(r, size, kind, gaps=gaps, finer=finer, grid=0.5) for kind in kinds]


def random_config(r: random.Random) -> Config:
    leverage = r.choice((1.0, 2.0, 5.0, 20.0, 50.0))
    return Config(
        capital=r.choice((100.0, 1000.0, 10_000.0)),
        maker_fee=r.choice((0.0, 0.0002, -0.0001)),
        taker_fee=r.choice((0.0, 0.001)),
        spread=r.choice((0.0, 0.0, 0.002)),
        slippage_model=r.choice(("none", "percent", "fixed", "atr", "volume")),
        slippage=r.choice((0.0, 0.0005, 0.01)),
        volume_limit=r.choice((0.0, 0.0, 0.0, 0.1, 0.5)),
        latency=r.choice((0, 0, 0, 1, 2)),
        leverage=leverage,
        maintenance=r.choice((0.0, 0.005, 0.01)),
        tiers=random_tiers(r) if r.random() < 0.3 else [],
        liquidation_fee=r.choice((0.0, 0.005)),
        funding_rate=r.choice((0.0, 0.0001, -0.0003)),
        assume=r.choice(("worst", "worst", "best")),
    )


def random_intent(r: random.Random, close: float, view: View | None) -> Intent:
    """What one action might ask; without a view no grid, which would be updated at closes that others do not have."""
    weights = (6, 6, 2, 2, 2, 2, 0 if view is None else 3 if view.grid else 6)
    verb = r.choices(("enter", "place", "close", "reverse", "cancel", "modify", "grid"), weights)[0]
    action = r.randrange(4)
    target = r.choice((None, 0, 1, 2, 3))
    near = lambda scale=2.0: max(0.5, round((close + r.gauss(0, scale)) * 2) / 2)  # noqa: E731
    if verb == "close":
        return Intent(verb=verb, action=action, size=r.choice((100.0, 100.0, 50.0, 33.3, nan, 0.0)))
    if verb == "cancel":
        leg = r.choice(("", "", "", "stop loss", "take profit", "take profit 2", "trailing stop"))
        return Intent(verb=verb, action=action, target=target, legs=r.random() < 0.3, leg=leg)
    if verb == "modify":
        leg = r.choice(("", "", "stop loss", "take profit", "take profit 2"))
        return Intent(
            verb=verb,
            action=action,
            target=target,
            price=r.choice((nan, near())),
            quantity=nan if leg and r.random() < 0.9 else r.choice((nan, 1.0, 0.37, 0.05)),
            leg=leg,
        )
    if verb == "grid":
        return random_grid(r, action, near)
    kind = r.choice(KINDS)
    stop_loss = r.choice((None, None, ("share", 0.02), ("distance", r.choice((0.5, 1.0, 3.0))), ("price", near(4))))
    take_profit = r.choice((None, None, ("share", 0.02), ("distance", 1.0), ("price", near(4)), ("r", 2.0)))
    targets = random_targets(r, near) if r.random() < 0.3 else ()
    trail = r.choice((None, None, None, ("share", 0.01), ("distance", 1.5), ("r", 1.0)))
    after = r.choice((None, None, ("share", 0.01), ("distance", 2.0), ("price", near(3)), ("r", 0.5)))
    trailing = {"trail_share": r.choice((0.005, 0.02))} if r.random() < 0.5 else {"trail_amount": r.choice((0.5, 2.0))}
    size_as = r.choice(("quantity", "quantity", "quote", "percent_of_equity", "percent_of_cash", "risk_percent"))
    size = {"quantity": r.choice((0.1, 0.5, 1.0, 3.0, 0.37)), "quote": r.choice((20.0, 333.0))}.get(
        size_as, r.choice((1.0, 10.0, 50.0, 95.0, 100.0, 300.0))
    )
    return Intent(
        verb=verb,
        action=action,
        kind="market" if verb == "reverse" else kind,
        side=r.choice((-1, 1)) if verb != "reverse" else r.choice((-1, 0, 1)),
        size_as=size_as,
        size=r.choice((size,) * 12 + (nan, 0.0, -1.0)),
        limit=r.choice((near(),) * 12 + (nan, math.inf)) if has(NEEDS_LIMIT, KIND_NAMES.index(kind)) else nan,
        stop=near() if has(NEEDS_TRIGGER, KIND_NAMES.index(kind)) else nan,
        stop_loss=stop_loss,
        take_profit=None if targets else take_profit,
        targets=targets,
        trail=trail,
        trail_after=after if trail else None,
        add=r.random() < 0.4,
        reduce_only=verb == "place" and r.random() < 0.3,
        post_only=r.random() < 0.15,
        time_in_force=r.choice(("gtc",) * 6 + ("ioc", "fok")),
        good_for=r.choice((0, 0, 0, 1, 2, 5)),
        oco=r.choice((0, 0, 0, 1, 2)) if verb == "place" else 0,
        **(trailing if kind.startswith("trailing") else {}),
    )


def random_targets(r: random.Random, near: Callable[..., float]) -> Targets:
    """Some of four targets, whose shares mostly add up to the whole or less."""
    shares = r.choice(
        (
            (0.5, 0.5),
            (0.25, 0.75),
            (0.3, 0.2, 0.1),
            (1 / 3, 1 / 3, 1 / 3),
            (0.25, 0.25, 0.25, 0.25),
            (0.1, 0.2, 0.3, 0.4),
            (0.4,),
            (0.6, 0.6),
            (0.5, r.choice((0.0, nan, 0.001))),
        )
    )
    ways = (("share", 0.005), ("share", 0.02), ("distance", 1.0), ("distance", 3.0), ("price", near(4)), ("r", 1.0))
    drawn = [(r.choice(ways), share) for share in shares]
    if len(drawn) == 4 or r.random() < 0.8:
        return tuple(drawn)
    drawn.insert(r.randrange(len(drawn) + 1), (None, r.choice((0.0, 0.5, 1.0))))
    return tuple(drawn)


def random_grid(r: random.Random, action: int, near: Callable[..., float]) -> Intent:
    size_as = r.choice(("quantity", "quantity", "quote", "percent_of_equity"))
    sizes = {"quantity": (0.1, 0.3, 0.37, 1.0), "quote": (20.0, 60.0), "percent_of_equity": (2.0, 5.0, 20.0)}
    wrong = lambda *right: r.choice((r.choice(right),) * 40 + (nan, -1.0))  # noqa: E731
    return Intent(
        verb="grid",
        action=action,
        side=r.choice((0, 0, 1, 1, -1)),
        size_as=size_as,
        size=wrong(*sizes[size_as]),
        centre=wrong(0.0, 0.0, 0.0, near(1.0), near(4.0)),
        spacing=r.choice((("share", wrong(0.002, 0.005, 0.02)), ("distance", wrong(0.25, 0.5, 1.0, 3.0)))),
        levels=r.choice((1, 2, 3, 3, 5, 5, 12, 31, 0)),
        lower=wrong(0.0, 0.0, near(6.0)),
        upper=wrong(0.0, 0.0, near(6.0)),
    )


def random_rebalance(r: random.Random) -> Intent:
    """Mostly weights that add up to about the whole equity; sometimes shorts, leverage, and what is missing."""
    weight = r.choice((0.0, 0.0, 5.0, 20.0, 33.3, 50.0, 50.0, 80.0, 100.0, -30.0, -100.0, 150.0, nan))
    return Intent(verb="rebalance", action=r.randrange(4), size=weight, tolerance=r.choice((0.0, 1.0, 10.0)))


def random_decide(seed: int, markets: Sequence[Market], often: float):
    """A strategy that depends on nothing but seed, bar, instrument and what it sees."""

    def decide(t: int, i: int, view: View) -> list[Intent]:
        r = random.Random(f"{seed}/{t}/{i}/{view.quantity > 0}/{view.bars_held}/{view.grid}")
        if seed % 3 == 0 and random.Random(f"rebalance {seed}/{t}").random() < 0.6:  # all instruments on one bar
            return [random_rebalance(r)]
        return (
            [random_intent(r, markets[i].close[t], view) for _ in range(r.choice((1, 1, 2, 4)))]
            if r.random() < often
            else []
        )

    return decide
