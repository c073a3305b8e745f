"""The venue of a run on paper whose fills are decided within the run."""

from __future__ import annotations

from pathlib import Path

import pytest

from wickwork.model.errors import Refused
from wickwork.store.journal import Journal
from wickwork.venues.paper import MESSAGE, STATEMENT, PaperVenue


def test_it_has_no_orders_and_no_money_of_its_own(tmp_path: Path) -> None:
    venue = PaperVenue(tmp_path / "venue.jsonl", "owner")
    assert (venue.open_orders(), venue.balances()) == ((), {})
    venue.close()


@pytest.mark.parametrize(("kind", "owner"), [(STATEMENT, "another"), ("something else", "owner")])
def test_the_statement_of_another_run_is_refused_and_not_changed(kind: str, owner: str, tmp_path: Path) -> None:
    path = tmp_path / "venue.jsonl"
    with Journal(path) as journal:
        journal.append(kind, {"journal": owner})
    before = path.read_bytes()
    with pytest.raises(Refused, match="another run"):
        PaperVenue(path, "owner")
    assert path.read_bytes() == before


def test_a_statement_of_an_older_version_begins_with_a_message(tmp_path: Path) -> None:
    path = tmp_path / "venue.jsonl"
    with Journal(path) as journal:
        journal.append(MESSAGE, {"because": 3, "mark": "abc", "fills": []})
    venue = PaperVenue(path, "owner")
    assert (venue.last_line, venue.last_sum) == (3, "abc")
    venue.close()
