"""The job that runs a sweep. It takes long, so the backtests of its owner go first."""

from __future__ import annotations

from wickwork.services.kinds.kind import Kind
from wickwork.services.kinds.recording import known, record

KIND = Kind("sweep", "wickwork.services.work.sweep:run", record, known, priority=-10)
