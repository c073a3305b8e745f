"""Names that PVE's jobs, their work and its endpoints share."""

BACKTEST, ANALYSIS = "pve_backtest", "pve_analysis"
"""The kinds of jobs."""
SUMMARY_FILE, CHART_FILE, ANALYSIS_FILE = "pve_summary.json.gz", "pve_chart.json.gz", "pve_analysis.json.gz"
"""The files of a run that `get-backtests`, `get-backtest` and `get-analyzer-result` answer with."""
