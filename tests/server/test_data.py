from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from tests.market.exchange_server import HOUR, Exchange, serving
from tests.server.conftest import ClientOf
from wickwork.context import Context
from wickwork.market.demo import demo_bars
from wickwork.market.store import Store
from wickwork.model.bars import COLUMNS, Bars
from wickwork.model.errors import Refused
from wickwork.model.moments import moment_of
from wickwork.services import data
from wickwork.services.access import Caller, scopes_of
from wickwork.services.core import Services, uploads_of
from wickwork.services.work.download import ADDRESS
from wickwork.store.database.tables import AuditEntry

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
BEGIN, END = moment_of("2024-01-01"), moment_of("2024-01-11")
BTC = {"instrument": "BTC/USDT", "timeframe": "1h", "venue": "kraken"}


@pytest.fixture
async def client(client_of: ClientOf) -> httpx.AsyncClient:
    return await client_of("trader")


@pytest.fixture
async def admin(client_of: ClientOf) -> httpx.AsyncClient:
    return await client_of("admin")


@pytest.fixture
def store(services: Services) -> Store:
    return Context(services.home).store


@pytest.fixture
def stored(store: Store) -> Bars:
    """Ten days of hours with a gap of five and a correction of the first bar."""
    bars = demo_bars("BTC/USDT", "1h", BEGIN, END)
    bars = replace(bars, instrument=replace(bars.instrument, venue="kraken"))
    store.append(bars.slice(0, 100))
    store.append(bars.slice(105, len(bars)))
    close = bars.close.copy()
    close[0] = bars.low[0]
    store.append(replace(bars, close=close).slice(0, 1), seen_at=END)
    return bars


@pytest.fixture
def exchange(monkeypatch: pytest.MonkeyPatch) -> Iterator[Exchange]:
    made = Exchange()
    with serving(made) as address:
        monkeypatch.setenv(ADDRESS, address)
        yield made


async def finished(client: httpx.AsyncClient, job: Any) -> Any:
    while job["state"] in ("queued", "running"):
        job = (await client.get(f"/api/jobs/{job['id']}")).json()
    return job


def as_csv(bars: Bars) -> bytes:
    lines = ["time,open,high,low,close,volume"]
    columns = (getattr(bars, name).tolist() for name in ("opened_at", *COLUMNS))
    lines += [",".join(map(repr, row)) for row in zip(*columns, strict=True)]
    return "\n".join(lines).encode()


async def uploaded(client: httpx.AsyncClient, name: str, content: bytes, **fields: str) -> httpx.Response:
    return await client.post("/api/data/uploads", files={"file": (name, content)}, data=fields)


async def audited(services: Services) -> list[str]:
    async with services.database.reading() as session:
        return list(await session.scalars(select(AuditEntry.action)))


@pytest.mark.usefixtures("stored")
async def test_series_are_listed_with_what_is_missing(client: httpx.AsyncClient) -> None:
    items = (await client.get("/api/data")).json()["items"]
    assert items[0] == {
        "venue": "kraken", "instrument": "BTC/USDT", "kind": "spot", "timeframe": "1h", "synthetic": False,
        "bars": 235, "first": BEGIN, "last": END - HOUR, "missing": 5,
    }  # fmt: skip
    demo = [one for one in items if one["synthetic"]]
    assert {"BTC/USDT", "BTC/USDT:USDT"} <= {one["instrument"] for one in demo}
    assert len(demo) == len(items) - 1


@pytest.mark.usefixtures("stored")
async def test_a_series_is_checked(client: httpx.AsyncClient) -> None:
    found = (await client.get("/api/data/series", params=BTC)).json()
    assert [(one["first"], one["count"]) for one in found["gaps"]] == [(BEGIN + 100 * HOUR, 5)]
    assert (found["valid"], found["missing"]) == (True, 5)
    demo = (await client.get("/api/data/series", params={**BTC, "venue": "", "timeframe": "1d", "data": "demo"})).json()
    assert (demo["synthetic"], demo["gaps"]) == (True, [])


async def test_corrections_are_listed_and_accepted_by_an_admin(
    client: httpx.AsyncClient, admin: httpx.AsyncClient, store: Store, stored: Bars, services: Services
) -> None:
    found = (await client.get("/api/data/corrections", params=BTC)).json()
    assert [(one["opened_at"], one["accepted"]) for one in found["items"]] == [(BEGIN, False)]
    assert (await client.post("/api/data/corrections/accept", json=BTC)).status_code == 403
    wrong = await admin.post("/api/data/corrections/accept", json={**BTC, "opened_at": [BEGIN + HOUR]})
    assert wrong.status_code == 404
    done = await admin.post("/api/data/corrections/accept", json={**BTC, "opened_at": [BEGIN]})
    assert done.json() == {"accepted": 1}
    assert store.load("BTC/USDT", "1h", venue="kraken").close[0] == stored.low[0]
    assert (await admin.post("/api/data/corrections/accept", json=BTC)).json() == {"accepted": 0}
    assert "data.accept" in await audited(services)


