"""Files of the store that someone or something has damaged: each is told, none is taken for bars."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from market_cases import make_bars

from wickwork.market.store import Store
from wickwork.model.errors import InputError, WickworkError


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "bars")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": 1}', b'{"format": 1, "base": 3}', b"\xff\xfe"])
def test_a_damaged_manifest_is_told(store: Store, content: bytes) -> None:
    store.append(make_bars(10))
    [manifest] = store.folder.rglob("manifest.json")
    manifest.write_bytes(content)
    with pytest.raises(InputError, match=r"manifest\.json is damaged"):
        store.load("BTC", "1h")


def test_a_manifest_of_the_future_is_told(store: Store) -> None:
    store.append(make_bars(10))
    [manifest] = store.folder.rglob("manifest.json")
    manifest.write_text(manifest.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(InputError, match="written by another version of Wickwork"):
        store.series()


def test_damaged_and_lost_files_are_told(store: Store) -> None:
    store.append(make_bars(4000))
    [file] = store.folder.rglob("*.parquet")
    sound = file.read_bytes()
    for content in (b"", sound[:-20], sound[: len(sound) // 2]):
        file.write_bytes(content)
        with pytest.raises(InputError, match=r"parquet is damaged .*; restore it from a copy, or remove the series"):
            store.load("BTC", "1h")
    flipped = bytearray(sound)
    flipped[1000] ^= 0xFF
    file.write_bytes(flipped)
    with pytest.raises(InputError, match="is damaged"):
        store.load("BTC", "1h")
    pq.write_table(pq.ParquetFile(make_file(store, sound)).read().slice(1), file)
    with pytest.raises(InputError, match="other columns or rows than its manifest says"):
        store.load("BTC", "1h")
    file.unlink()
    with pytest.raises(WickworkError, match="has lost a file of BTC/USDT 1h"):
        store.load("BTC", "1h")
    assert store.remove("BTC", "1h") == 4000


def make_file(store: Store, content: bytes) -> Path:
    path = store.folder / "copy"
    path.write_bytes(content)
    return path
