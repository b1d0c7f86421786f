"""What a request asks for: its body and parameters in, values out, or a refusal that says what to give."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeAlias, TypeVar

from flask import Response, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest as UnparsableBody

from segtoolkit import wire
from segtoolkit.errors import BadRequest
from segtoolkit.local.ledger import SORT_COLUMNS, JobQuery, PropertyFilter
from segtoolkit.models import JobStatus

Answer: TypeAlias = Response | tuple[Response, int] | tuple[str, int]

_BOOLEANS = {"true": True, "false": False}
MOST = 2**53  # of anything that is counted
_MOST_PER_PAGE = 1000
T = TypeVar("T")


def body(read: Callable[[object], T]) -> T:
    """Return the JSON body as *read* understands it."""
    try:
        found = request.get_json()
        # JSON can spell one half of a character, which nothing else can hold.
        json.dumps(found, ensure_ascii=False).encode()
        return read(found)
    except UnparsableBody as error:
        raise refused("the body of the request is not JSON") from error
    except RecursionError as error:
        raise refused("the body of the request is nested too deeply") from error
    except UnicodeEncodeError as error:
        half = f"U+{ord(error.object[error.start]):04X}"
        raise refused(f"the body of the request has {half}, half a character") from error
    except ValueError as error:
        raise refused(str(error)) from error


def request_id() -> str | None:
    return request.headers.get(wire.REQUEST_ID_HEADER)


def as_of() -> datetime | None:
    spelt = request.headers.get(wire.AS_OF_HEADER)
    if spelt is None:
        return None
    moment = _moment(spelt)
    if moment is None:
        raise refused(
            f"{wire.AS_OF_HEADER} is {spelt!r}; give a moment with its zone, "
            "such as 2026-01-01T00:00:00Z"
        )
    return moment


def budget() -> int | None:
    spelt = request.headers.get(wire.BUDGET_HEADER)
    if spelt is None:
        return None
    if not _is_number(spelt) or int(spelt) < 1:
        raise refused(f"{wire.BUDGET_HEADER} is {spelt!r}; give a number of profiles")
    return int(spelt)


def _moment(spelt: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(spelt.strip())
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def job_query(args: MultiDict[str, str], *, start: int, limit: int) -> JobQuery:
    column, descending = _sort(args.get("sort", "creationTime:desc"))
    return JobQuery(
        start=start,
        limit=limit,
        sort=column,
        descending=descending,
        status=status(args),
        properties=properties(args),
    )


def start(args: Mapping[str, str]) -> int:
    return _whole(args, "start", default=0, least=0, most=MOST)


def limit(args: Mapping[str, str], *, default: int = 100) -> int:
    return _whole(args, "limit", default=default, least=1, most=_MOST_PER_PAGE)


def page(args: Mapping[str, str]) -> int | None:
    """Return the number of the page, from 1; None if none is asked for."""
    if "page" not in args:
        return None
    return _whole(args, "page", default=1, least=1, most=MOST)


def evaluation(args: Mapping[str, str]) -> dict[str, bool]:
    """Return which ways of evaluation a definition must have, or must not have."""
    ways: dict[str, bool] = {}
    for way in ("batch", "continuous", "synchronous"):
        spelt = args.get(f"evaluationInfo.{way}.enabled")
        if spelt is not None:
            if spelt.lower() not in _BOOLEANS:
                raise refused(
                    f"'evaluationInfo.{way}.enabled' is {spelt!r}; give true or false"
                )
            ways[way] = _BOOLEANS[spelt.lower()]
    return ways


def export_offset(spelt: str | None) -> int | None:
    """Return the number of the export job that the page before ended with.

    Raises:
        BadRequest: it is not ``<milliseconds>_<id>``.
    """
    if not spelt or spelt == "0":
        return None
    milliseconds, _, number = spelt.partition("_")
    if not (_is_number(milliseconds) and _is_number(number)):
        raise refused(
            f"'offset' is {spelt!r}; follow the link of the page before, or leave it out"
        )
    return int(number)


def _is_number(spelt: str) -> bool:
    return spelt.isascii() and spelt.isdecimal() and len(spelt) <= 18


def _whole(
    args: Mapping[str, str], name: str, *, default: int, least: int, most: int
) -> int:
    spelt = args.get(name, str(default))
    if not (_is_number(spelt) and least <= int(spelt) <= most):
        raise refused(f"{name!r} is {spelt!r}; give a whole number from {least} to {most}")
    return int(spelt)


def _sort(spelt: str) -> tuple[str, bool]:
    column, _, way = spelt.partition(":")
    if column not in SORT_COLUMNS or way not in {"asc", "desc"}:
        known = ", ".join(SORT_COLUMNS)
        raise refused(f"'sort' is {spelt!r}; give one of {known}, then :asc or :desc")
    return column, way == "desc"


def status(args: Mapping[str, str]) -> JobStatus | None:
    spelt = args.get("status")
    if not spelt:
        return None
    wanted = JobStatus(spelt)
    if not wanted.is_known:
        raise refused(f"'status' is {spelt!r}; give one of {', '.join(JobStatus)}")
    return wanted


def properties(args: MultiDict[str, str]) -> tuple[PropertyFilter, ...]:
    return tuple(map(_property, args.getlist("property")))


def _property(spelt: str) -> PropertyFilter:
    """Read ``a.b==value`` or ``list~key==value``; the value may hold anything."""
    where, equals, value = spelt.partition("==")
    path, tilde, key = where.partition("~")
    if not (equals and path and bool(tilde) == bool(key)):
        raise refused(f"'property' is {spelt!r}; give path==value or list~key==value")
    return PropertyFilter(
        path=tuple(path.split(".")),
        key=tuple(key.split(".")) if key else None,
        value=value,
    )


def refused(message: str) -> BadRequest:
    return BadRequest(message, status_code=400)
