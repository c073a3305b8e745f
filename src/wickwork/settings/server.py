"""The settings of the server."""

# ruff: noqa: RUF009  # the calls give fields of dataclasses
from __future__ import annotations

from dataclasses import dataclass

from wickwork.settings import kinds
from wickwork.settings.secret import Secret
from wickwork.settings.spec import setting


@dataclass(frozen=True)
class Server:
    """What `wick up` starts."""

    host: str = setting(
        kinds.text(),
        "The address to listen at; one that others can reach needs `certificate` or `proxies`.",
        "127.0.0.1",
    )
    port: int = setting(kinds.whole(1, 65535), "The port to listen at.", 8420)
    workers: int = setting(kinds.whole(0, 64), "How many jobs are done at once; 0 leaves them to `wick worker`.", 1)
    papers: int = setting(
        kinds.whole(0, 500), "How many runs on paper go on at once, each in a process of its own beside `workers`.", 10
    )
    queued_jobs: int = setting(kinds.whole(1, 1_000_000), "How many jobs of one user may wait in the queue.", 1000)
    keep_jobs: int = setting(
        kinds.whole(0, 36_500), "For how many days jobs that have ended are kept; 0 keeps them all. Runs stay.", 30
    )
    database: Secret | None = setting(
        kinds.secret(), "The URL of the database, for PostgreSQL; a file in the folder of Wickwork without it."
    )
    redis: Secret | None = setting(
        kinds.secret(), "The URL of Redis, through which several server processes share one stream of events."
    )
    nodes: tuple[str, ...] = setting(kinds.many(kinds.path()), "Python files with nodes that all users may use.", ())
    names: tuple[str, ...] = setting(
        kinds.many(kinds.text()), "Names by which browsers reach the server, besides its address.", ()
    )
    certificate: str = setting(kinds.path(), "The certificate for TLS, a PEM file with its chain.", "")
    key: str = setting(kinds.path(), "The private key of the certificate.", "")
    proxies: tuple[str, ...] = setting(
        kinds.many(kinds.text("address")), "Addresses of proxies that end TLS and name the client's address.", ()
    )
    requests_per_minute: int = setting(
        kinds.whole(0, 10_000_000), "How many requests an address, and a user, may send; 0 for any number.", 60_000
    )
    starts_per_minute: int = setting(
        kinds.whole(0, 10_000_000), "How many backtests, sweeps and other work a user may start; 0 for any number.", 600
    )
    logins_per_minute: int = setting(
        kinds.whole(0, 10_000_000), "How often an address may try to log in; 0 for any number.", 30
    )
    secrets_key: str = setting(
        kinds.choice("file", "keyring"),
        "Where the key is that encrypts secrets: a file in the folder of Wickwork, or the keyring of the system.",
        "file",
    )
    telegram_client_id: str = setting(
        kinds.text(), "The client id with which Telegram knows this server, for logins with Telegram.", ""
    )
    telegram_client_secret: Secret | None = setting(kinds.secret(), "The client secret to it.")
    telegram_issuer: str = setting(
        kinds.text("URL"), "Where Telegram's OpenID Connect is.", "https://oauth.telegram.org"
    )
    telegram_bot: Secret | None = setting(kinds.secret(), "The token of the bot of Telegram's older widget.")
    telegram_widget: bool = setting(
        kinds.flag(), "Whether the older widget, and PVE's telegram-auth over it, may be used.", False
    )
    demo: bool = setting(
        kinds.flag(), "Whether System V4's endpoints answer from the demo market, whose prices are made up.", False
    )
    system_v4_port: int | None = setting(
        kinds.whole(1, 65535), "A port on which System V4's clients, which have no token, reach its endpoints."
    )
    log_level: str = setting(
        kinds.choice("debug", "info", "warning", "error"), "The least important messages that the log has.", "info"
    )
    metrics_open: bool = setting(
        kinds.flag(), "Whether programs on this machine read `/metrics` without a token.", False
    )
