"""A synthetic market that is always there: 38 coins from 2021 to 2025, the same bars on every machine.

It is for trying things out and for tests, never evidence that a strategy earns money. Prices have seasons, clusters of
restlessness, jumps, a rhythm of the day and a common market factor; slower bars are exactly made of the minutes.
"""

from wickwork.market.demo.bars import DEMO_SOURCE, demo_bars
from wickwork.market.demo.days import DEMO_START, DEMO_STOP
from wickwork.market.demo.table import DEMO_INSTRUMENTS, DEMO_PERPETUALS, demo_instrument

__all__ = [
    "DEMO_INSTRUMENTS",
    "DEMO_PERPETUALS",
    "DEMO_SOURCE",
    "DEMO_START",
    "DEMO_STOP",
    "demo_bars",
    "demo_instrument",
]
