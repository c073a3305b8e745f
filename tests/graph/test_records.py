"""Records declared as classes: compiled and uncompiled code see the same memory, and mypy sees the fields."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from wickwork.graph import native
from wickwork.graph.native import invoke, record, records
from wickwork.graph.records import Record, record_type

SOURCE = Path(__file__).parents[2] / "src"


class Held(Record):
    quantity: float
    trip: int


class Toy(Held):
    size: int  # a name that numpy's own records hide
    data: float


def double(one: Toy) -> None:
    one.quantity, one.trip = 2.0 * one.quantity, 2 * one.trip


def work(address: int, first: int, second: int) -> None:
    toys = records(address, Toy)
    double(toys[first])
    toys[second].size = toys[first].trip + 1
    record(address, Toy).data = toys[first].quantity / 4.0


def test_a_class_gives_the_dtype_and_its_base_comes_first() -> None:
    kind = record_type(Toy)
    assert kind.names == ("quantity", "trip", "size", "data")
    assert [kind[name].str[1:] for name in kind.names] == ["f8", "i8", "i8", "f8"]
    assert kind.itemsize == 32


def test_compiled_and_plain_python_write_the_same() -> None:
    first = np.array([(1.5, 2, 3, 4.0), (5.0, 6, 7, 8.0), (9.0, 10, 11, 12.0)], record_type(Toy))
    second = first.copy()
    invoke(native.native(work, 3), first.ctypes.data, 1, 2)
    work(second.ctypes.data, 1, 2)
    assert first.tobytes() == second.tobytes()
    assert first[1].tolist() == (10.0, 12, 7, 8.0)
    assert (first[2]["size"], first[0]["data"]) == (13, 2.5)


def test_uncompiled_an_unknown_field_is_an_error() -> None:
    toys = np.zeros(1, record_type(Toy))
    one = record(toys.ctypes.data, Toy)
    with pytest.raises(AttributeError):
        one.quantitty = 1.0  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        one.quantitty  # type: ignore[attr-defined]  # noqa: B018


def test_a_field_of_another_type_or_with_a_default_is_refused() -> None:
    class Text(Record):
        name: str

    class Started(Record):
        count: int = 3

    for kind, reason in ((Text, "must be annotated as float, int or Int32"), (Started, "must not have a default")):
        with pytest.raises(TypeError, match=reason):
            record_type(kind)
    with pytest.raises(TypeError, match="Toy declares a record"):
        Toy()


def test_a_changed_field_changes_the_identity_of_code_that_reads_it() -> None:
    def made(fields: str) -> str:
        names = {"Record": Record, "record": record, "__name__": __name__}
        exec(f"class Own(Record):\n {fields}\ndef step(address): return record(address, Own).a", names)  # noqa: S102
        return native.fingerprint(names["step"])

    assert made("a: float") == made("a: float")
    assert len({made("a: float"), made("a: int"), made("b: float; a: float")}) == 3


def lines_refused(tmp_path: Path, text: str) -> list[int]:
    """The numbers of the lines of that text in which mypy finds an error."""
    file, settings = tmp_path / "toy.py", tmp_path / "mypy.ini"
    settings.write_text("[mypy]\nstrict = true\n[mypy-numpy.*]\nfollow_imports = skip\nignore_missing_imports = true\n")
    file.write_text(text)
    command = [sys.executable, "-m", "mypy", "--config-file", str(settings), "--cache-dir", str(tmp_path), str(file)]
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, env={**os.environ, "MYPYPATH": str(SOURCE)}, check=False
    )
    lines = [line.partition("toy.py:")[2].partition(":")[0] for line in done.stdout.splitlines() if "toy.py:" in line]
    assert lines, done.stdout + done.stderr
    return sorted({int(line) for line in lines})


def test_mypy_finds_a_misspelt_field(tmp_path: Path) -> None:
    text = (
        "from wickwork.graph.records import Record, record, records\n"
        "class Lane(Record):\n    quantity: float\n    count: int\n"
        "def right(a: int) -> float:\n    record(a, Lane).count = 1\n    return records(a, Lane)[2].quantity\n"
        "def reads(a: int) -> float:\n    return records(a, Lane)[2].quantitty\n"
        "def writes(a: int) -> None:\n    record(a, Lane).quantitty = 1.0\n"
        "def mixes(a: int) -> None:\n    record(a, Lane).count = 0.5\n"
    )
    assert lines_refused(tmp_path, text) == [9, 11, 13]


def test_mypy_finds_a_misspelt_field_of_every_record_of_a_run(tmp_path: Path) -> None:
    right = (
        "ctx.lane.quantity",
        "ctx.account.net_cash",
        "ctx.terms.half_spread",
        "ctx.frame.lane_count",
        "order_at(ctx, 0).remaining",
        "records(ctx.frame.cursors, Cursor)[0].window",
        "records(ctx.frame.fills, Fill)[0].price",
        "records(ctx.frame.closed_orders, ClosedOrder)[0].reason",
        "records(ctx.frame.round_trips, RoundTrip)[0].gain",
        "records(ctx.frame.denied, Denied)[0].reason",
    )
    wrong = ["ctx.lane.quantitty", *(f"{one}s" for one in right)]
    text = (
        "from wickwork.graph.native import records\n"
        "from wickwork.orders.frame import Context, Cursor\n"
        "from wickwork.orders.outputs import ClosedOrder, Denied, Fill, RoundTrip\n"
        "from wickwork.orders.table import order_at\n"
        "def read(ctx: Context) -> None:\n"
    )
    text += "".join(f"    {one}\n" for one in (*right, *wrong))
    first = 6 + len(right)
    assert lines_refused(tmp_path, text) == list(range(first, first + len(wrong)))
