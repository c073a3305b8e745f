"""Bars out of files: `read_bars` returns rows as they are, `load_bars` refuses faulty ones, `clean` leaves them out."""

from wickwork.market.sources.cleaning import clean
from wickwork.market.sources.importing import Imported, import_file, import_folder
from wickwork.market.sources.reading import NaiveTimes, UnfinishedBars, load_bars, read_bars

__all__ = [
    "Imported",
    "NaiveTimes",
    "UnfinishedBars",
    "clean",
    "import_file",
    "import_folder",
    "load_bars",
    "read_bars",
]
