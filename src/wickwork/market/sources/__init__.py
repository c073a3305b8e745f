"""Bars out of files: `read_bars` takes rows as they are, `load_bars` insists on sound ones, `clean` mends."""

from wickwork.market.sources.importing import Imported, import_file, import_folder
from wickwork.market.sources.mending import clean
from wickwork.market.sources.reading import NaiveTimes, load_bars, read_bars

__all__ = ["Imported", "NaiveTimes", "clean", "import_file", "import_folder", "load_bars", "read_bars"]
