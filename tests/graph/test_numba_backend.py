"""What is used of numba's private parts does what it is used for, with the version that is installed."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import wickwork
from wickwork.graph import native, numba_backend
from wickwork.graph.native import floats, integers, invoke
from wickwork.graph.types import Intent

ROOT = Path(wickwork.__file__).parent
compiled_only = pytest.mark.skipif(not native.COMPILED, reason="compiling is switched off")


def run(function: Any, floats_out: int, a: int = 0, b: int = 0) -> list[float]:
    out = np.full(floats_out, -1.0)
    invoke(native.native(function, 3), out.ctypes.data, a, b)
    return out.tolist()


def numba_modules(file: Path) -> set[str]:
    """The modules of numba that a file imports."""
    found = {
        node.module or "" for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)
    }
    return {name for name in found if name.partition(".")[0] == "numba"}


def test_private_parts_are_in_one_file() -> None:
    others = {file.name: numba_modules(file) for file in ROOT.rglob("*.py") if file.name != "numba_backend.py"}
    assert {name: found for name, found in others.items() if found} == {"simd.py": {"numba", "numba.extending"}}
    assert numba_modules(ROOT / "graph" / "numba_backend.py") > {"numba", "numba.extending"}


class Half(NamedTuple):
    """Some fields have a default."""

    first: float
    second: float = 0.5
    third: int = 3


def some_by_name(out: int, up: int, _: int) -> None:
    y = floats(out)
    intent = Intent(verb=5, kind=2, size=7) if up else Intent(5, side=-1)
    half = Half(first=y[0], third=9)
    y[0], y[1], y[2], y[3] = intent.verb, intent.kind, intent.side, intent.size
    y[4], y[5], y[6] = intent.limit, intent.target, intent.levels
    y[7], y[8], y[9] = half.first, half.second, half.third


@pytest.mark.parametrize("up", [0, 1])
def test_a_named_tuple_is_built_by_name(up: int) -> None:
    plain = np.full(10, -1.0)
    some_by_name(plain.ctypes.data, up, 0)
    np.testing.assert_array_equal(run(some_by_name, 10, up), plain)
    assert plain[0] == 5.0
    assert plain[8] == 0.5


def all_by_name(out: int, _: int, __: int) -> None:
    intent = Intent(
        verb=1, kind=2, side=3, size_as=4, size=5.0, limit=6.0, stop=7.0, trail_as=8, trail=9.0, stop_loss_as=10,
        stop_loss=11.0, take_profit_as=12, take_profit=13.0, leg_trail_as=14, leg_trail=15.0, add=16, reduce_only=17,
        post_only=18, time_in_force=19, good_for=20, oco=21, legs=22, target=23, levels=24, lower=25.0, upper=26.0,
        trail_after_as=27, trail_after=28.0, take_profit_share=29.0, take_profit_2_as=30, take_profit_2=31.0,
        take_profit_2_share=32.0, take_profit_3_as=33, take_profit_3=34.0, take_profit_3_share=35.0,
        take_profit_4_as=36, take_profit_4=37.0, take_profit_4_share=38.0,
    )  # fmt: skip
    floats(out)[0], floats(out)[1] = intent.verb, intent.upper


def test_so_is_one_with_every_field_named() -> None:
    assert run(all_by_name, 2) == [1.0, 26.0]


def scaled(x: float, *, by: float = 4.0) -> float:
    return x * by


def with_default(out: int, _: int, __: int) -> None:
    floats(out)[0], floats(out)[1] = scaled(2.0), scaled(2.0, by=5.0)


def test_a_keyword_only_parameter_of_a_helper_may_be_left_out() -> None:
    assert run(with_default, 2) == [8.0, 10.0]


@compiled_only
def test_machine_code_survives_as_bytes() -> None:
    function = native._with_natives(with_default, "survives")  # type: ignore[arg-type]
    content = numba_backend.compile_c_function(function, 3).to_bytes()
    assert content is not None
    again = numba_backend.from_bytes(native._twin(with_default, {}, "survives"), 3, content)  # type: ignore[arg-type]
    out = np.zeros(2)
    invoke(again.address, out.ctypes.data, 0, 0)
    assert out.tolist() == [8.0, 10.0]


@compiled_only
def test_a_constant_makes_no_specialization_of_its_own() -> None:
    part = numba_backend.part(native._with_natives(scaled, "once"))  # type: ignore[arg-type]

    def calls(out: int, _: int, __: int) -> None:
        floats(out)[0] = part(1.0, by=2.0) + part(2.0, by=3.0) + part(float(integers(out)[0]), by=4.0)

    calls.__globals__["floats"] = native._intrinsics()[floats]
    calls.__globals__["integers"] = native._intrinsics()[integers]
    try:
        numba_backend.compile_c_function(calls, 3)  # type: ignore[arg-type]
    finally:
        calls.__globals__["floats"], calls.__globals__["integers"] = floats, integers
    assert len(part.signatures) == 1


@compiled_only
def test_finding_a_plain_function_does_not_import_numba() -> None:
    text = "import sys; from wickwork.graph.identity import identity; identity(len); assert 'numba' not in sys.modules"
    subprocess.run([sys.executable, "-c", text], check=True)  # noqa: S603


@compiled_only
def test_a_mark_counts_although_the_function_was_called_before() -> None:
    def third(value: float) -> float:
        return value / 3.0

    before = native._native_value(third)
    native.force_inline(third)
    marked = native._native_value(third)
    assert (before.targetoptions["forceinline"], marked.targetoptions["forceinline"]) == (False, True)
