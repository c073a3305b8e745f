from __future__ import annotations

import csv
import gzip
import io
import json
from dataclasses import replace
from typing import Any

import httpx
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.server.conftest import ClientOf
from wickwork.analytics.run import Run, backtest
from wickwork.context import Context
from wickwork.graph.document import to_text
from wickwork.market.demo import demo_bars
from wickwork.model.moments import moment_of
from wickwork.services.child import Place, Tools
from wickwork.services.core import Services
from wickwork.services.kinds.registry import kind_named
from wickwork.services.work import backtest as work
from wickwork.store.database import jobs, runs
from wickwork.store.database.tables import User
from wickwork.strategies.load import load_strategy
from wickwork.templates import template

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
REQUEST = {"end": "2024-03-01", "start": "2024-01-01", "timeframe": "1h", "instruments": ["BTC/USDT"], "data": "demo"}
SPAN = {"from": moment_of("2024-01-20"), "to": moment_of("2024-02-01")}


@pytest.fixture(scope="module")
def cross() -> Any:
    return json.loads(to_text(load_strategy(template("ema_cross").path).graph))


@pytest.fixture(scope="module")
def done() -> Run:
    bars = demo_bars("BTC/USDT", "1h", moment_of("2024-01-01"), moment_of("2024-03-01"))
    return backtest(template("ema_cross").path, bars)


@pytest.fixture
async def client(client_of: ClientOf) -> httpx.AsyncClient:
    return await client_of("trader")


async def kept_run(services: Services, request: dict[str, Any]) -> str:
    """The id of a run of the only user, computed and recorded as a job does it."""
    place = Place(services.home, services.database.folder)
    tools = Tools(place, lambda share, stage: None, lambda text: None, lambda question: None)
    outcome = work.run(request, tools)
    async with services.database.writing() as session:
        owner = (await session.scalars(User.__table__.select())).first()
        job = await jobs.add(session, 1, owner, "backtest", request, "")
        return (await kind_named("backtest").record(session, services.now(), job, outcome))["run"]


@pytest.fixture
async def run_id(client: httpx.AsyncClient, services: Services, cross: Any) -> str:
    return await kept_run(services, {"graph": cross, **REQUEST})


@pytest.fixture
async def sweep_id(client: httpx.AsyncClient, services: Services) -> str:
    """A run of another kind, without most of what a backtest has."""
    table = pa.table({"=cmd|'/c calc'!A0": ["=1+1", "-2", "@x", "+1", "plain"], "number": [-1.5, None, 2.0, 3.0, 4.0]})
    kept = services.files.put_made("parquet", lambda path: pq.write_table(table, path))
    async with services.database.writing() as session:
        owner = (await session.scalars(User.__table__.select())).first()
        run = await runs.add(
            session, services.now(), owner, "sweep", name="s", request={}, manifest={}, manifest_hash="0",
            stats={"combinations": 5, "sharpe": 1.0, "best": {"a": 1}}, files={"combinations.parquet": kept},
        )  # fmt: skip
    return run.id


@pytest.fixture
async def url(run_id: str) -> str:
    return f"/api/runs/{run_id}"


async def test_stats_have_titles_units_and_what_is_better(client: httpx.AsyncClient, url: str, done: Run) -> None:
    found = (await client.get(f"{url}/stats")).json()
    assert {one["name"]: one["value"] for one in found} == dict(done.stats)
    deepest = next(one for one in found if one["name"] == "max_drawdown")
    assert (deepest["title"], deepest["unit"], deepest["better"]) == ("Maximum drawdown", "percent", "lower")


