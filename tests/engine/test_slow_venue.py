"""A venue that matches from outside gives the bits of a run that simulates its fills within."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from tests.engine.slow_venue import Rows, fast, slow
from tests.promises.live import events, heard
from tests.promises.programs import SINGLE, Case, case_of, example_keys
from wickwork.engine.advance import advance
from wickwork.engine.bot import Bot
from wickwork.model.events import BarsClosed, Filled, Report
from wickwork.orders.records import FILL, FOREVER, TRAIL_LEG
from wickwork.risk.gate import Approved

CASES = int(os.environ.get("WICKWORK_SLOW_VENUE_CASES", "50"))
RANDOM = [f"random {seed} 80" for seed in range(CASES)]
SOME = [f"random {seed} 250" for seed in range(CASES // 5)]


def lasting(bot: Bot) -> set[int]:
    """The ids of the working orders, without legs and without those whose cancel is under way."""
    return {int(row["id"]) for row in bot.machine.working() if not row["leg"] and row["cancel_at"] == FOREVER}


def bars_of(case: Case) -> list[BarsClosed]:
    return [event for event in events(case) if any(row is not None for row in event.rows)]


def same(first: Rows, second: Rows, key: str) -> int:
    """Compare two runs and count the fills. Orders change after they were placed: there the identity is compared."""
    for name, rows in first.tables.items():
        if name == "placed":
            assert sorted(row[:5] for row in rows) == sorted(row[:5] for row in second.tables[name]), f"{key}: placed"
        else:
            assert rows == second.tables[name], f"{key}: {name}"
    assert first.equity == second.equity, f"{key}: equity"
    return len(first.tables["fills"])


def money_of(bot: Bot) -> tuple[Any, ...]:
    account, lanes = bot.machine.arrays["account"][0], bot.machine.arrays["lanes"]
    names = ("quantity", "average", "margin")
    return (*(float(account[name]) for name in ("cash", "net_cash", "fees", "funding")), lanes[list(names)].tolist())


@pytest.mark.parametrize("key", [*(key for file in SINGLE for key in example_keys(file)), *RANDOM[::10]])
def test_every_decision_and_fill_is_the_same(key: str) -> None:
    case = case_of(key)
    run = case.plan(), heard(case), case.terms(), bars_of(case)
    same(fast(*run)[0], slow(*run)[0], key)


def test_random_graphs_decide_and_fill_the_same() -> None:
    fills, targets, partial = 0, 0, 0
    leg = FILL.names.index("leg")  # type: ignore[union-attr]
    for key in RANDOM:
        case = case_of(key)
        run = case.plan(), heard(case), case.terms(), bars_of(case)
        simulated = fast(*run)[0]
        fills += same(simulated, slow(*run)[0], key)
        found = sum(row[leg] > TRAIL_LEG for row in simulated.tables["fills"])
        targets, partial = targets + found, partial + found * (case.config.volume_limit > 0.0)
    assert fills > 10 * CASES
    assert targets > CASES // 10  # fills of second and further targets
    assert partial > 0


def test_reports_that_come_twice_and_out_of_order_change_nothing() -> None:
    fills = 0
    for key in SOME:
        case, r = case_of(key), random.Random(key)

        def shuffled(reports: Sequence[Report], r: random.Random = r) -> Iterable[Report]:
            found = [*reports, *r.sample(reports, len(reports) // 2)]
            r.shuffle(found)
            return found

        run = case.plan(), heard(case), case.terms(), bars_of(case)
        fills += same(fast(*run)[0], slow(*run, arrange=shuffled)[0], key)
    assert fills > 25 * len(SOME)


def test_the_same_fill_without_a_number_counts_once() -> None:
    """A venue that numbers nothing repeats its executions: their ids say that they are the same."""
    for key in SOME[:10]:
        case = case_of(key)

        def repeated(reports: Sequence[Report]) -> Iterable[Report]:
            for report in reports:
                yield report
                if isinstance(report, Filled):
                    yield Filled(**{**vars(report), "number": 0})

        run = case.plan(), heard(case), case.terms(), bars_of(case)
        same(fast(*run)[0], slow(*run, arrange=repeated)[0], key)


@pytest.mark.parametrize("late", [1, 3])
def test_reports_that_come_bars_late_lead_to_the_same_ledger(late: int) -> None:
    fills = 0
    for key in SOME:
        case, held = case_of(key), []  # type: ignore[var-annotated]

        def delayed(reports: Sequence[Report], held: list[list[Report]] = held) -> Iterable[Report]:
            held.append(list(reports))
            return held.pop(0) if len(held) > late else ()

        run = case.plan(), heard(case), case.terms(), bars_of(case)
        rows, bot, venue = slow(*run, arrange=delayed)
        pending = [one for reports in held for one in reports]
        while pending:
            report = pending.pop(0)
            rows.events.append(report)
            outcome = advance(bot, report)
            rows.add(outcome)
            pending += venue.send([Approved(command) for command in outcome.commands])
        assert money_of(bot) == money_of(venue.bot), key
        assert lasting(bot) == lasting(venue.bot), key
        fills += len(rows.tables["fills"])
        again = Bot(case.plan(), heard(case), case.terms(), reported=True)
        replayed = Rows()
        for event in rows.events:
            replayed.add(advance(again, event))
        assert replayed.tables == rows.tables, key
    assert fills > 25 * len(SOME)


def test_a_bot_that_is_saved_between_any_two_events_goes_on_with_the_same_bits() -> None:
    for key in SOME[:5]:
        case, r = case_of(key), random.Random(key)
        rows, bot, _ = slow(case.plan(), heard(case), case.terms(), bars_of(case))
        again = Bot(case.plan(), heard(case), case.terms(), reported=True)
        replayed = Rows()
        for event in rows.events:
            if r.random() < 0.05:
                saved = again.save()
                again = Bot(case.plan(), heard(case), case.terms(), reported=True)
                again.load(saved)
            replayed.add(advance(again, event))
        assert replayed.tables == rows.tables, key
        assert again.state() == bot.state(), key