@pytest.mark.usefixtures("stored")
async def test_a_series_is_deleted_by_an_admin(
    client: httpx.AsyncClient, admin: httpx.AsyncClient, store: Store, services: Services
) -> None:
    assert (await client.delete("/api/data/series", params=BTC)).status_code == 403
    assert (await admin.delete("/api/data/series", params=BTC)).json()["removed"] == 235
    assert (store.series(), "data.delete" in await audited(services)) == ([], True)
    assert (await admin.delete("/api/data/series", params=BTC)).status_code == 404


@pytest.mark.usefixtures("runner")
@pytest.mark.parametrize(
    "name", ["Kraken_BTCUSDT_1h.csv", "../../Kraken_BTCUSDT_1h.csv", "C:\\x\\Kraken_BTCUSDT_1h.csv"]
)
async def test_an_uploaded_file_is_imported(
    client: httpx.AsyncClient, store: Store, services: Services, name: str
) -> None:
    bars = demo_bars("BTC/USDT", "1h", BEGIN, END)
    content = as_csv(bars) + b"\n1704067200000,-1,2,3,4,5"
    answer = await uploaded(client, name, content)
    assert answer.status_code == 202, answer.text
    job = await finished(client, answer.json())
    result = job["result"]
    assert (result["added"], result["venue"], result["timeframe"]) == (240, "kraken", "1h"), job
    assert [one["kind"] for one in result["findings"]] != []
    assert store.load("BTC/USDT", "1h", venue="kraken").close.tolist() == bars.close.tolist()
    assert (list(uploads_of(services.home).iterdir()), "data.import" in await audited(services)) == ([], True)


@pytest.mark.usefixtures("runner")
async def test_fields_say_what_the_file_does_not(client: httpx.AsyncClient, store: Store) -> None:
    bars = demo_bars("BTC/USDT", "1h", BEGIN, END)
    sink = io.BytesIO()
    times = pa.array(bars.opened_at, pa.timestamp("ms"))
    pq.write_table(pa.table({"time": times, **{name: getattr(bars, name) for name in COLUMNS}}), sink)
    fields = {"instrument": "ETH/USDT", "venue": "OKX", "timeframe": "1h"}
    job = await finished(client, (await uploaded(client, "x.parquet", sink.getvalue(), **fields)).json())
    assert job["result"]["times_without_zone"] is True, job
    assert [(one.venue, str(one.instrument)) for one in store.series()] == [("okx", "ETH/USDT")]


def zipped(name: str, content: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return sink.getvalue()


@pytest.mark.usefixtures("runner")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("BTCUSDT_1h.csv", b""),
        ("BTCUSDT_1h.csv", b"\x00" * 1000),
        ("BTCUSDT_1h.csv", b"time,open,high,low,close,volume\n1,2"),
        ("BTCUSDT_1h.parquet", b"PAR1"),
        ("BTCUSDT_1h.feather", b"ARROW1\0\0"),
        ("BTCUSDT_1h.json", b"[" * 100_000),
        ("BTCUSDT_1h.csv.gz", gzip.compress(b"0" * 30_000_000)),
        ("BTCUSDT_1h.zip", zipped("../../x.csv", b"0" * 30_000_000)),
        ("BTCUSDT_1h.zip", b"PK\x03\x04"),
    ],
)
async def test_what_cannot_be_imported_says_why(
    client: httpx.AsyncClient, services: Services, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes
) -> None:
    job = await finished(client, (await uploaded(client, name, content)).json())
    assert (job["state"], str(services.home) in job["error"]) == ("failed", False), job
    assert "fault of Wickwork" not in job["error"]
    assert list(uploads_of(services.home).iterdir()) == []


