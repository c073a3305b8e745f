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
