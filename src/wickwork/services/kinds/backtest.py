"""The job that runs a backtest."""

from __future__ import annotations

from wickwork.services.kinds.kind import Kind
from wickwork.services.kinds.recording import known, record

KIND = Kind("backtest", "wickwork.services.work.backtest:run", record, known)
