"""The tables. Times are integers: ms since 1970, UTC. `owner` is the id of the user to whom a row belongs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, LargeBinary, MetaData, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Table(DeclarativeBase):
    """The base of all tables."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {str: Text, int: BigInteger, bytes: LargeBinary, dict[str, Any]: JSON, list[str]: JSON}  # noqa: RUF012


def _owner() -> Mapped[str]:
    return mapped_column(ForeignKey("users.id", ondelete="CASCADE"))


class User(Table):
    """A person who may enter."""

    __tablename__ = "users"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    password: Mapped[str | None]
    """The argon2id hash; None for a user who enters by a link or by Telegram alone."""
    telegram: Mapped[str | None] = mapped_column(unique=True)
    """The numeric id of the person's Telegram account."""
    created_at: Mapped[int]
    disabled: Mapped[bool] = mapped_column(default=False)


class LoginLink(Table):
    """A link that opens a session once."""

    __tablename__ = "login_links"
    hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = _owner()
    expires_at: Mapped[int]


class Ticket(Table):
    """What opens one WebSocket, for clients that cannot send a header with it."""

    __tablename__ = "tickets"
    hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = _owner()
    scopes: Mapped[list[str]]
    key: Mapped[str]
    """`Caller.key` of whoever made it: the WebSocket ends with that token or session."""
    until: Mapped[int | None]
    """When that token or session expires."""
    expires_at: Mapped[int]


class LoginFailures(Table):
    """How often logins of one subject failed in a row, and until when it must wait.

    The subject is the hash of a user name or of an address; a name is hashed because people type passwords into it.
    """

    __tablename__ = "login_failures"
    subject: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    locked_until: Mapped[int]


class BrowserSession(Table):
    """A browser that is logged in; `hash` is that of the cookie."""

    __tablename__ = "sessions"
    hash: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    """What names it where it is listed; the hash is not shown."""
    user_id: Mapped[str] = _owner()
    csrf: Mapped[str]
    by: Mapped[str]
    """How it began: `link`, `password` or `telegram`."""
    address: Mapped[str]
    agent: Mapped[str]
    """The browser, as it names itself."""
    created_at: Mapped[int]
    last_used_at: Mapped[int]
    expires_at: Mapped[int]


class TelegramLogin(Table):
    """A login by Telegram that has begun: what its answer must carry. Used once."""

    __tablename__ = "telegram_logins"
    hash: Mapped[str] = mapped_column(primary_key=True)
    nonce: Mapped[str]
    verifier: Mapped[str]
    expires_at: Mapped[int]


class UsedLogin(Table):
    """A signed login that was accepted, so that it is not accepted again before it is too old."""

    __tablename__ = "used_logins"
    hash: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[int]


class EncryptionKey(Table):
    """The id of the key that encrypts the keys of all secrets; one row. The key itself is outside of the database."""

    __tablename__ = "encryption_keys"
    id: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[int]


class Token(Table):
    """A personal token of a program; `hash` is that of the token, which is shown once."""

    __tablename__ = "tokens"
    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str] = _owner()
    name: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[int]
    expires_at: Mapped[int | None]
    last_used_at: Mapped[int | None]


class Strategy(Table):
    """A strategy: its name, its newest version, and a draft that is not a version yet."""

    __tablename__ = "strategies"
    __table_args__ = (UniqueConstraint("owner", "name"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str] = _owner()
    name: Mapped[str]
    revision: Mapped[int]
    """Grows with every change of this row, a draft's too; the ETag."""
    version: Mapped[int]
    """The number of the newest version; 0 where there is none."""
    draft: Mapped[str | None]
    """The document being edited, as text."""
    created_at: Mapped[int]
    updated_at: Mapped[int]


class StrategyVersion(Table):
    """A version of a strategy, which never changes."""

    __tablename__ = "strategy_versions"
    strategy_id: Mapped[str] = mapped_column(ForeignKey("strategies.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    document: Mapped[str]
    graph_hash: Mapped[str]
    note: Mapped[str]
    created_at: Mapped[int]


class Job(Table):
    """Work that a job process does. `docs/server/jobs.md` has the states."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index(None, "state", "priority", "id"),
        Index(None, "owner", "id"),
        Index(None, "owner", "started_at"),
        Index(None, "changed_at"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str] = _owner()
    kind: Mapped[str]
    request: Mapped[dict[str, Any]]
    request_hash: Mapped[str]
    priority: Mapped[int]
    """Of the jobs of one owner higher ones are taken first."""
    state: Mapped[str]
    progress: Mapped[float]
    """From 0 to 1."""
    seconds_left: Mapped[float | None]
    """Estimated when `progress` was recorded; None while that is unknown."""
    stage: Mapped[str]
    log: Mapped[str]
    """The last 64,000 characters."""
    log_length: Mapped[int] = mapped_column(default=0)
    """Characters that the log has had in all."""
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    error: Mapped[str | None]
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    stop_requested: Mapped[bool] = mapped_column(default=False)
    """Whether it should end in an orderly way, with a result."""
    attempts: Mapped[int] = mapped_column(default=0)
    """How often a process that ran it ended before it was done."""
    runner: Mapped[str | None]
    """The process that has taken it, while it is running."""
    leased_until: Mapped[int | None]
    created_at: Mapped[int]
    started_at: Mapped[int | None]
    finished_at: Mapped[int | None]
    changed_at: Mapped[int]
    """Larger after every change, if only by 1."""


class Run(Table):
    """A backtest, a sweep or a run on paper with its result. Tables are files, by name."""

    __tablename__ = "runs"
    __table_args__ = (Index(None, "owner", "manifest_hash"), Index(None, "owner", "id"))
    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str] = _owner()
    kind: Mapped[str]
    name: Mapped[str]
    strategy_id: Mapped[str | None] = mapped_column(ForeignKey("strategies.id", ondelete="SET NULL"))
    strategy_version: Mapped[int | None] = mapped_column(Integer)
    request: Mapped[dict[str, Any]]
    """What has to be asked for to get the same run again."""
    manifest: Mapped[dict[str, Any]]
    manifest_hash: Mapped[str]
    stats: Mapped[dict[str, Any]]
    created_at: Mapped[int]


class RunFile(Table):
    """A file of a run, kept under the hash of its content."""

    __tablename__ = "run_files"
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(index=True)
    size: Mapped[int]


class Preference(Table):
    """A setting of one user, as JSON."""

    __tablename__ = "preferences"
    owner: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    changed_at: Mapped[int]


class SecretValue(Table):
    """A secret at rest: encrypted with a key of its own, which is encrypted with the key of the installation."""

    __tablename__ = "secrets"
    owner: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    wrapped_key: Mapped[bytes]
    ciphertext: Mapped[bytes]
    changed_at: Mapped[int]


class AuditEntry(Table):
    """Who did what: only ever appended, each row with a hash over itself and the row before."""

    __tablename__ = "audit"
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[int]
    who: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[str]
    hash: Mapped[str]