@pytest.mark.parametrize("name", ["trades", "orders", "fills", "exits", "denied", "notifications"])
async def test_tables_are_read_in_pages(client: httpx.AsyncClient, url: str, done: Run, name: str) -> None:
    table, rows, after = getattr(done, name), [], 0
    while after is not None:
        page = (await client.get(f"{url}/{name}", params={"after": after, "count": 7})).json()
        rows, after = rows + page["items"], page["next"]
    assert page["total"] == len(rows) == len(table)
    for row, (_, wanted) in zip(rows, table.iterrows(), strict=True):
        for column, value in wanted.items():
            if not column.endswith("_at"):
                assert row[column] == value or (row[column] is None and value != value) or value is None
            elif row[column] is not None:
                assert row[column] == int(value.timestamp() * 1000)


async def test_a_window_has_the_rows_that_were_going_on_in_it(client: httpx.AsyncClient, url: str, done: Run) -> None:
    hour, trade = pd.Timedelta(hours=1), done.trades.iloc[7]
    begin, end = trade["opened_at"] + hour, trade["closed_at"] - hour
    span = {"from": int(begin.timestamp() * 1000), "to": int(end.timestamp() * 1000)}
    found = (await client.get(f"{url}/trades", params=span)).json()
    assert [one["number"] for one in found["items"]] == [trade["number"]]
    inside = (done.fills["filled_at"] >= begin) & (done.fills["filled_at"] < end + 3 * hour)
    later = {**span, "to": span["to"] + 3 * 3_600_000}
    fills = (await client.get(f"{url}/fills", params=later)).json()["items"]
    assert [one["number"] for one in fills] == done.fills["number"][inside].tolist() != []


async def test_equity_keeps_the_lowest_and_the_highest_value(client: httpx.AsyncClient, url: str, done: Run) -> None:
    found = (await client.get(f"{url}/equity", params={"points": 50})).json()
    values, deepest = found["equity"]["values"], found["drawdown_percent"]["values"]
    assert len(values) <= 50
    assert (min(values), max(values)) == (done.equity.min(), done.equity.max())
    assert max(deepest) == pytest.approx(done.stats["max_drawdown"], rel=1e-12)
    window = (await client.get(f"{url}/equity", params=SPAN)).json()
    assert window["bars"] == len(window["equity"]["times"]) == 12 * 24


async def test_wires_of_a_window_are_those_of_the_run(client: httpx.AsyncClient, url: str, done: Run) -> None:
    found = (await client.get(f"{url}/columns", params={"wires": "fast,slow", **SPAN})).json()
    first = found["first_bar"]
    for name in ("fast", "slow"):
        wanted = done.columns[name][first : first + found["bars"]]
        assert found["wires"][name][0]["values"] == wanted.tolist()


async def test_a_bar_is_explained_in_sentences(client: httpx.AsyncClient, url: str, done: Run) -> None:
    bar = int(np.searchsorted(done.history.feed.opened_at, SPAN["from"])) + 5
    wanted = done.explain(bar)
    by_bar = (await client.get(f"{url}/explain", params={"bar": bar})).json()
    time = SPAN["from"] + 5 * 3_600_000 + 1_800_000
    by_time = (await client.get(f"{url}/explain", params={"time": time, "instrument": "BTC/USDT"})).json()
    assert by_bar == by_time
    assert (by_bar["text"], by_bar["decisions"]) == (str(wanted), list(wanted.decisions))


async def test_a_run_whose_bars_were_corrected_is_not_computed_again(
    client: httpx.AsyncClient, services: Services, cross: Any
) -> None:
    bars = demo_bars("BTC/USDT", "1h", moment_of("2024-01-01"), moment_of("2024-02-01"))
    store = Context(services.home).store
    store.append(bars)
    run_id = await kept_run(services, {"graph": cross, **REQUEST, "data": "store"})
    fine = await client.get(f"/api/runs/{run_id}/columns", params={"wires": "fast"})
    assert fine.status_code == 200, fine.text
    store.append(replace(bars, close=bars.open.copy()), accept_corrections=True)
    for part in ("columns?wires=fast", "explain?bar=3"):
        answer = await client.get(f"/api/runs/{run_id}/{part}")
        assert answer.status_code == 409
        assert "BTC/USDT 1h were corrected" in answer.json()["detail"]
    store.remove("BTC/USDT", "1h", "demo")
    answer = await client.get(f"/api/runs/{run_id}/explain?bar=3")
    assert (answer.status_code, "cannot be computed again" in answer.json()["detail"]) == (409, True)


