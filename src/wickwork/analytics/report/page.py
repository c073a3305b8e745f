"""The file: the built page with the data of a run put into it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from wickwork.analytics.report.data import page_data, plain_lines
from wickwork.analytics.result import Result
from wickwork.engine.replay import LateBars
from wickwork.model.errors import InputError
from wickwork.store.durable import replacing

PAGE = Path(__file__).with_name("page.html")
"""What `web/report` is built into; every release carries it."""
_BEGIN = b"<!doctype html"
TITLE, WORDS, DATA = "<!--report:title-->", "<!--report:words-->", "<!--report:data-->"


def write_report(run: Result, path: str | Path, wires: Sequence[str] = (), late: Sequence[LateBars] = ()) -> Path:
    """Write the report to a file and return its absolute path. The same run gives the same bytes.

    `late` are the bars that a run on paper did not take.

    Raises InputError where the file is there and no page, cannot be written, or the page has not been built, and
    NotFound for an unknown wire.
    """
    target = Path(path).expanduser().absolute()
    _refuse_other_files(target)
    text = report_text(run, wires, late)
    try:
        with replacing(target) as file:
            file.write(text.encode())
    except OSError as error:
        raise InputError(f"{target} cannot be written: {error.strerror or error}; choose another file.") from None
    return target


def _refuse_other_files(target: Path) -> None:
    """Refuse to replace a file that is no page: the bars, the strategy or the journal of the run, named by mistake."""
    try:
        if not target.is_file():
            return
        with target.open("rb") as file:
            begin = file.read(len(_BEGIN))
    except OSError as error:
        raise InputError(f"{target} cannot be written: {error.strerror or error}; choose another file.") from None
    if begin and begin.lower() != _BEGIN:
        raise InputError(f"{target} is there already and is no report; name another file for the report, or move it.")


def report_text(run: Result, wires: Sequence[str] = (), late: Sequence[LateBars] = ()) -> str:
    """The report as text."""
    template = built_page()
    data, packer = page_data(run, wires, late)
    words = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in plain_lines(data))
    title = escape(f"{data['title']} · {data['market']}")
    # Each piece replaces its mark in the template; inserted text is never searched for marks.
    front, _, rest = template.partition(TITLE)
    middle, _, rest = rest.partition(WORDS)
    before, _, after = rest.partition(DATA)
    return "".join((front, title, middle, words, before, packer.text(data), after))


def built_page(page: Path = PAGE) -> str:
    """The page without data."""
    try:
        text = page.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(
            "The page of the report is not built in this checkout; run `make page` (it needs Node 20 or newer and npm)."
        ) from None
    for mark in (TITLE, WORDS, DATA):
        if text.count(mark) != 1:
            raise InputError(f"The page of the report at {page} is damaged; run `make page` to build it again.")
    return text
