"""`wick sweep`: a strategy with every combination of some parameters."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wickwork.cli import options, output
from wickwork.cli.codes import INTERRUPTED
from wickwork.cli.setting import Setting, takes_setting

if TYPE_CHECKING:
    from wickwork.launch.markets import Market
    from wickwork.research.sweep import Sweep

_ANSWER = "Answer"
Values = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NODE.PARAM=VALUES", help="first:last:step, or a,b,c; one value is fixed."),
]
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
}
MOST = 1_000_000


def _option(flag: str, metavar: str, text: str) -> Any:
    return typer.Option(flag, metavar=metavar, help=text, rich_help_panel=_ANSWER)


@takes_setting(changes=Values)
def sweep(
    setting: Setting,
    where: Annotated[
        list[str] | None,
        typer.Option("--where", metavar="A<B", help="Leave out the rest: fast.period<slow.period; also <=, >, >=."),
    ] = None,
    by: Annotated[
        str, _option("--by", "FIGURE", "Ranked by sharpe, total_return, max_drawdown or win_rate.")
    ] = "sharpe",
    top: Annotated[int, typer.Option("--top", min=1, help="How many to show.", rich_help_panel=_ANSWER)] = 20,
    out: Annotated[Path | None, _option("--out", "FILE", "Write all combinations to a .csv or .parquet file.")] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="How many run at once (all processors).")
    ] = None,
    as_json: options.Json = False,
) -> int:
    """Try every combination of some parameters and rank them. The best of many is always partly luck."""
    from wickwork.cli.summary import SYNTHETIC
    from wickwork.model.errors import InputError
    from wickwork.research.sweep import SweepInterrupted, better_of
    from wickwork.research.sweep import sweep as run_sweep

    terms = setting.terms()
    if out is not None and out.suffix.lower() not in (".csv", ".parquet"):
        raise InputError(f"--out {out} must end in .csv or .parquet.")
    output.refuse_to_replace(out, "--out", setting.files)
    better_of(by)
    found = options.loaded(setting.file, setting.nodes, setting.strategy)
    given = _values(setting.changes or [], of_graph=found.frame_strategy is None)
    over = {name: values for name, values in given.items() if len(values) > 1}
    if not over:
        raise InputError(
            "Nothing varies; give several values, such as --set fast.period=5:50:5 or --set a.period=5,10."
        )
    found = found.with_params({name: values[0] for name, values in given.items()})
    found.check()
    market = setting.market(found)
    try:
        with _bar() as progress:
            result = run_sweep(
                found, market.bars, over, where=_where(where or []), finer=market.finer, terms=terms,
                funding=setting.funding_rates(market), mark_prices=setting.mark_series(market), workers=workers,
                progress=progress,
            )  # fmt: skip
    except SweepInterrupted as stop:
        result = stop.sweep
    ranking = result.ranking(by)[:top]
    if out is not None:
        _save(result, out)
    if as_json:
        output.write_json({
            "manifest": result.manifest, "tried": result.tried, "planned": result.planned,
            "luckiest_sharpe": result.luck, "by": by,
            "untraded": int((~result.traded).sum()), "untraded_values": result.untraded_values(),
            "combinations": [{"params": c.params, "stats": c.stats}
                             for c in (result.combination(int(i)) for i in ranking)],
        })  # fmt: skip
        return _end(result)
    output.say(f"{result.manifest['strategy']['name'] or 'A strategy'}, {result.tried:,} combinations", style="bold")
    if market.synthetic:
        output.say(SYNTHETIC, style="yellow")
    _show(result, market, terms, by, ranking.tolist())
    return _end(result)


def _end(result: Sweep) -> int:
    """The exit code; a sentence where Ctrl-C ended the sweep."""
    if result.tried == result.planned:
        return 0
    output.note(f"interrupted: the answer has {result.tried:,} of {result.planned:,} combinations.")
    return output.ReportedCode(INTERRUPTED)


def _show(result: Sweep, market: Market, terms: Any, by: str, ranking: list[int]) -> None:
    """Show the assumptions, the best combinations, and how much of their result may be luck."""
    from wickwork.analytics.metrics import describe
    from wickwork.analytics.run import show
    from wickwork.cli.summary import assumption_rows
    from wickwork.research.figures import FIGURES

    output.say()
    size = max(len(b) for b in market.bars)
    output.table(output.columns("", ""), assumption_rows(result.manifest, terms, market.bars[0].instrument, size))
    output.say()
    known = {one["name"]: one for one in describe()}
    heads = [known[name]["title"] for name in FIGURES]
    rows = []
    for place, number in enumerate(ranking, start=1):
        one = result.combination(number)
        rows.append([
            str(place),
            *map(output.plain, one.params.values()),
            *(show(one.stats[name], known[name]["unit"]) for name in FIGURES),
        ])  # fmt: skip
    if rows:
        names = list(result.space.axes)
        shown = output.columns("#", *names, *heads, right=("#", *names, *heads), spare=(heads[3], heads[4]))
        output.table(shown, rows, title=f"The best {len(rows)} by {known[by]['title']}, of {result.tried:,} tried")
    else:
        output.say(f"No combination has a {known[by]['title']}: there are too few bars, or nothing was traded.")
    idle = int((~result.traded).sum())
    if idle:
        output.say(f"{output.many(idle, 'combination')} traded nothing and rank last by every figure.", style="yellow")
        for name, values in result.untraded_values().items():
            output.say(f"  Nothing was traded with {name} = {', '.join(map(output.plain, values))}.")
    output.say()
    output.say(
        f"{result.tried:,} combinations were tried, so the best one is partly luck. Of as many unrelated strategies "
        f"without any edge the best would be expected to show a Sharpe ratio of {result.luck:.2f} over these "
        f"{result.years:.1f} years; look whether the neighbours of the best do well, too, and try it on other bars."
    )


def _values(texts: list[str], *, of_graph: bool = True) -> dict[str, list[Any]]:
    """The values of each parameter: a range `first:last:step`, a list `a,b,c`, or a single one."""
    from wickwork.model.errors import InputError

    result: dict[str, list[Any]] = {}
    for text in texts:
        key, equals, listed = text.partition("=")
        if not equals or not listed.strip():
            raise InputError(f"--set {text!r} names no values; write it as node.param=5:50:5 or node.param=5,10.")
        name = key.strip()
        if name in result:
            raise InputError(f"--set {name} is given twice; give all its values at once, as {name}=5,10.")
        values: list[Any] = []
        for part in listed.split(","):
            value = part.replace('"', "")
            values += (
                _range(text, part)
                if _is_range(part)
                else options.changes([f"{name}={value}"], of_graph=of_graph).values()
            )
        result[name] = values
    return result


def _is_range(part: str) -> bool:
    """Whether it is `first:last`, and neither an instrument (BTC/USDT:USDT) nor a time of day (08:30, "10:30")."""
    return ":" in part and not re.search(r'/|"|^\s*0\d:\d\d\s*$', part)


def _range(text: str, part: str) -> list[int | float]:
    """The numbers from first to last, both included."""
    from wickwork.model.errors import InputError

    try:
        first, last, *rest = (Decimal(one.strip()) for one in part.split(":"))
        step = rest[0] if rest else Decimal(1)
        fine = len(rest) < 2 and all(one.is_finite() for one in (first, last, step)) and step > 0 and first <= last
        steps = (last - first) / step if fine else Decimal(0)
    except (ArithmeticError, ValueError):  # no numbers, or exponents of many digits
        fine = False
    if not fine:
        raise InputError(f"--set {text!r}: a range is first:last:step, from the lower to the higher, such as 5:50:5.")
    if steps >= MOST:
        raise InputError(f"--set {text!r} means more than {MOST:,} values, which are too many; take a larger step.")
    numbers = [first + i * step for i in range(int(steps) + 1)]
    return [int(n) if n == n.to_integral_value() else float(n) for n in numbers]


def _where(texts: list[str]) -> Callable[[dict[str, Any]], bool] | None:
    """Comparisons that a combination must satisfy, all of them."""
    tests = [_comparison(text) for text in texts]
    return (lambda params: all(test(params) for test in tests)) if tests else None


def _comparison(text: str) -> Callable[[dict[str, Any]], bool]:
    from wickwork.model.errors import InputError

    sign = next((sign for sign in _COMPARE if sign in text), "")
    left, _, right = (side.strip() for side in text.partition(sign)) if sign else ("", "", "")
    if not left or not right:
        raise InputError(f"--where {text!r} compares nothing; write it as fast.period<slow.period.")

    def side(name: str, params: dict[str, Any]) -> float:
        try:
            return float(name)
        except ValueError:
            pass
        if name not in params:
            varied = ", ".join(params)
            raise InputError(f"--where {text!r}: {name} is not a number and does not vary; what varies: {varied}.")
        if isinstance(params[name], str):
            raise InputError(f"--where {text!r}: {name} is a choice; only numbers are compared.")
        return float(params[name])

    return lambda params: _COMPARE[sign](side(left, params), side(right, params))


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None] | None]:
    """A progress bar on a terminal, nothing elsewhere."""
    from wickwork.engine.compiling import is_warm

    if not (output.is_terminal() and sys.stderr.isatty()):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    text = "combinations" if is_warm() else "compiling the engine, once on this machine (some 10 seconds) …"
    looks = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(compact=True))
    with Progress(*looks, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(text, total=None)
        yield lambda done, of: shown.update(task, description="combinations", completed=done, total=of)


def _save(result: Sweep, path: Path) -> None:
    from wickwork.model.errors import InputError

    try:
        (result.to_csv if path.suffix.lower() == ".csv" else result.to_parquet)(path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}; choose another --out.") from None
