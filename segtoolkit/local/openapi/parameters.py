"""What calls of the local server may bring beside a body: in the query, in headers, in the path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from segtoolkit import wire
from segtoolkit.local.openapi.schemas import FLAG, ID, TEXT, Schema, one_of

Parameter: TypeAlias = Mapping[str, Any]


def _query(name: str, schema: Schema, about: str) -> Parameter:
    return {"name": name, "in": "query", "schema": schema, "description": about}


def _header(name: str, schema: Schema, about: str) -> Parameter:
    return {"name": name, "in": "header", "schema": schema, "description": about}


_WHOLE: Schema = {"type": "integer", "minimum": 0, "maximum": 2**53}
LIMIT = _query("limit", {"type": "integer", "minimum": 1, "maximum": 1000}, "most items")
START = _query("start", _WHOLE, "where to begin; `--paging` says what is counted")
CURSOR = _query("start", TEXT, "the cursor that the page before names")
STATUS = _query(
    "status",
    one_of("NEW", "QUEUED", "PROCESSING", "SUCCEEDED", "FAILED", "CANCELLING", "CANCELLED"),
    "only those in this state",
)
PROPERTY = _query(
    "property",
    {"type": "string", "pattern": r"^[A-Za-z.]+(~[A-Za-z.]+)?==[A-Za-z0-9_-]*$"},
    "path==value, or list~key==value",
)
SORT = _query(
    "sort",
    {"type": "string", "pattern": "^(creationTime|updateTime|status):(asc|desc)$"},
    "an attribute, and asc or desc",
)
AS_OF = _header(
    wire.AS_OF_HEADER,
    {"type": "string", "format": "date-time"},
    "an extension: what now means in the expressions",
)
BUDGET = _header(
    wire.BUDGET_HEADER,
    {"type": "integer", "minimum": 1, "maximum": 2**53},
    "an extension: how many profiles to look at",
)
WAYS = tuple(
    _query(f"evaluationInfo.{way}.enabled", FLAG, f"only those evaluated so ({way})")
    for way in ("batch", "continuous", "synchronous")
)
PAGE = _query("page", {**_WHOLE, "minimum": 1}, "the number of the page, from 1")
OFFSET = _query(
    "offset",
    {"type": "string", "pattern": r"^[0-9]{1,15}_[0-9]{1,15}$"},
    "the cursor that the page before names",
)

ID_PARAMETER: Parameter = {"name": "id", "in": "path", "required": True, "schema": ID}
HEADERS: tuple[Parameter, ...] = (
    {
        "name": wire.ORGANISATION_HEADER,
        "in": "header",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9]+@AdobeOrg$"},
        "description": "the organisation, which is echoed",
    },
    {
        "name": wire.SANDBOX_HEADER,
        "in": "header",
        "required": True,
        "schema": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]*$"},
        "description": "the sandbox, each with a store of its own",
    },
)
