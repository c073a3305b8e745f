"""docs/configuration.md: its tables are those of the schema, and its examples are right."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from tests.settings.sample import written
from wickwork.launch.terms import SAME, SHARES
from wickwork.settings import read_settings
from wickwork.settings.reference import reference
from wickwork.settings.schema import Costs
from wickwork.sim.terms import Terms

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")


def test_the_page_ends_with_the_reference() -> None:
    assert PAGE.endswith(reference()), "write it anew: `wick config reference`"


def test_every_default_of_the_costs_is_that_of_the_terms() -> None:
    for one in fields(Costs):
        shown = one.metadata["spec"].otherwise
        if one.name in SHARES:
            assert float(shown) == pytest.approx(100 * getattr(Terms(), SHARES[one.name]))
        elif one.name == "slippage_pct":
            assert float(shown) == 100 * Terms().slippage
        elif one.name in SAME and shown:
            assert shown == str(getattr(Terms(), SAME[one.name])).removesuffix(".0")


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
def test_the_examples_of_the_page_are_configurations(tmp_path: Path, block: str) -> None:
    (tmp_path / "exchange.key").write_text("x")
    assert read_settings(written(tmp_path, block, ".yaml"), {"TELEGRAM_TOKEN": "x"}).faults == ()
