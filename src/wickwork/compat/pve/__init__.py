"""PVE, the Platform Visual Engine: its LiteGraph files become graphs, and graphs become such files again.

`import_litegraph` gives the graph with a report of what it changed and why; docs/coming-from-pve.md introduces both.
"""

from wickwork.compat.pve.exporting import Exported, export_litegraph
from wickwork.compat.pve.importing import Imported, import_litegraph
from wickwork.compat.pve.report import Line, Report

__all__ = ["Exported", "Imported", "Line", "Report", "export_litegraph", "import_litegraph"]
