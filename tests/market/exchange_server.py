"""Binance, Bybit and KuCoin on a port of this machine: their paths, parameters, pages, limits, answers and faults.

What it serves is made up, but the same for the same instrument and time. Every request is logged, and a script tells
which requests meet a fault. `python exchange_server.py PORT` runs it alone.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
WEEK = 7 * DAY
LISTED = 1_600_000_000_000 // DAY * DAY  # 2020-09-13
MULTIPLIER = 0.001  # base units of a contract of KuCoin
COINS = {"BTC": LISTED, "ETH": LISTED, "NEW": 1_700_000_000_000 // DAY * DAY}  # NEW since 2023-11-14
LETTERS = {"s": 1000, "m": MINUTE, "h": HOUR, "d": DAY, "w": WEEK}
BYBIT = {"1": MINUTE, "5": 5 * MINUTE, "15": 15 * MINUTE, "60": HOUR, "240": 4 * HOUR, "D": DAY, "W": WEEK}
KUCOIN = {"1min": MINUTE, "5min": 5 * MINUTE, "15min": 15 * MINUTE, "1hour": HOUR, "4hour": 4 * HOUR, "1day": DAY}
KUCOIN_INVERSE = {"symbol": "XBTUSDM", "quoteCurrency": "USD", "settleCurrency": "XBT", "isInverse": True}
Row = tuple[int, float, float, float, float, float]


def bar(coin: str, when: int, step: int) -> Row:
    """Opening time, open, high, low, close, volume."""
    seed = (when // 1000 * 2_654_435_761 + step + sum(coin.encode()) * 97) % 2**32

    def luck(n: int) -> float:
        return ((seed >> n) & 255) / 256

    opened, closed = round(100 + 10 * luck(0), 2), round(100 + 10 * luck(8), 2)
    high, low = round(max(opened, closed) + luck(16), 2), round(min(opened, closed) - luck(24), 2)
    return when, opened, high, low, closed, round(1 + 50 * luck(4), 3)


@dataclass
class Exchange:
    """The state of the server; tests change it and read the log.

    `faults` holds, for `time`, `info`, `klines` and `funding`, what the next requests meet: None, or the name of a
    fault.
    """

    now: Callable[[], int] = lambda: int(time.time() * 1000)
    holes: list[tuple[int, int]] = field(default_factory=list)
    faults: dict[str, deque[str | None]] = field(default_factory=lambda: defaultdict(deque))
    log: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    headers: set[str] = field(default_factory=set)
    """The names of all headers that ever came."""
    least_gap: int = 0
    """Requests for bars that follow the one before in less than so many ms are refused."""
    delay: float = 0.0
    """Seconds that each page of bars takes."""
    cut: Callable[[list[Any]], list[Any]] | None = None
    """What an answer with bars is cut down to, in the order in which the exchange sends its rows."""
    last: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def rows(self, coin: str, step: int, start: int, stop: int) -> list[Row]:
        """The bars that open in a span, without those that the exchange does not have; the last may still grow."""
        origin = 4 * DAY if step == WEEK else 0
        first = -(-(max(start, COINS[coin] - step + 1) - origin) // step) * step + origin
        opens = range(first, min(stop, self.now() + 1), step)
        return [bar(coin, t, step) for t in opens if not any(a <= t and t + step <= b for a, b in self.holes)]

    def asked(self) -> list[tuple[int, int]]:
        """The spans (ms; both ends inclusive as sent) of the requests for bars, in order."""
        spans = []
        for path, q in self.log:
            if "kline" in path:
                keys = [("startTime", "endTime"), ("start", "end"), ("from", "to")]
                spans += [(int(q[a]), int(q[b])) for a, b in keys if a in q]
            elif "candles" in path:
                spans.append((int(q["startAt"]) * 1000, int(q["endAt"]) * 1000))
        return spans

    def asked_funding(self) -> list[tuple[int, int]]:
        """The spans (ms, both ends inclusive) of the requests for funding rates, in order."""
        keys = [("startTime", "endTime"), ("from", "to")]
        rates = [q for path, q in self.log if "unding" in path]
        return [(int(q[a]), int(q[b])) for q in rates for a, b in keys if a in q]


@dataclass(frozen=True)
class Reply:
    body: Any
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


# ---- the answers of the exchanges


def funding_rate(coin: str, when: int) -> float:
    return round(((when // HOUR * 2_654_435_761 + sum(coin.encode())) % 601 - 300) / 1e6, 6)


def funding_rows(x: Exchange, coin: str, start: int, stop: int) -> list[tuple[int, float]]:
    """Time and rate of each charge in a span: every eight hours, since September 2023 every four; some are ms late."""
    change = 1_693_526_400_000
    moments = [t for t in range(LISTED, x.now() + 1, 4 * HOUR) if t % (8 * HOUR) == 0 or t >= change]
    late = [(t + t // HOUR % 3, t) for t in moments if t >= COINS[coin]]
    return [(when, funding_rate(coin, t)) for when, t in late if start <= when < stop]


def binance(x: Exchange, path: str, q: dict[str, str]) -> Reply:
    futures = path.startswith("/fapi/v1/")
    if path.endswith("/fundingRate"):
        name = q["symbol"]
        found = funding_rows(x, name.removesuffix("USDT"), int(q["startTime"]), int(q["endTime"]) + 1)
        sent = found[: min(int(q.get("limit", 100)), 1000)]
        return Reply([{"symbol": name, "fundingTime": t, "fundingRate": f"{r:.8f}", "markPrice": ""} for t, r in sent])
    if path.endswith("/time"):
        return Reply({"serverTime": x.now()})
    if path.endswith("/exchangeInfo"):
        return Reply(
            {"timezone": "UTC", "serverTime": x.now(), "symbols": [_binance_symbol(c, futures) for c in COINS]}
        )
    coin = q["symbol"].removesuffix("USDT")
    if coin not in COINS:
        return Reply({"code": -1121, "msg": "Invalid symbol."}, 400)
    step = int(q["interval"][:-1]) * LETTERS[q["interval"][-1]]
    limit = min(int(q.get("limit", 500)), 1500 if futures else 1000)
    rows = x.rows(coin, step, int(q.get("startTime", 0)), int(q.get("endTime", x.now())) + 1)
    rows = rows[:limit] if "startTime" in q else rows[-limit:]
    return Reply(
        [
            [t, *(f"{v:.8f}" for v in (o, h, lo, c, vol)), t + step - 1, f"{vol * c:.8f}", 9, "1.0", "100.0", "0"]
            for t, o, h, lo, c, vol in rows
        ]
    )


def _binance_symbol(coin: str, futures: bool) -> dict[str, Any]:
    size, notional = ("0.001", "100") if futures else ("0.00001000", "5.00000000")
    told: dict[str, Any] = {
        "symbol": f"{coin}USDT",
        "status": "TRADING",
        "baseAsset": coin,
        "quoteAsset": "USDT",
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": "0.01", "maxPrice": "1000000", "tickSize": "0.01000000"},
            {"filterType": "LOT_SIZE", "minQty": size, "maxQty": "9000", "stepSize": size},
            {"filterType": "MIN_NOTIONAL", "notional": notional}
            if futures
            else {"filterType": "NOTIONAL", "minNotional": notional, "applyMinToMarket": True},
        ],
    }
    if futures:
        return told | {"pair": f"{coin}USDT", "contractType": "PERPETUAL", "deliveryDate": 4133404800000,
                       "onboardDate": COINS[coin], "marginAsset": "USDT", "pricePrecision": 2}  # fmt: skip
    return told | {"isSpotTradingAllowed": True, "isMarginTradingAllowed": False, "permissions": ["SPOT"]}


def bybit(x: Exchange, path: str, q: dict[str, str]) -> Reply:
    def told(result: Any, code: int = 0, message: str = "OK") -> Reply:
        return Reply({"retCode": code, "retMsg": message, "result": result, "retExtInfo": {}, "time": x.now()})

    if path.endswith("/time"):
        return told({"timeSecond": str(x.now() // 1000), "timeNano": str(x.now() * 10**6)})
    category = q["category"]
    if path.endswith("/instruments-info"):
        coins = [] if q.get("status") == "PreLaunch" or "cursor" in q else list(COINS)
        return told({"category": category, "list": [_bybit_symbol(c, category) for c in coins], "nextPageCursor": ""})
    if path.endswith("/funding/history"):
        found = funding_rows(x, q["symbol"].removesuffix("USDT"), int(q["startTime"]), int(q["endTime"]) + 1)
        newest = found[::-1][: min(int(q.get("limit", 200)), 200)]
        lines = [{"symbol": q["symbol"], "fundingRate": str(r), "fundingRateTimestamp": str(t)} for t, r in newest]
        return told({"category": category, "list": lines})
    coin, step, limit = q["symbol"].removesuffix("USDT"), BYBIT.get(q["interval"]), int(q.get("limit", 200))
    if coin not in COINS or step is None or limit > 1000:
        return told({}, 10001, "params error: symbol invalid" if coin not in COINS else "Invalid period!")
    start, end = int(q.get("start", 0)), int(q.get("end", x.now()))
    rows = x.rows(coin, step, start, end + 1)
    rows = rows[-limit:] if "end" in q or "start" not in q else rows[:limit]
    lines = [[str(t), *(str(v) for v in (o, h, lo, c, vol)), str(vol * c)] for t, o, h, lo, c, vol in reversed(rows)]
    return told({"category": category, "symbol": q["symbol"], "list": lines})


def _bybit_symbol(coin: str, category: str) -> dict[str, Any]:
    told = {"symbol": f"{coin}USDT", "baseCoin": coin, "quoteCoin": "USDT", "status": "Trading"}
    if category == "spot":
        lots = {"basePrecision": "0.000001", "quotePrecision": "0.0000001", "minOrderQty": "0.000011",
                "maxOrderQty": "83", "minOrderAmt": "5", "maxOrderAmt": "8000000"}  # fmt: skip
        return {**told, "innovation": "0", "lotSizeFilter": lots, "priceFilter": {"tickSize": "0.1"}}
    return {
        **told,
        "contractType": "LinearPerpetual",
        "settleCoin": "USDT",
        "launchTime": str(COINS[coin]),
        "deliveryTime": "0",
        "priceFilter": {"minPrice": "0.10", "maxPrice": "1999999.80", "tickSize": "0.10"},
        "lotSizeFilter": {"minOrderQty": "0.001", "maxOrderQty": "1190", "qtyStep": "0.001", "minNotionalValue": "5"},
        "leverageFilter": {"minLeverage": "1", "maxLeverage": "100", "leverageStep": "0.01"},
    }


def kucoin(x: Exchange, path: str, q: dict[str, str]) -> Reply:
    def told(data: Any) -> Reply:
        return Reply({"code": "200000", "data": data})

    if path == "/api/v1/timestamp":
        return told(x.now())
    if path == "/api/v2/symbols":
        return told([_kucoin_symbol(c) for c in COINS])
    if path == "/api/v1/contracts/active":
        return told([*(_kucoin_contract(c) for c in COINS), _kucoin_contract("BTC") | KUCOIN_INVERSE])
    if path == "/api/v1/contract/funding-rates":
        found = funding_rows(
            x, q["symbol"].removesuffix("USDTM").replace("XBT", "BTC"), int(q["from"]), int(q["to"]) + 1
        )
        return told([{"symbol": q["symbol"], "fundingRate": r, "timepoint": t} for t, r in found[::-1][:100]])
    if path == "/api/v1/kline/query":
        coin = q["symbol"].removesuffix("USDTM").replace("XBT", "BTC")
        rows = x.rows(coin, int(q["granularity"]) * MINUTE, int(q["from"]), int(q["to"]) + 1)[:200]
        return told([[t, o, h, lo, c, round(v / MULTIPLIER), v * c] for t, o, h, lo, c, v in rows])
    coin = q["symbol"].removesuffix("-USDT")
    if coin not in COINS:
        return Reply({"code": "400100", "msg": "This pair is not provided at present"}, 400)
    rows = x.rows(coin, KUCOIN[q["type"]], int(q["startAt"]) * 1000, int(q["endAt"]) * 1000 + 1)[-1500:]
    return told([[str(t // 1000), *(str(v) for v in (o, c, h, lo, v, v * c))] for t, o, h, lo, c, v in reversed(rows)])


def _kucoin_symbol(coin: str) -> dict[str, Any]:
    name = f"{coin}-USDT"
    return {"symbol": name, "name": name, "baseCurrency": coin, "quoteCurrency": "USDT", "market": "USDS",
            "baseMinSize": "0.00001", "quoteMinSize": "0.1", "baseMaxSize": "10000", "quoteMaxSize": "99999999",
            "baseIncrement": "0.00000001", "quoteIncrement": "0.000001", "priceIncrement": "0.1",
            "isMarginEnabled": True, "enableTrading": True}  # fmt: skip


def _kucoin_contract(coin: str) -> dict[str, Any]:
    coin = coin.replace("BTC", "XBT")
    return {"symbol": f"{coin}USDTM", "type": "FFWCSX", "baseCurrency": coin, "quoteCurrency": "USDT",
            "settleCurrency": "USDT", "maxOrderQty": 1_000_000, "maxPrice": 1_000_000.0, "lotSize": 1, "tickSize": 0.1,
            "multiplier": MULTIPLIER, "isInverse": False, "status": "Open", "nextFundingRateTime": 1000,
            "firstOpenDate": LISTED, "expireDate": None}  # fmt: skip


# ---- what goes wrong


def refusal(path: str, code: int, wait: float, now: int) -> Reply:
    """How each exchange asks for fewer requests; `wait` is in seconds."""
    if path.startswith("/v5/"):
        body = {"retCode": 10006, "retMsg": "Too many visits. Exceeded the API Rate Limit.", "result": {}}
        return Reply(body, 200, (("X-Bapi-Limit-Reset-Timestamp", str(now + int(wait * 1000))),))
    if path.startswith(("/api/v1/", "/api/v2/")):
        return Reply({"code": "429000", "msg": "Too Many Requests"}, 429, (("gw-ratelimit-reset", str(wait * 1000)),))
    weight = "Too much request weight used; current limit is 6000 request weight per 1 MINUTE."
    banned = f"Way too much request weight used; IP banned until {now + int(wait * 1000)}."
    body = {"code": -1003, "msg": banned if code == 418 else weight}
    return Reply(body, code, (("Retry-After", f"{wait:g}"),))


def _rows_of(body: Any) -> list[Any]:
    """The rows inside an answer."""
    rows: list[Any] = body if isinstance(body, list) else body["data"] if "data" in body else body["result"]["list"]
    return rows


def spoil(fault: str, reply: Reply) -> Reply:
    """An answer whose rows are not what they should be."""
    rows = _rows_of(reply.body)
    if fault == "empty":
        rows.clear()
    elif fault == "numbers":
        rows[:] = range(len(rows))
    elif fault == "letters":
        rows[:] = [[str(row[0]) + "x", *row[1:]] for row in rows]
    elif fault == "twice":
        rows += rows[: len(rows) // 2]
    elif fault == "outside":
        rows += [_moved(row, shift) for shift in (-70 * DAY, 70 * DAY) for row in rows[:3]]
    elif fault == "elsewhere":
        rows[:] = [_moved(row, 400 * DAY) for row in rows]
    elif fault == "high below low":
        rows[1][2:4] = rows[1][3:1:-1]
    elif fault == "off the grid":
        rows[:] = [_moved(row, 1000) for row in rows]
    return reply


def _moved(row: list[Any], shift: int) -> list[Any]:
    when = int(row[0]) + (shift // 1000 if len(str(row[0])) <= 10 else shift)
    return [type(row[0])(when), *row[1:]]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    exchange: Exchange

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        url, x = urlsplit(self.path), self.exchange
        path, query = url.path, dict(parse_qsl(url.query))
        bars = "kline" in path or "candles" in path
        rates = "unding" in path
        kind = (
            "klines" if bars else "funding" if rates else "time" if path.endswith(("/time", "/timestamp")) else "info"
        )
        with x.lock:
            x.log.append((path, query))
            x.headers.update(self.headers.keys())
            script = x.faults[kind]
            fault = script.popleft() if script else None
            hasty, x.last = bars and x.now() - x.last < x.least_gap, x.now() if bars else x.last
        if bars and x.delay:
            time.sleep(x.delay)
        speak = bybit if path.startswith("/v5/") else binance if path.startswith(("/api/v3/", "/fapi/")) else kucoin
        word, _, number = (fault or ("429:1" if hasty else "")).partition(":")
        if word == "hang":
            time.sleep(float(number))
        if word in ("429", "418"):
            self._send(refusal(path, int(word), float(number), x.now()))
        elif word.isdigit():
            self._send(Reply({"code": 0, "msg": "Service unavailable."}, int(word)))
        elif word == "page":
            self._send_text("<html>502 Bad Gateway</html>", 200)
        elif word == "refuse":
            self._hang_up()
        else:
            reply = speak(x, path, query)
            if (bars or rates) and x.cut and reply.status == 200:
                rows = _rows_of(reply.body)
                rows[:] = x.cut(rows)
            if word == "drop":
                self._send_text(json.dumps(reply.body), 200, cut=True)
            elif word == "truncated":
                text = json.dumps(reply.body)
                self._send_text(text[: len(text) // 2], 200)
            else:
                self._send(spoil(word, reply) if word else reply)

    def _send(self, reply: Reply) -> None:
        self._send_text(json.dumps(reply.body), reply.status, reply.headers)

    def _send_text(self, text: str, status: int, headers: tuple[tuple[str, str], ...] = (), cut: bool = False) -> None:
        body = text.encode()
        try:
            self.send_response(status)
            for name, value in (*headers, ("Content-Type", "application/json"), ("Content-Length", str(len(body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if cut else body)
        except OSError:  # the client did not wait
            self.close_connection = True
        if cut:
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def serving(exchange: Exchange, port: int = 0) -> Iterator[str]:
    """Run the server; the value is its address."""
    handler = type("Handler", (Handler,), {"exchange": exchange})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def main() -> None:
    """Serve until interrupted, and tell every request: `PORT [DELAY [FAULT of a page, or fine]...]`."""
    delay, *script = [*sys.argv[2:], "0"][: max(1, len(sys.argv) - 2)]
    alone = Exchange(delay=float(delay))
    alone.faults["klines"].extend(None if one == "fine" else one for one in script)
    told = 0
    with serving(alone, int(sys.argv[1])) as address:
        sys.stdout.write(f"{address}\n")
        while True:
            for path, query in alone.log[told:]:
                sys.stdout.write(f"{path} {' '.join(f'{name}={value}' for name, value in query.items())}\n")
                told += 1
            sys.stdout.flush()
            time.sleep(0.05)


if __name__ == "__main__":
    main()
