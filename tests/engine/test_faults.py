"""Reports and requests that cannot be applied: refused with a sentence, nothing written, the bot as it was."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.engine.test_live import paper
from tests.engine.test_live_reported import busy
from wickwork.engine import live
from wickwork.engine.advance import Outcome, advance
from wickwork.engine.bot import Bot
from wickwork.engine.journal_entries import input_from, output_from
from wickwork.engine.replay import read_run
from wickwork.graph.types import CANCEL, CLOSE, ENTER, LEG_PRICE, LEG_R, MODIFY, PLACE
from wickwork.market.stream import stream
from wickwork.model import events as e
from wickwork.model.commands import Amend
from wickwork.model.errors import InputError
from wickwork.model.instrument import Rules
from wickwork.model.order_kinds import KIND_NAMES
from wickwork.risk.gate import Account, Refused, check
from wickwork.store.journal import read_journal

nan = float("nan")
FILL: dict[str, Any] = {"order": "run-1", "fill": "a", "quantity": 1.0, "price": 5.0, "fee": 0.0, "liquidity": "maker"}


def fill(**changed: Any) -> e.Filled:
    return e.Filled(at=0, **(FILL | changed))


def request(**intent: Any) -> e.OrderRequested:
    return e.OrderRequested(at=0, source="a person", instrument="BTC/USDT", intent=intent)


WRONG = [
    *(fill(**{name: value}) for name in ("quantity", "price") for value in (nan, 0.0, -1.0, "1", float("inf"), None)),
    *(fill(**{name: nan}) for name in ("fee", "slippage")),
    fill(liquidity="unknown"),
    fill(fill=""),
    fill(order="run-99999"),
    fill(order=""),
    fill(order=7),
    fill(order="run-0"),
    fill(number=-1),
    fill(number=True),
    e.Canceled(at=0, order="run-1", reason="no such word"),
    e.Canceled(at=0, order="run-1", reason="working"),
    e.Canceled(at=0, order="run-1", reason="filled"),
    e.Triggered(at=0, order="run-1", kind="no such kind"),
    e.Triggered(at=0, order="run-1", kind="liquidation"),
    e.Amended(at=0, order="run-1", price=nan),
    e.Amended(at=0, order="run-1", trigger=-1.0),
    e.FundingPaid(at=0, instrument="BTC/USDT", amount=nan),
    e.FundingPaid(at=0, instrument="ETH/USDT", amount=1.0),
    e.Liquidated(at=0, instrument="ETH/USDT", price=1.0, fee=0.0),
    e.Liquidated(at=0, instrument="BTC/USDT", price=nan, fee=0.0),
    e.BalanceReported(at=0, currency="USDT", total=nan, available=0.0),
    e.TradingStateChanged(at=0, state="nonsense", reason=""),
    request(kind=99),
    request(kind="market"),
    request(size=nan),
    request(size="1"),
    request(verb=99),
    request(verb=True),
    *(request(legs=1, target=0, side=1, verb=verb) for verb in ("buy", [1], None)),
    request(side=7),
    *(request(verb=verb, side=0) for verb in (PLACE, ENTER, CLOSE)),
    request(nonsense=1),
    *(request(verb=PLACE, oco=group) for group in (-5, 1 << 70)),
    *(request(verb=MODIFY, legs=leg, limit=100.0) for leg in (3, -1, 7)),
    *(request(verb=CANCEL, legs=leg) for leg in (2, -7)),
    request(verb=PLACE, legs=1),
    *(request(verb=CANCEL, target=target) for target in (-2, 99)),
    *(request(verb=PLACE, kind=KIND_NAMES.index("trailing"), trail_as=unit, trail=1.5) for unit in (LEG_PRICE, LEG_R)),
    request(verb=PLACE, stop_loss_as=LEG_R, stop_loss=2.0),
    request(verb=PLACE, leg_trail_as=LEG_PRICE, leg_trail=2.0),
]


def begun(folder: Path) -> Bot:
    """A bot with an order or more behind it."""
    run = busy(folder)
    bot = run.bot()
    for event in stream(run.bars):
        if advance(bot, event).placed:
            return bot
    raise AssertionError("no order")


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Bot:
    return begun(tmp_path_factory.mktemp("bot"))


@pytest.mark.parametrize("event", WRONG, ids=lambda event: f"{type(event).__name__}")
def test_what_cannot_be_applied_is_refused_and_changes_nothing(event: e.Event, bot: Bot) -> None:
    before = bot.save()
    with pytest.raises(InputError):
        advance(bot, event)
    assert bot.save() == before


def test_a_request_that_means_nothing_is_written_down_and_the_run_goes_on(tmp_path: Path) -> None:
    wrong = iter([request(kind=99), request(size=nan), request(nonsense=1)])

    def requests(outcome: Outcome) -> Any:
        return next(wrong, None)

    run = paper(tmp_path, count=30, requests=requests)
    bot = run.go()
    assert bot is not None
    assert bot.bars == 30
    reasons = [entry.data["reason"] for entry in read_journal(run.journal) if entry.kind == "not taken"]
    assert ["kind 99" in reasons[0], "size nan" in reasons[1], "nonsense" in reasons[2]] == [True] * 3
    assert read_run(read_journal(run.journal), "it").late == []
    assert run.replay() == []
    assert run.go() is not None


@pytest.mark.parametrize("reported", [False, True])
def test_bars_that_come_twice_or_late_are_written_down_and_the_run_goes_on(reported: bool, tmp_path: Path) -> None:
    async def with_repeats(bot: Bot, feed: Any, ports: live.Ports, saved_bars: int) -> None:
        found = list(feed)
        await live.run(bot, [*found[:10], found[9], found[3], *found[10:]], ports, saved_bars)

    run = paper(tmp_path, count=30, reported=reported, run=with_repeats)
    bot = run.go()
    assert bot is not None
    assert bot.bars == 30
    reasons = [entry.data["reason"] for entry in read_journal(run.journal) if entry.kind == "not taken"]
    assert len(reasons) == 2
    assert all("too late" in reason for reason in reasons)
    assert [one.bars for one in read_run(read_journal(run.journal), "it").late] == [1, 1]
    assert run.replay() == []


def test_a_report_that_cannot_be_applied_ends_the_run_and_is_not_written(tmp_path: Path) -> None:
    """The run goes on with the next start, where the venue reports again."""
    wrong = [fill(price=nan)]

    async def with_report(bot: Bot, feed: Any, ports: live.Ports, saved_bars: int) -> None:
        async def next_report() -> e.Report:
            if wrong:
                return wrong.pop()
            await asyncio.Event().wait()
            raise AssertionError

        ports.venue.next_report = next_report  # type: ignore[method-assign]
        await live.run(bot, feed, ports, saved_bars)

    run = paper(tmp_path, count=30, reported=True, run=with_report)
    with pytest.raises(InputError):
        run.go()
    assert not [entry for entry in read_journal(run.journal) if entry.data.get("event") == "Filled"]
    bot = run.go()
    assert bot is not None
    assert bot.bars == 30
    assert run.replay() == []


def test_a_source_of_events_that_fails_ends_the_run(tmp_path: Path) -> None:
    class Broken(asyncio.Queue[Any]):
        async def get(self) -> Any:
            raise OSError("the line is cut")

    async def with_broken_requests(bot: Bot, feed: Any, ports: live.Ports, saved_bars: int) -> None:
        await live.run(bot, feed, live.Ports(**vars(ports) | {"requests": Broken()}), saved_bars)
        assert len(asyncio.all_tasks()) == 1

    with pytest.raises(OSError, match="the line is cut"):
        paper(tmp_path, count=30, run=with_broken_requests).go()


@pytest.mark.parametrize("change", [{"rows": [[1.0]]}, {"rows": 5}, {"rows": [["a"] * 5]}, {"opened_at": "x"}])
def test_bars_in_a_journal_that_were_edited_are_refused(change: dict[str, Any]) -> None:
    data = {"bar": 0, "event": "BarsClosed", "opened_at": 0, "rows": [[1.0] * 5]}
    input_from(json.loads(json.dumps(data)))
    with pytest.raises(InputError):
        input_from(data | change)


@pytest.mark.parametrize("data", [{}, {"bar": 1, "fills": [{}]}, {"bar": 1, "fills": 3}, {"commands": [{}]}])
def test_an_outcome_in_a_journal_that_was_edited_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        output_from(data)


@pytest.mark.parametrize("price", [0.0, -1.0, nan])
def test_the_gate_denies_a_change_to_a_price_that_is_none(price: float) -> None:
    command = Amend(order="run-1", instrument="BTC/USDT", price=price)
    assert isinstance(check(command, Account({"BTC/USDT": Rules()}, {})), Refused)
