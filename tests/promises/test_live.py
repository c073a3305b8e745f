"""What was tested is what trades: a bot that hears bars one by one does what the backtest over them does.

Bit for bit: equity, fills, orders that came and ended, denials, and all that is remembered; also where it is saved as
JSON and loaded again on the way.
"""

from __future__ import annotations

import json
import random

import numpy as np
import pytest
from tests.promises.live import bot_of, events
from tests.promises.programs import EXAMPLES, case_of, example_keys

from wickwork.engine.advance import FIELDS, IDENTITY, advance, placed_of
from wickwork.engine.bot import state_of

KEYS = [f"random {seed} 90" for seed in range(80_000, 80_120)]
KEYS += [key for file in EXAMPLES for key in example_keys(file)]


def test_a_bot_does_what_the_backtest_does() -> None:
    fills = 0
    for key in KEYS:
        case = case_of(key)
        if not all(any(m.has_bar(t) for m in case.markets) for t in range(case.size)):
            continue  # nobody hears of a moment without any bar
        whole, bot, r = case.run(), bot_of(case), random.Random(key)
        outcomes = []
        for event in events(case):
            if r.random() < 0.02:
                saved = json.loads(json.dumps(bot.save(), allow_nan=False))
                bot = bot_of(case)
                bot.load(saved)
            outcomes.append(advance(bot, event))
        for name in ("fills", "closed_orders", "denied"):
            found = [row for outcome in outcomes for row in getattr(outcome, name)]
            assert repr(found) == repr([tuple(row) for row in whole.output(name)[list(FIELDS[name])].tolist()]), (
                key,
                name,
            )
        placed = [row[: len(IDENTITY)] for outcome in outcomes for row in outcome.placed]
        ended, working = whole.output("closed_orders"), whole.working()
        assert placed == [row[: len(IDENTITY)] for row in placed_of(ended, working)], key
        activated = [outcome.bar for outcome in outcomes for _ in outcome.placed]
        known = dict(
            zip([*ended["order"], *working["id"]], [*ended["created_bar"], *working["created_bar"]], strict=True)
        )
        assert activated == [known[row[0]] for row in placed], key
        assert np.array_equal([outcome.equity for outcome in outcomes], whole.equity), key
        assert outcomes[-1].state == state_of(whole), key
        fills += whole.written("fills")
    assert fills > 3000, fills


@pytest.mark.parametrize("key", [KEYS[0], KEYS[-1]])
def test_the_state_notices_every_change(key: str) -> None:
    case = case_of(key)
    whole = case.run()
    before = state_of(whole)
    for name in ("account", "lanes", "states"):
        array = whole.arrays[name].view(np.uint8).reshape(-1)
        if array.size:
            array[3] ^= 1
            assert state_of(whole) != before, name
            array[3] ^= 1
    assert state_of(whole) == before
