"""One configuration in the three formats."""

import json
from pathlib import Path

YAML = """\
version: 1
start: 2024-01-01
end: 2024-03-01T12:00
capital: 5_000
data_feeds:
  - {name: market, type: demo, symbols: [BTCUSDT, ETHUSDT]}
strategies:
  - name: trend
    handler: ema_cross.json
    symbol: BTCUSDT
    timeframe: 1h
    parameters: {fast.period: 10, limit: 1e-4, word: yes, on_at: 12:30}
  - name: burst
    handler: strategies.bursts:MomentumBurstStrategy
    symbols: [BTCUSDT, ETH/USDT]
    timeframes: [1h, 240]
    enabled: false
costs:
  fee_pct: 0.05
  instruments:
    BTCUSDT: {taker_fee_pct: 0.04%, maintenance_tiers: [[0, 0.004], [50000, 0.005, 50]]}
schedule: {speed: max}
""".replace("5_000", "5000")

TOML = """\
version = 1
start = 2024-01-01
end = 2024-03-01T12:00:00
capital = 5_000

[[data_feeds]]
name = "market"
type = "demo"
symbols = ["BTCUSDT", "ETHUSDT"]

[[strategies]]
name = "trend"
handler = "ema_cross.json"
symbol = "BTCUSDT"
timeframe = "1h"
parameters = { "fast.period" = 10, limit = 1e-4, word = "yes", on_at = "12:30" }

[[strategies]]
name = "burst"
handler = "strategies.bursts:MomentumBurstStrategy"
symbols = ["BTCUSDT", "ETH/USDT"]
timeframes = ["1h", 240]
enabled = false

[costs]
fee_pct = 0.05

[costs.instruments.BTCUSDT]
taker_fee_pct = "0.04%"
maintenance_tiers = [[0, 0.004], [50000, 0.005, 50]]

[schedule]
speed = "max"
"""

JSON = json.dumps(
    {
        "version": 1,
        "start": "2024-01-01",
        "end": "2024-03-01T12:00",
        "capital": 5000,
        "data_feeds": [{"name": "market", "type": "demo", "symbols": ["BTCUSDT", "ETHUSDT"]}],
        "strategies": [
            {
                "name": "trend",
                "handler": "ema_cross.json",
                "symbol": "BTCUSDT",
                "timeframe": "1h",
                "parameters": {"fast.period": 10, "limit": 1e-4, "word": "yes", "on_at": "12:30"},
            },
            {
                "name": "burst",
                "handler": "strategies.bursts:MomentumBurstStrategy",
                "symbols": ["BTCUSDT", "ETH/USDT"],
                "timeframes": ["1h", 240],
                "enabled": False,
            },
        ],
        "costs": {
            "fee_pct": 0.05,
            "instruments": {
                "BTCUSDT": {"taker_fee_pct": "0.04%", "maintenance_tiers": [[0, 0.004], [50000, 0.005, 50]]}
            },
        },
        "schedule": {"speed": "max"},
    },
    indent=1,
)
TEXTS = {".yaml": YAML, ".toml": TOML, ".json": JSON}


def written(folder: Path, text: str, ending: str = ".toml") -> Path:
    path = folder / f"config{ending}"
    path.write_text(text, encoding="utf-8")
    return path
