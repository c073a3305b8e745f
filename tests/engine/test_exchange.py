"""The simulated exchange, from outside: commands in, reports out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.engine.test_live import paper
from wickwork import Terms
from wickwork.engine.paper.exchange import PaperExchange
from wickwork.market.stream import stream
from wickwork.model import events as e
from wickwork.model.commands import Amend, Cancel, Command, Place
from wickwork.risk.gate import Approved

NAMES = {"order": "run-1", "instrument": "BTC/USDT"}
PLACE = Place(side="buy", kind="limit", quantity=0.5, limit=1_000.0, **NAMES)


class Venue:
    """An exchange and the bars that it takes next."""

    def __init__(self, folder: Path, **terms: Any) -> None:
        run = paper(folder)
        self.exchange = PaperExchange(run.start.universe, Terms(**terms), name="run")
        self.bars = iter(stream(run.bars))

    def send(self, *commands: Command) -> list[e.Report]:
        return self.exchange.send([Approved(command) for command in commands])

    def next_bar(self) -> list[e.Report]:
        return self.exchange.take_bars(next(self.bars))


@pytest.fixture
def slow(tmp_path: Path) -> Venue:
    """With an order that works, and commands that take a bar to arrive."""
    venue = Venue(tmp_path, latency=1)
    venue.next_bar()
    (accepted,) = venue.send(PLACE)
    assert isinstance(accepted, e.Accepted)
    venue.next_bar()
    venue.next_bar()
    assert venue.exchange.open_orders() == ["run-1"]
    return venue


def kinds(reports: list[e.Report]) -> list[type[e.Report]]:
    return [type(report) for report in reports]


def test_a_change_is_reported_when_it_arrives(slow: Venue) -> None:
    assert slow.send(Amend(price=1_010.0, quantity=None, **NAMES)) == []
    assert slow.next_bar() == []
    (amended,) = slow.next_bar()
    assert isinstance(amended, e.Amended)
    assert (amended.price, amended.quantity) == (1_010.0, None)


def test_a_change_that_arrives_with_a_cancel_is_not_reported(slow: Venue) -> None:
    """The cancel comes first, and then there is nothing to change."""
    slow.send(Amend(price=1_010.0, quantity=None, **NAMES), Cancel(**NAMES))
    assert kinds(slow.next_bar()) == []
    assert kinds(slow.next_bar()) == [e.Canceled]
    assert slow.exchange.open_orders() == []


def test_a_command_for_an_order_that_is_gone_is_rejected(slow: Venue) -> None:
    slow.send(Cancel(**NAMES))
    slow.next_bar()
    slow.next_bar()
    rejected = slow.send(Cancel(**NAMES), Amend(price=1_010.0, quantity=None, **NAMES))
    assert kinds(rejected) == [e.CancelRejected, e.AmendRejected]


def test_an_order_that_comes_twice_is_placed_once(slow: Venue) -> None:
    assert slow.send(PLACE) == []
    assert slow.exchange.open_orders() == ["run-1"]


def test_the_end_of_an_order_that_filled_in_part_is_reported(tmp_path: Path) -> None:
    """A reduce-only order for more than is held: its rest ends with the fill that closes the position.

    A run that books the fill late may hold more than the venue did, and would keep the rest working.
    """
    venue = Venue(tmp_path)
    venue.next_bar()
    venue.send(Place(side="buy", kind="market", quantity=0.1, order="run-1", instrument="BTC/USDT"))
    assert kinds(venue.next_bar()) == [e.Filled]
    rest = Place(
        side="sell", kind="limit", limit=1_000.0, quantity=0.25, reduce_only=True, **NAMES | {"order": "run-2"}
    )
    venue.send(rest)
    filled, canceled = venue.next_bar()
    assert isinstance(filled, e.Filled)
    assert filled.quantity == 0.1
    assert isinstance(canceled, e.Canceled)
    assert canceled.order == "run-2"
    assert venue.exchange.open_orders() == []
