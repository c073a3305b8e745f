"""Every route of the application, whom it is for, and objects to call it with: what the access matrix is made of.

Routes are discovered. A new path parameter needs a line in `OBJECTS`, and nothing else here changes.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIWebSocketRoute
from starlette.routing import BaseRoute, Route

from wickwork.server.access import Needs, NeedsSession, everybody
from wickwork.services import identity, vault
from wickwork.services.access import Access, Caller, scopes_of
from wickwork.services.core import Services
from wickwork.services.sessions import Browser, begin
from wickwork.store.database import users
from wickwork.store.database.tables import Job, Run, Strategy, StrategyVersion
from wickwork.store.ids import new_id

EVERYBODY, PERSON = "everybody", "person"
"""What a route may be for besides a scope."""
FRAMEWORK = {"/api/openapi.json", "/", "/docs", "/redoc", "/swagger"}
"""Pages without a caller that are no API: the page of the server, its documentation, the specification."""
BY_NAME = {"may_measure": str(Access.READ)}
"""Dependencies that are functions, with what they need."""
STATIC = ("/assets/", "/docs/", "/static/", "/{path")
"""Beginnings of the paths of files that everybody may have."""


@dataclass(frozen=True)
class Found:
    """One route: its access is a scope, EVERYBODY, PERSON, or an empty text where it states none."""

    method: str
    path: str
    access: str
    parameters: tuple[str, ...]
    person_too: bool = False
    """Whether people with a browser need no scope."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def routes_of(app: FastAPI) -> list[Found]:
    """Every route with each of its methods; also those that are not in the specification."""
    found = []
    for route in _flat(app.routes):
        if isinstance(route, APIRoute):
            access, person = _access(route.dependant)
            names = tuple(one.name for one in route.dependant.path_params)
            found += [Found(method, route.path, access, names, person) for method in sorted(route.methods or ())]
        elif isinstance(route, Route):
            is_page = route.path in FRAMEWORK or route.path.startswith(STATIC)
            names = tuple(route.param_convertors)
            methods = sorted((route.methods or {"GET"}) - {"HEAD"})
            found += [Found(method, route.path, EVERYBODY if is_page else "", names) for method in methods]
    return found


def sockets_of(app: FastAPI) -> list[str]:
    """The paths of all WebSockets."""
    return [route.path for route in _flat(app.routes) if isinstance(route, APIWebSocketRoute)]


def specified(app: FastAPI) -> set[tuple[str, str]]:
    """Method and path of every operation of the specification."""
    return {
        (method.upper(), path)
        for path, one in app.openapi()["paths"].items()
        for method in one
        if method != "parameters"
    }


def _flat(routes: list[BaseRoute]) -> Iterator[BaseRoute]:
    for route in routes:
        inner = getattr(route, "effective_candidates", None)
        if callable(inner):  # how this version of FastAPI keeps the routes of an included router
            yield from _flat([getattr(one, "original_route", one) for one in inner()])
        else:
            yield route


def _access(dependant: Dependant) -> tuple[str, bool]:
    for one in dependant.dependencies:
        if isinstance(one.call, Needs):
            return str(one.call.access), False
        if isinstance(one.call, NeedsSession):
            return (PERSON, True) if one.call.access is None else (str(one.call.access), True)
        if one.call is everybody:
            return EVERYBODY, False
        if getattr(one.call, "__name__", "") in BY_NAME:
            return BY_NAME[one.call.__name__], False  # type: ignore[union-attr]
    return "", False


@dataclass(frozen=True)
class Owner:
    """A user who owns one of everything."""

    caller: Caller
    ids: Mapping[str, str]
    token: str


Make = Callable[[Services, Caller], Awaitable[str]]


async def _strategy(services: Services, owner: Caller) -> str:
    document = json.dumps({"format": 1, "nodes": {}, "wires": []})
    at, made = services.now(), new_id()
    async with services.database.writing() as session:
        session.add(Strategy(id=made, owner=owner.user_id, name=made, revision=1, version=1, draft=document,
                             created_at=at, updated_at=at))  # fmt: skip
        await session.flush()
        session.add(StrategyVersion(strategy_id=made, number=1, document=document, graph_hash="", note="",
                                    created_at=at))  # fmt: skip
    return made


def _job(kind: str) -> Make:
    async def make(services: Services, owner: Caller) -> str:
        at, made = services.now(), new_id()
        async with services.database.writing() as session:
            session.add(Job(id=made, owner=owner.user_id, kind=kind, request={}, request_hash="", priority=0,
                            state="done", progress=1.0, stage="", log="", result={}, error=None, created_at=at,
                            runner=None, leased_until=None, started_at=at, finished_at=at, changed_at=at))  # fmt: skip
        return made

    return make


async def _run(services: Services, owner: Caller) -> str:
    at, made = services.now(), new_id()
    async with services.database.writing() as session:
        session.add(Run(id=made, owner=owner.user_id, kind="backtest", name="", strategy_id=None, strategy_version=None,
                        request={}, manifest={}, manifest_hash="", stats={}, created_at=at))  # fmt: skip
    return made


