from __future__ import annotations

import json

import pytest

from wickwork.analytics.report.data import page_data
from wickwork.analytics.report.page import report_text
from wickwork.analytics.report.reading import data_of_page
from wickwork.analytics.run import backtest
from wickwork.market.demo import demo_bars
from wickwork.model.errors import InputError
from wickwork.model.moments import moment_of
from wickwork.templates import template


def test_the_data_of_a_page_are_what_was_put_into_it() -> None:
    run = backtest(template("ema_cross").path, demo_bars("BTC/USDT", "4h", stop=moment_of("2021-04-01")))
    assert data_of_page(report_text(run)) == json.loads(json.dumps(page_data(run)[0]))


@pytest.mark.parametrize("text", ["", "<html></html>", '<script type="application/octet-stream" id="data"></script>'])
def test_another_text_is_no_report(text: str) -> None:
    with pytest.raises(InputError, match="it is no report"):
        data_of_page(text)
