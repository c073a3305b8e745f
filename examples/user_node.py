"""A strategy with a node of its own: the efficiency ratio separates trends from noise, and entries need a trend.

`@node` reads the typed function: before the `*` stand wires, behind it parameters with a range and a default; the
NamedTuple is the memory that the node keeps between bars, the docstring is its help. It is compiled like any other
node.
"""

from typing import Annotated, NamedTuple

from wickwork import node, strategy, ta, trade
from wickwork.graph.types import Between, Series


class Path(NamedTuple):
    """What the node keeps: the last value, the smoothed way and the smoothed distance walked."""

    previous: float = float("nan")
    way: float = 0.0
    walked: float = 0.0


@node(title="Efficiency", group="mine", warmup=lambda period: 2, terms=("trend strength", "noise"))
def efficiency(
    memory: Path, source: Series, *, period: Annotated[int, Between(2, 500)] = 20
) -> tuple[Path, Annotated[Series, Between(-1, 1)]]:
    """How straight the price moves: 1 straight up, −1 straight down, near 0 back and forth."""
    if memory.previous != memory.previous:
        return Path(source, 0.0, 0.0), float("nan")
    step = source - memory.previous
    weight = 2.0 / (period + 1.0)
    way = memory.way + weight * (step - memory.way)
    walked = memory.walked + weight * (abs(step) - memory.walked)
    straight = way / walked if walked > 0.0 else 0.0
    return Path(source, way, walked), max(-1.0, min(1.0, straight))


with strategy("Efficient trends") as s:
    straight = efficiency(s.bars.close, period=24, name="straight")
    trade.buy(
        when=ta.crosses_above(straight, 0.3, name="trending"),
        size=trade.percent_of_equity(90),
        trailing=trade.percent(6),
        name="buy",
    )
    trade.close(when=ta.crosses_below(straight, -0.1, name="over"), name="sell")