async def _session(services: Services, owner: Caller) -> str:
    async with services.database.writing() as session:
        user = await users.get(session, owner.user_id)
        return (await begin(session, services, user, "link", Browser())).caller.key.removeprefix("session:")


async def _token(services: Services, owner: Caller) -> str:
    return (await identity.create_token(services, owner, "of the matrix"))[0].id


async def _secret(services: Services, owner: Caller) -> str:
    return (await vault.put(services, owner, f"s{new_id()}", "a value of the matrix")).name


def _fixed(text: str) -> Make:
    async def make(services: Services, owner: Caller) -> str:
        return text

    return make


OBJECTS: dict[str, Make] = {
    "strategy_id": _strategy, "job_id": _job("backtest"), "sweep_id": _job("sweep"), "paper_id": _job("paper"),
    "run_id": _run, "session_id": _session, "token_id": _token, "/api/secrets/{name}": _secret,
    "number": _fixed("1"), "table": _fixed("fills"), "user_id": _fixed(new_id()),
    "name": _fixed("ema"), "path": _fixed("index.html"), "venue": _fixed("binance"),
}  # fmt: skip
"""How to make what each path parameter names; a path and a parameter come before the parameter alone."""
SHARED = {"number", "table", "user_id", "name", "path", "venue"}
"""Parameters that name nothing that a user owns, or only beside another parameter."""
_GRAPH = {"nodes": {}, "wires": []}
SAMPLES: dict[str, Any] = {
    "graph": _GRAPH, "theirs": _GRAPH, "ours": _GRAPH, "base": "newest", "before": "newest", "after": "newest",
}  # fmt: skip
"""Values of fields and of query parameters whose form the specification does not say, or only as a pattern."""
QUERIES: dict[tuple[str, str], dict[str, Any]] = {("GET", "/api/runs/{run_id}/explain"): {"bar": 0}}
"""Query parameters that a route needs though none of them alone is needed."""
BODIES: dict[tuple[str, str], Any] = {
    ("PUT", "/api/secrets/{name}"): None,
}
"""Bodies that a route needs before it looks for the object, where what the specification says is not enough.

None: the route makes the object, so the object of another user is no fault.
"""


def key_of(found: Found, parameter: str) -> str:
    """The key of `OBJECTS` for a parameter of a route."""
    whole = f"{found.path.partition('{' + parameter)[0]}{{{parameter}}}"
    return whole if whole in OBJECTS else parameter


def is_owned(found: Found) -> bool:
    """Whether a route names something that a user owns."""
    return any(key_of(found, one) not in SHARED for one in found.parameters)


def path_with(found: Found, ids: Mapping[str, str]) -> str:
    """The path of a route with these objects."""
    path = found.path
    for one in found.parameters:
        for spelled in (f"{{{one}}}", f"{{{one}:path}}"):
            path = path.replace(spelled, ids[key_of(found, one)])
    return path


async def owner_of_everything(services: Services, name: str, role: str = "admin") -> Owner:
    """A new user of that role with one of everything."""
    async with services.database.writing() as session:
        user = await users.add(session, services.now(), name, role)
    caller = Caller(user.id, name, role, scopes_of(role), "local")
    maker = Caller(user.id, name, "admin", scopes_of("admin"), "local")  # a viewer may own things as well
    ids = {key: await make(services, maker) for key, make in OBJECTS.items()}
    return Owner(caller, ids, (await identity.create_token(services, caller, "own"))[1])


def example_of(specification: Mapping[str, Any], found: Found) -> Any:
    """A body that the specification accepts, None for a route without one."""
    operation = specification["paths"].get(found.path, {}).get(found.method.lower(), {})
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return None if content is None else _value(specification, content.get("schema", {}))


def query_of(specification: Mapping[str, Any], found: Found) -> dict[str, Any]:
    """Values for the query parameters that a route must have."""
    operation = specification["paths"].get(found.path, {}).get(found.method.lower(), {})
    needed = [one for one in operation.get("parameters", ()) if one["in"] == "query" and one.get("required")]
    values = {one["name"]: SAMPLES.get(one["name"], _value(specification, one["schema"])) for one in needed}
    return values | QUERIES.get((found.method, found.path), {})


def _value(specification: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _value(specification, specification["components"]["schemas"][name])
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return _value(specification, schema[key][0])
    if "const" in schema or "enum" in schema:
        return schema.get("const", (schema.get("enum") or [None])[0])
    if "default" in schema:
        return schema["default"]
    kind = schema.get("type")
    if kind == "object":
        known = schema.get("properties", {})
        return {name: SAMPLES.get(name, _value(specification, known[name])) for name in schema.get("required", ())}
    if kind == "array":
        return [_value(specification, schema.get("items", {}))] * schema.get("minItems", 0)
    if kind == "string":
        return "x" * max(1, schema.get("minLength", 1))
    if kind in ("integer", "number"):
        return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
    return {"boolean": False}.get(kind or "")
