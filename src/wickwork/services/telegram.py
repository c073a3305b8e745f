"""Entering with Telegram: signed fields of the older widget, and the user that a Telegram account belongs to."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from wickwork.model.errors import Refused
from wickwork.services.core import Services
from wickwork.services.login import WrongLogin
from wickwork.services.sessions import Browser, Entered, begin
from wickwork.settings.secret import Secret
from wickwork.store.database import logins, users
from wickwork.store.database.tables import User

VALID = 300
"""For how many seconds after `auth_date` signed fields are accepted."""
_AHEAD = 0
"""Seconds by which `auth_date` may be in the future."""
_NAME = re.compile(r"[a-z_]{1,32}")
_HASH = re.compile(r"[0-9a-f]{64}")
_ID = re.compile(r"[1-9][0-9]{0,19}")
_MOST_FIELDS = 20
_MOST_CHARACTERS = 2000


def signed_id(fields: Mapping[str, str | int], bot: Secret, now: int) -> str:
    """The numeric id of the Telegram account that signed these fields; `now` in ms.

    The signature covers all of them but `hash`. Raises WrongLogin where anything is wrong, without saying what.
    """
    lines = {name: str(value) for name, value in fields.items()}
    given = lines.pop("hash", "")
    known = len(lines) <= _MOST_FIELDS and all(
        _NAME.fullmatch(name) and "\n" not in value and len(value) <= _MOST_CHARACTERS for name, value in lines.items()
    )
    if not known or not _HASH.fullmatch(given):
        raise _wrong()
    text = "\n".join(f"{name}={value}" for name, value in sorted(lines.items()))
    key = hashlib.sha256(bot.reveal().encode()).digest()
    right = hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
    date, account = lines.get("auth_date", ""), lines.get("id", "")
    if not hmac.compare_digest(given, right) or not _ID.fullmatch(date) or not _ID.fullmatch(account):
        raise _wrong()
    if not -_AHEAD <= now // 1000 - int(date) <= VALID:
        raise _wrong()
    return account


async def enter_signed(
    services: Services, fields: Mapping[str, str | int], bot: Secret | None, browser: Browser
) -> Entered:
    """Begin a session with the fields of the widget, which work once. Raises WrongLogin and Refused."""
    async with services.database.writing() as session:
        user = await user_signed(session, services, fields, bot)
        return await begin(session, services, user, "telegram", browser)


async def user_signed(
    session: AsyncSession, services: Services, fields: Mapping[str, str | int], bot: Secret | None
) -> User:
    """The user who signed these fields, which are used up. Raises WrongLogin and Refused."""
    if bot is None:
        raise Refused("Telegram's older widget is not in use here; it needs `server.telegram_bot`.")
    now = services.now()
    account = signed_id(fields, bot, now)
    used = hashlib.sha256(f"telegram:{fields['hash']}".encode()).hexdigest()
    if not await logins.use_once(session, used, now, now + (VALID + 60) * 1000):
        raise _wrong()
    return await user_of(session, account)


async def user_of(session: AsyncSession, account: str) -> User:
    """The user to whom an administrator has given that numeric id. Raises Refused where there is none."""
    user = await users.of_telegram(session, account)
    if user is None or user.disabled:
        raise Refused(f"The Telegram account {account} may not enter; an administrator can give this number to a user.")
    return user


def _wrong() -> WrongLogin:
    return WrongLogin("Telegram's signature is wrong, too old, or was used already; log in with Telegram again.")