@pytest.mark.usefixtures("runner")
async def test_a_file_that_unpacks_to_too_much_is_refused(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wickwork.services.work.import_bars.MOST_MEMORY", 60_000_000)
    bomb = gzip.compress(b"1704067200000,1,2,1,1,5\n" * 6_000_000)
    job = await finished(client, (await uploaded(client, "BTCUSDT_1h.csv.gz", bomb)).json())
    assert (job["state"], "memory" in job["error"]) == ("failed", True), job["error"]


@pytest.mark.parametrize(
    ("name", "fields", "words"),
    [
        ("notes.txt.exe", {}, "ending"),
        (".csv", {}, "BTCUSDT_1h.csv"),
        ("x" * 200 + ".csv", {}, "name"),
        ("x.csv", {"timeframe": "7q"}, "7q"),
        ("x.csv", {"instrument": "?"}, "instrument"),
        ("x.csv", {"other": "1"}, "other"),
        ("x.csv", {"venue": "v" * 200}, "venue"),
    ],
)
async def test_wrong_uploads_are_refused(client: httpx.AsyncClient, name: str, fields: Any, words: str) -> None:
    answer = await uploaded(client, name, b"x", **fields)
    assert (answer.status_code, words in answer.json()["detail"]) == (422, True), answer.text


async def test_uploads_are_forms_with_a_file(client: httpx.AsyncClient, client_of: ClientOf) -> None:
    for given in ({"json": {"file": "x"}}, {"data": {"file": "x"}}, {"files": {"other": ("x.csv", b"")}}, {}):
        assert (await client.post("/api/data/uploads", **given)).status_code == 422
    broken = {"content": b"nothing", "headers": {"content-type": "multipart/form-data"}}
    assert (await client.post("/api/data/uploads", **broken)).status_code == 400
    for part in (b'name="file"; filename="\xff.csv"\r\n\r\nx', b'name="venue"\r\n\r\n\xff\x00'):
        content = b"--b\r\nContent-Disposition: form-data; " + part + b"\r\n--b--\r\n"
        headers = {"content-type": "multipart/form-data; boundary=b"}
        odd = await client.post("/api/data/uploads", content=content, headers=headers)
        assert odd.status_code in (202, 400, 422), odd.text
    for role, status in (("viewer", 403), ("", 401)):
        assert (await uploaded(await client_of(role), "BTCUSDT_1h.csv", b"x")).status_code == status


@pytest.mark.usefixtures("runner")
async def test_bars_are_downloaded(
    client: httpx.AsyncClient, exchange: Exchange, store: Store, services: Services
) -> None:
    wanted = {"venue": "Binance", "instruments": ["BTC/USDT", "ETHUSDT"], "start": "2024-01-01", "end": "2024-01-03"}
    answer = await client.post("/api/data/downloads", json=wanted)
    assert answer.status_code == 202, answer.text
    job = await finished(client, answer.json())
    assert [one["added"] for one in job["result"]["series"]] == [48, 48], job
    assert [one.rows for one in store.series()] == [48, 48]
    asked = len(exchange.log)
    again = await finished(client, (await client.post("/api/data/downloads", json={**wanted, "start": None})).json())
    assert [one["added"] for one in again["result"]["series"]] == [0, 0]
    assert not [path for path, _ in exchange.log[asked:] if "klines" in path]
    assert "data.download" in await audited(services)


@pytest.mark.usefixtures("runner", "exchange")
async def test_a_download_of_some_series_says_which_failed(client: httpx.AsyncClient) -> None:
    wanted = {"venue": "binance", "instruments": ["NOPE/USDT", "BTC/USDT"], "start": "2024-01-01", "end": "2024-01-02"}
    job = await finished(client, (await client.post("/api/data/downloads", json=wanted)).json())
    assert [(one["added"], bool(one["error"])) for one in job["result"]["series"]] == [(0, True), (24, False)]
    alone = {**wanted, "instruments": ["NOPE/USDT"]}
    job = await finished(client, (await client.post("/api/data/downloads", json=alone)).json())
    assert (job["state"], "NOPE" in job["error"]) == ("failed", True)
    unknown = {"venue": "binance", "instruments": ["ETH/USDT"]}
    job = await finished(client, (await client.post("/api/data/downloads", json=unknown)).json())
    assert (job["state"], "give `start`" in job["error"]) == ("failed", True)


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"venue": "nowhere"}, 404, "binance"),
        ({"venue": ""}, 422, "venue"),
        ({"instruments": []}, 422, "instruments"),
        ({"instruments": ["?"]}, 422, "?"),
        ({"instruments": ["KRAKEN:BTC/USDT"]}, 422, "kraken"),
        ({"timeframe": "7q"}, 422, "7q"),
        ({"start": "soon"}, 422, "soon"),
        ({"start": "2999-01-01"}, 422, "start"),
        ({"end": "2020-01-01"}, 422, "start"),
        ({"address": "http://169.254.169.254"}, 422, "address"),
    ],
)
async def test_wrong_downloads_are_refused(client: httpx.AsyncClient, change: Any, status: int, words: str) -> None:
    wanted = {"venue": "binance", "instruments": ["BTC/USDT"], "start": "2024-01-01"} | change
    answer = await client.post("/api/data/downloads", json=wanted)
    assert (answer.status_code, words in answer.json()["detail"]) == (status, True), answer.text


async def test_who_may_only_run_changes_nothing_that_is_stored(services: Services) -> None:
    caller = Caller("x", "x", "trader", scopes_of("trader"), "local")
    for change in (data.accept, data.remove):
        with pytest.raises(Refused):
            await change(services, caller, BTC)


async def test_exchanges_are_those_of_the_command(client: httpx.AsyncClient) -> None:
    found = (await client.get("/api/data/exchanges")).json()
    assert [one["name"] for one in found] == ["binance", "bybit", "kucoin"]


@pytest.mark.parametrize("part", ["series", "corrections"])
@pytest.mark.parametrize("change", [{"instrument": "NOPE/USDT"}, {"timeframe": "5m"}, {"venue": "okx"}])
@pytest.mark.usefixtures("stored")
async def test_a_series_that_there_is_not_is_named(client: httpx.AsyncClient, part: str, change: Any) -> None:
    answer = await client.get(f"/api/data/{part}", params=BTC | change)
    assert (answer.status_code, "store has" in answer.json()["detail"]) == (404, True), answer.text