async def test_a_run_of_another_engine_is_not_computed_again(
    client: httpx.AsyncClient, run_id: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wickwork.analytics.manifest.engine_version", lambda: "9.9.9+000000000000")
    answer = await client.get(f"{url}/columns?wires=fast")
    assert (answer.status_code, "9.9.9" in answer.json()["detail"]) == (409, True)


async def test_the_run_is_read_as_json_and_report_compressed_or_not(
    client: httpx.AsyncClient, url: str, done: Run
) -> None:
    for name, begins in (("run.json", "{"), ("report.html", "<!doctype html")):
        texts = []
        for accepted in ("gzip", "gzip;q=0", "identity"):
            answer = await client.get(f"{url}/{name}", headers={"Accept-Encoding": accepted})
            assert answer.headers.get("content-encoding", "") == ("gzip" if accepted == "gzip" else "")
            texts.append(answer.text)
        assert texts[0] == texts[1] == texts[2]
        assert texts[0].lower().startswith(begins)
    whole = (await client.get(f"{url}/run.json")).json()
    assert whole["fills"] == done.to_data()["fills"]


async def test_tables_are_files(client: httpx.AsyncClient, url: str, done: Run) -> None:
    content = (await client.get(f"{url}/files/fills.parquet")).content
    assert pq.read_table(io.BytesIO(content)).num_rows == len(done.fills)
    rows = list(csv.DictReader(io.StringIO((await client.get(f"{url}/trades.csv")).text)))
    assert [float(one["gain"]) for one in rows] == done.trades["gain"].tolist()
    assert rows[0]["opened_at"].startswith("2024-01-")
    missing = await client.get(f"{url}/files/secrets.parquet")
    assert (missing.status_code, "fills.parquet" in missing.json()["detail"]) == (404, True)


async def test_a_long_csv_is_answered_in_pieces(
    client: httpx.AsyncClient, url: str, done: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = (await client.get(f"{url}/equity.csv")).text
    monkeypatch.setattr("wickwork.services.work.run_tables.ROWS_OF_PIECE", 100)
    assert (await client.get(f"{url}/equity.csv")).text == whole
    assert len(whole.splitlines()) == len(done.equity) + 1


async def test_cells_that_a_spreadsheet_would_compute_are_texts(client: httpx.AsyncClient, sweep_id: str) -> None:
    rows = list(csv.reader(io.StringIO((await client.get(f"/api/runs/{sweep_id}/combinations.csv")).text)))
    assert rows[0][0] == "'=cmd|'/c calc'!A0"
    assert [row[0] for row in rows[1:]] == ["'=1+1", "'-2", "'@x", "'+1", "plain"]
    assert [row[1] for row in rows[1:3]] == ["-1.5", ""]


@pytest.mark.parametrize(
    "part",
    ["trades", "orders", "fills", "exits", "denied", "notifications", "equity", "report.html", "run.json",
     "trades.csv", "files/trades.parquet"],
)  # fmt: skip
async def test_other_kinds_of_runs_lack_parts_and_say_so(client: httpx.AsyncClient, sweep_id: str, part: str) -> None:
    answer = await client.get(f"/api/runs/{sweep_id}/{part}")
    assert (answer.status_code, "This sweep has no" in answer.json()["detail"]) == (404, True)


async def test_other_kinds_of_runs_have_stats_and_are_not_computed_again(
    client: httpx.AsyncClient, sweep_id: str
) -> None:
    stats = {one["name"]: one for one in (await client.get(f"/api/runs/{sweep_id}/stats")).json()}
    assert (stats["sharpe"]["title"], stats["combinations"]["title"]) == ("Sharpe ratio", "combinations")
    for part in ("columns?wires=a", "explain?bar=1"):
        assert (await client.get(f"/api/runs/{sweep_id}/{part}")).status_code == 409


async def test_runs_are_compared_on_one_grid(
    client: httpx.AsyncClient, services: Services, cross: Any, run_id: str, sweep_id: str, done: Run
) -> None:
    other = await kept_run(services, {"graph": cross, **REQUEST, "start": "2024-02-01", "capital": 500.0})
    found = (
        await client.get("/api/runs/compare", params={"ids": f"{run_id},{other},{sweep_id}", "points": 100})
    ).json()
    assert [one["id"] for one in found["runs"]] == [run_id, other, sweep_id]
    sharpe = next(one for one in found["metrics"] if one["name"] == "sharpe")
    assert sharpe["values"][0] == done.stats["sharpe"]
    assert sharpe["values"][2] == 1.0
    first, second, none = found["equity"]
    assert len(found["times"]) == len(first) == len(second) == 100
    assert (first[-1], none) == (done.equity.iloc[-1], None)
    assert (second[0], second[-1] is not None) == (None, True)
    assert found["growth_percent"][0][-1] == pytest.approx(done.equity.iloc[-1] / 100 - 100)


@pytest.mark.parametrize("ids", ["", ",", "a,a", "nothing", ",".join(map(str, range(11)))])
async def test_comparisons_name_different_runs(client: httpx.AsyncClient, ids: str) -> None:
    assert (await client.get("/api/runs/compare", params={"ids": ids})).status_code in (404, 422)


async def test_runs_are_listed_by_kind_and_deleted(client: httpx.AsyncClient, run_id: str, sweep_id: str) -> None:
    listed = (await client.get("/api/runs", params={"kind": "sweep"})).json()["items"]
    assert [one["id"] for one in listed] == [sweep_id]
    assert (await client.get("/api/runs", params={"strategy": "none"})).json()["items"] == []
    assert (await client.delete(f"/api/runs/{run_id}")).status_code == 204
    assert (await client.get(f"/api/runs/{run_id}")).status_code == 404


async def test_a_run_of_another_user_is_not_there(client_of: ClientOf, url: str) -> None:
    other = await client_of("trader")
    parts = ["", "/stats", "/trades", "/equity", "/columns?wires=fast", "/explain?bar=1", "/report.html", "/trades.csv"]
    assert {(await other.get(url + part)).status_code for part in parts} == {404}
    assert (await other.delete(url)).status_code == 404
    assert (await other.get(f"/api/runs/compare?ids={url[-26:]}")).status_code == 404


@pytest.mark.parametrize(
    ("part", "status", "words"),
    [
        ("equity?from=9000000000000", 422, "no bars"),
        ("equity?from=1e999", 422, "from"),
        ("trades?after=99999999", 200, ""),
        ("columns?wires=nothing", 404, "nothing"),
        ("columns?wires=,", 422, "wires"),
        ("columns?wires=fast&from=5&to=4", 422, "no bars"),
        ("explain", 422, "bar"),
        ("explain?bar=99999999", 422, "99999999"),
        ("explain?time=5", 422, "no bar"),
        ("explain?bar=1&instrument=NOPE", 422, "NOPE"),
        ("%00.csv", 400, "NUL"),
    ],
)
async def test_what_is_wrong_is_named(client: httpx.AsyncClient, url: str, part: str, status: int, words: str) -> None:
    answer = await client.get(f"{url}/{part}")
    assert (answer.status_code, words in answer.text) == (status, True), answer.text


async def test_a_damaged_file_is_not_answered(client: httpx.AsyncClient, services: Services, url: str) -> None:
    for path in services.database.folder.glob("*/*"):
        path.write_bytes(gzip.compress(b"<p>other</p>"))
    for part in ("report.html", "files/fills.parquet", "fills", "fills.csv"):
        answer = await client.get(f"{url}/{part}")
        assert (answer.status_code, "damaged" in answer.text) == (500, True)
