"""Names that PVE's jobs, their work and its endpoints share."""

BACKTEST, ANALYSIS = "pve_backtest", "pve_analysis"
"""The kinds of jobs."""
CHART_FILE, ANALYSIS_FILE = "pve_chart.json.gz", "pve_analysis.json.gz"
"""The files of a run that `get-backtest` and `get-analyzer-result` answer with."""
