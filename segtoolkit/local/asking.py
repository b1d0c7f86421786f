"""What a request asks for: its body and parameters in, values out, or a refusal that says what to give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest as UnparsableBody

from segtoolkit import wire
from segtoolkit.errors import BadRequest
from segtoolkit.local.ledger import SORT_COLUMNS, JobQuery, PropertyFilter
from segtoolkit.models import JobStatus

MOST_PER_PAGE = 1000
T = TypeVar("T")


def body(read: Callable[[object], T]) -> T:
    """Return the JSON body as *read* understands it."""
    try:
        return read(request.get_json())
    except UnparsableBody as error:
        raise _bad("the body of the request is not JSON") from error
    except ValueError as error:
        raise _bad(str(error)) from error


def as_of() -> datetime | None:
    spelt = request.headers.get(wire.AS_OF_HEADER)
    if spelt is None:
        return None
    moment = _moment(spelt)
    if moment is None:
        raise _bad(
            f"{wire.AS_OF_HEADER} is {spelt!r}; give a moment with its zone, "
            "such as 2026-01-01T00:00:00Z"
        )
    return moment.astimezone(UTC)


def budget() -> int | None:
    spelt = request.headers.get(wire.BUDGET_HEADER)
    if spelt is None:
        return None
    if not spelt.isdecimal() or int(spelt) < 1:
        raise _bad(f"{wire.BUDGET_HEADER} is {spelt!r}; give a number of profiles")
    return int(spelt)


def _moment(spelt: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(spelt.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def job_query(args: MultiDict[str, str]) -> JobQuery:
    column, descending = _sort(args.get("sort", "creationTime:desc"))
    return JobQuery(
        start=start(args),
        limit=limit(args),
        sort=column,
        descending=descending,
        status=_status(args.get("status")),
        properties=tuple(map(_property, args.getlist("property"))),
    )


def start(args: Mapping[str, str]) -> int:
    return _whole(args, "start", default=0, least=0, most=2**62)


def limit(args: Mapping[str, str]) -> int:
    return _whole(args, "limit", default=100, least=1, most=MOST_PER_PAGE)


def _whole(
    args: Mapping[str, str], name: str, *, default: int, least: int, most: int
) -> int:
    spelt = args.get(name, str(default))
    if not (spelt.isascii() and spelt.isdecimal() and least <= int(spelt) <= most):
        raise _bad(f"{name!r} is {spelt!r}; give a whole number from {least} to {most}")
    return int(spelt)


def _sort(spelt: str) -> tuple[str, bool]:
    column, _, way = spelt.partition(":")
    if column not in SORT_COLUMNS or way not in {"asc", "desc"}:
        known = ", ".join(SORT_COLUMNS)
        raise _bad(f"'sort' is {spelt!r}; give one of {known}, then :asc or :desc")
    return column, way == "desc"


def _status(spelt: str | None) -> JobStatus | None:
    if spelt is None:
        return None
    status = JobStatus(spelt)
    if not status.is_known:
        raise _bad(f"'status' is {spelt!r}; give one of {', '.join(JobStatus)}")
    return status


def _property(spelt: str) -> PropertyFilter:
    """Read ``a.b==value`` or ``list~key==value``; the value may hold anything."""
    where, equals, value = spelt.partition("==")
    path, tilde, key = where.partition("~")
    if not (equals and path and bool(tilde) == bool(key)):
        raise _bad(f"'property' is {spelt!r}; give path==value or list~key==value")
    return PropertyFilter(
        path=tuple(path.split(".")),
        key=tuple(key.split(".")) if key else None,
        value=value,
    )


def _bad(message: str) -> BadRequest:
    return BadRequest(message, status_code=400)
