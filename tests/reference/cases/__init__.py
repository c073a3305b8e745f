"""Every hand-computed case; the arithmetic stands in the comments."""

from __future__ import annotations

from .asking import DENIALS, SIZES
from .brackets import BRACKETS, ENTRY_AND_EXIT_IN_ONE_BAR
from .costs import COSTS, ROUNDING
from .entries import MARKET_AND_LIMIT, STOP_LIMITS, STOPS
from .faults import FAULTS
from .funds import FUNDS, SHORT_AND_FLIP
from .grids import GRIDS
from .groups import OCO
from .instruments import FINER, SEVERAL
from .lifetime import LATENCY_CANCEL_MODIFY, REDUCE_ONLY, TIME_IN_FORCE
from .marks import MARK_PRICES
from .perpetuals import FUNDING, LIQUIDATION
from .rebalances import REBALANCES
from .targets import TARGETS
from .touched import MARKET_IF_TOUCHED
from .trailing import TRAILING
from .volume import VOLUME

CASES = [
    *MARKET_AND_LIMIT,
    *STOPS,
    *STOP_LIMITS,
    *BRACKETS,
    *ENTRY_AND_EXIT_IN_ONE_BAR,
    *TRAILING,
    *MARKET_IF_TOUCHED,
    *OCO,
    *TARGETS,
    *VOLUME,
    *TIME_IN_FORCE,
    *REDUCE_ONLY,
    *LATENCY_CANCEL_MODIFY,
    *FUNDS,
    *SHORT_AND_FLIP,
    *LIQUIDATION,
    *FUNDING,
    *MARK_PRICES,
    *ROUNDING,
    *COSTS,
    *SIZES,
    *DENIALS,
    *SEVERAL,
    *FINER,
    *GRIDS,
    *REBALANCES,
    *FAULTS,
]
