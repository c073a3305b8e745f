"""The file as a whole: self-contained, safe, small, and the same each time."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from report_reading import page_of, unpacked

from wickwork import backtest, demo_bars, strategy, ta, trade
from wickwork.analytics.report.page import built_page, report_text
from wickwork.analytics.run import Run
from wickwork.model.errors import InputError, NotFound

HOSTILE = '</script><script>alert(1)</script><!--report:data--><img src=x onerror="alert(2)">&amp;'
JANUARY, DAY = 1_704_067_200_000, 86_400_000
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def small_run(name: str = "EMA cross", days: int = 40) -> Run:
    with strategy(name) as s:
        close = s.bars.close
        fast, slow = ta.ema(close, period=5, name="fast"), ta.ema(close, period=12, name="slow")
        trade.buy(when=ta.crosses_above(fast, slow), size=trade.percent_of_equity(90), stop_loss=trade.percent(3))
        trade.close(when=ta.crosses_below(fast, slow))
    return backtest(s, demo_bars("BTC/USDT", "1h", JANUARY, JANUARY + days * DAY))


@pytest.fixture(scope="module")
def text() -> str:
    return report_text(small_run())


def test_the_page_without_data_is_at_most_a_megabyte() -> None:
    assert 100_000 < len(built_page().encode()) <= 1_000_000


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two = (small_run().report(tmp_path / name) for name in ("one.html", "two.html"))
    assert one.read_bytes() == two.read_bytes()
    assert one == tmp_path / "one.html"
    (base,) = (words for given, words in page_of(one.read_text(encoding="utf-8")).scripts if given.get("id") == "data")
    assert base64.b64decode(base)[4:8] == b"\0" * 4  # gzip would write the time of day there


def test_nothing_is_fetched(text: str) -> None:
    page = page_of(text)
    assert page.policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-inline" not in page.policy.partition("style-src")[0]
    assert "connect-src" not in page.policy
    links = [one for one in page.addresses if not one.startswith(("#", "data:image/svg+xml,"))]
    assert links == ["https://www.tradingview.com/"]  # a link that a reader may follow, and must be able to


def test_the_policy_names_the_scripts_that_may_run(text: str) -> None:
    page = page_of(text)
    running = [words for given, words in page.scripts if given.get("type") is None]
    for words in running:
        digest = base64.b64encode(hashlib.sha256(words.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in page.policy
    assert (len(running), len(page.scripts)) == (2, 3)


def test_a_hostile_name_stays_text(text: str) -> None:
    hostile = report_text(small_run(HOSTILE))
    page, plain = page_of(hostile), page_of(text)
    assert len(page.scripts) == len(plain.scripts)
    assert page.titles == [f"{HOSTILE} · BTC/USDT, 1h · Wickwork"]
    assert "<script>alert" not in hostile
    assert "<img" not in hostile
    assert page.addresses == plain.addresses
    assert unpacked(hostile).data["title"] == HOSTILE


def test_the_makers_of_the_charts_are_named(text: str) -> None:
    words = page_of(text).words
    assert re.search(r"TradingView Lightweight Charts™ v5\.\d+\.\d+\nCopyright \(c\) \d+ TradingView, Inc\.", words)
    assert "Apache License" in words
    assert "END OF TERMS AND CONDITIONS" in words


def test_without_javascript_the_main_words_are_there(text: str) -> None:
    assert "need JavaScript" in text
    for words in ("Fees", "0.1\u202f% each side", "demo market (synthetic)", "Total return"):
        assert words in page_of(text).words


def test_a_page_that_is_not_built_says_how(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="run `make page`"):
        built_page(tmp_path / "page.html")
    (tmp_path / "page.html").write_text("<!doctype html><!--report:title-->")
    with pytest.raises(InputError, match="damaged"):
        built_page(tmp_path / "page.html")


def test_a_file_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        small_run(days=2).report(tmp_path / "no" / "where.html")


def test_an_unknown_wire_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no wire 'fats'"):
        small_run(days=2).report(tmp_path / "r.html", wires=["fats"])
    assert not (tmp_path / "r.html").exists()


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine to open the report with")
def test_a_browser_opens_it(tmp_path: Path) -> None:
    file = small_run(HOSTILE).report(tmp_path / "report.html")
    options = "--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic --no-first-run"
    quiet = "--disable-background-networking --disable-component-update --disable-sync --virtual-time-budget=20000"
    command = [str(CHROMIUM), *options.split(), *quiet.split(), f"--user-data-dir={tmp_path / 'user'}", "--dump-dom"]
    done = subprocess.run([*command, file.as_uri()], capture_output=True, text=True, timeout=120)  # noqa: S603
    assert "data-ready" in done.stdout[:600], done.stderr[-2000:]
    page = page_of(done.stdout)
    assert HOSTILE in page.words
    assert "could not be opened" not in page.words
    rows = re.findall(r'role="grid" aria-label="(\w+).*?aria-rowcount="(\d+)"', done.stdout)
    run = small_run(HOSTILE)
    assert dict(rows)["Trades"] == str(len(run.trades) + 1)
    assert dict(rows)["Orders"] == str(len(run.orders) + 1)


def test_wires_of_several_instruments_lie_on_their_own_bars() -> None:
    with strategy("Two") as s:
        slow = ta.sma(s.bars.close, period=7, name="slow")
        trade.buy(when=ta.crosses_above(s.bars.close, slow), size=trade.percent_of_equity(40))
    late = demo_bars("ETH/USDT", "1d", JANUARY + 20 * DAY, JANUARY + 60 * DAY)
    run = backtest(s, [demo_bars("BTC/USDT", "1d", JANUARY, JANUARY + 60 * DAY), late])
    found = unpacked(report_text(run))
    by_name = {one["name"]: one for one in found.data["instruments"]}
    assert found.numbers(by_name["ETH/USDT"]["bars"]).tolist() == list(range(20, 60))
    for lane, name in enumerate(("BTC/USDT", "ETH/USDT")):
        wire = found.numbers(by_name[name]["wires"][0])
        wanted = run.columns["slow"][lane][0 if lane == 0 else 20 :]
        np.testing.assert_allclose(wire, wanted, rtol=1e-7)
        candles = found.candles(by_name[name]["candles"])
        assert np.array_equal(candles["close"], run.history.bars[lane].close)
