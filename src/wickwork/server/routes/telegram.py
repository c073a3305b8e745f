"""Entering with Telegram: OpenID Connect, and the older widget where it is turned on."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, RedirectResponse

from wickwork.model.errors import InputError, Refused
from wickwork.server.access import EVERYBODY, Of, browser_of
from wickwork.server.resource import resource
from wickwork.server.routes.session import entered_page
from wickwork.server.signed_fields import SIGNED_FIELDS, signed_fields
from wickwork.services import telegram, telegram_oidc
from wickwork.services.telegram_oidc import VALID, Provider
from wickwork.settings.secret import Secret
from wickwork.settings.server import Server

router = resource("/api/telegram", "session")


class Ways(BaseModel):
    """How one can enter with Telegram here."""

    oidc: bool = Field(description="By opening /api/telegram/login.")
    widget: bool = Field(description="By sending the fields of the widget to /api/telegram/widget.")


@router.get("", dependencies=EVERYBODY)
async def ways(request: Request) -> Ways:
    """How one can enter with Telegram here."""
    return Ways(oidc=request.app.state.telegram is not None, widget=widget_of(request) is not None)


@router.get("/login", status_code=303, response_class=RedirectResponse, dependencies=EVERYBODY)
async def begin(services: Of, request: Request) -> Response:
    """Go to Telegram, which sends the browser back to /api/telegram/callback."""
    where, state = await telegram_oidc.begin_login(services, _provider(request), _redirect(request))
    response = RedirectResponse(where, 303)
    secure = request.url.scheme == "https"
    # Lax, because the browser comes back from another site.
    response.set_cookie(_cookie(request), state, VALID // 1000, path="/", secure=secure, httponly=True, samesite="lax")
    return response


@router.get("/callback", dependencies=EVERYBODY, response_class=HTMLResponse)
async def finish(
    services: Of,
    request: Request,
    code: Annotated[str, Query(max_length=2000)],
    state: Annotated[str, Query(max_length=100)],
) -> Response:
    """Begin a session with what Telegram sent the browser back with."""
    entered = await telegram_oidc.finish_login(
        services, _provider(request), code, state, request.cookies.get(_cookie(request), ""), _redirect(request),
        browser_of(request),
    )  # fmt: skip
    response = entered_page(request, entered)
    response.delete_cookie(_cookie(request), path="/", httponly=True, samesite="lax")
    return response


@router.post("/widget", dependencies=EVERYBODY, openapi_extra=SIGNED_FIELDS, response_class=HTMLResponse)
async def widget(services: Of, request: Request) -> Response:
    """Begin a session with the fields of Telegram's older widget, which work once, within five minutes."""
    fields = await signed_fields(request)
    return entered_page(request, await telegram.enter_signed(services, fields, widget_of(request), browser_of(request)))


def provider_of(settings: Server) -> Provider | None:
    """Telegram as the settings describe it. Raises InputError where they are not complete."""
    if settings.telegram_widget and settings.telegram_bot is None:
        raise InputError("`server.telegram_widget` needs `server.telegram_bot`, the token of the bot.")
    if not settings.telegram_client_id and settings.telegram_client_secret is None:
        return None
    if not settings.telegram_client_id or settings.telegram_client_secret is None:
        raise InputError("`server.telegram_client_id` and `server.telegram_client_secret` are set both or not at all.")
    return Provider(settings.telegram_issuer, settings.telegram_client_id, settings.telegram_client_secret)


def widget_of(request: Request) -> Secret | None:
    """The token of the bot whose widget is in use, None where it is not."""
    settings: Server = request.app.state.settings
    return settings.telegram_bot if settings.telegram_widget else None


def _provider(request: Request) -> Provider:
    provider: Provider | None = request.app.state.telegram
    if provider is None:
        raise Refused("Telegram is not set up here; it needs `server.telegram_client_id` and its secret.")
    return provider


def _redirect(request: Request) -> str:
    return f"{request.url.scheme}://{request.headers['host']}/api/telegram/callback"


def _cookie(request: Request) -> str:
    return "__Host-wickwork-telegram" if request.url.scheme == "https" else "wickwork-telegram"
