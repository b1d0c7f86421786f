"""Which jobs to list: a caller's arguments in; queries, and what only the client can filter by, out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any, TypeAlias

from segtoolkit.cards import Thing
from segtoolkit.client.instants import ago
from segtoolkit.client.paging import Query
from segtoolkit.errors import ConfigError
from segtoolkit.models import JobRecord, JobStatus

Statuses: TypeAlias = JobStatus | str | Iterable[JobStatus | str] | None
Properties: TypeAlias = str | Iterable[str] | Mapping[str, str] | None
When: TypeAlias = datetime | timedelta | str | None

NEWEST_FIRST = "creationTime:desc"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class JobFilters(Thing):
    """Filters of a listing.

    Attributes:
        statuses: of the jobs, in the order of a job's life; none for any.
        properties: ``path==value`` or ``list~key==value``, all of which hold.
        sort: attribute and ``asc`` or ``desc``.
        since, until: of creation; the service cannot filter by them.
        start: where to begin, as the service counts.
        limit: most jobs to return; None for all.
    """

    statuses: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    sort: str = NEWEST_FIRST
    since: datetime | None = None
    until: datetime | None = None
    start: str | None = None
    limit: int | None = None

    @property
    def queries(self) -> tuple[Query, ...]:
        """What to ask, once per status, as the service takes one at a time."""
        return tuple(self._query(status) for status in self.statuses or (None,))

    def _query(self, status: str | None) -> Query:
        asked: dict[str, Any] = {
            "status": status,
            "sort": self.sort,
            "property": self.properties,
            "start": self.start,
        }
        return {name: value for name, value in asked.items() if value}

    @property
    def limit_of_service(self) -> int | None:
        """How many jobs the service needs to give, if the client drops none of them."""
        drops = self.since or self.until or len(self.properties) > 1
        return None if drops else self.limit

    def is_past(self, record: JobRecord) -> bool:
        """Tell whether neither *record* nor a later one of the listing can be wanted."""
        return self.sort == NEWEST_FIRST and self._is_too_old(record)

    def keeps(self, record: JobRecord) -> bool:
        """Tell whether *record* is wanted; one whose creation is unknown may be."""
        created = record.created_at
        is_too_new = bool(created and self.until and created > self.until)
        return not (is_too_new or self._is_too_old(record)) and self._has_all(record)

    def _is_too_old(self, record: JobRecord) -> bool:
        return bool(record.created_at and self.since and record.created_at < self.since)

    def _has_all(self, record: JobRecord) -> bool:
        # No document says that a service heeds more than one.
        several = self.properties if len(self.properties) > 1 else ()
        return all(_holds(record.raw, wanted) for wanted in several)

    def _line(self) -> str:
        return str(self)

    def _known(self) -> Mapping[str, object]:
        return self.given

    @property
    def given(self) -> Mapping[str, object]:
        """What is asked for, by the names of the arguments of `Client.list`."""
        named = {
            "status": ",".join(self.statuses),
            "sort": self.sort,
            "property": ",".join(self.properties),
            "since": self.since,
            "until": self.until,
            "start": self.start,
            "limit": self.limit,
        }
        return {name: value for name, value in named.items() if value not in (None, "")}

    def __str__(self) -> str:
        return " ".join(f"{name}={_spelt(value)}" for name, value in self.given.items())


def job_filters(  # noqa: PLR0913 - one for each argument of `Client.list`
    *,
    status: Statuses = None,
    properties: Properties = None,
    sort: str = NEWEST_FIRST,
    since: When = None,
    until: When = None,
    start: int | str | None = None,
    limit: int | None = None,
    now: datetime,
) -> JobFilters:
    """Return the filters that the arguments of `Client.list` ask for; *now* is for durations.

    Raises:
        ConfigError: one of them is not usable.
    """
    if limit is not None and limit < 0:
        raise ConfigError(f"a limit cannot be {limit}; None lists everything")
    return JobFilters(
        statuses=_statuses(status),
        properties=_properties(properties),
        sort=sort,
        since=None if since is None else ago(since, "since", now),
        until=None if until is None else ago(until, "until", now),
        start=None if start is None else str(start),
        limit=limit,
    )


def _statuses(given: Statuses) -> tuple[str, ...]:
    if given is None:
        return ()
    several = {str(s).upper() for s in ([given] if isinstance(given, str) else given)}
    if not several:
        raise ConfigError("no status to list; None lists all")
    life = [str(status) for status in JobStatus]
    # What is like no state may be one that the service has and nobody told of.
    for status in several - set(life):
        if near := get_close_matches(status, life, n=1):
            raise ConfigError(f"there is no status {status!r}; did you mean {near[0]!r}?")
    # Jobs move on while one reads: who reads earlier states first may see one twice, and miss none.
    return tuple(
        sorted(several, key=lambda s: (life.index(s) if s in life else len(life), s))
    )


def _properties(given: Properties) -> tuple[str, ...]:
    match given:
        case None:
            return ()
        case str():
            several = [given]
        case Mapping():
            several = [f"{path}=={value}" for path, value in given.items()]
        case _:
            several = list(given)
    for wanted in several:
        _parts(wanted)
    return tuple(several)


def _spelt(value: object) -> str:
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else str(value)


def _parts(spelt: str) -> tuple[list[str], list[str], str]:
    """Return the path, the path within elements of an array if it is one, and the value."""
    where, equals, value = spelt.partition("==")
    path, tilde, key = where.partition("~")
    if not (equals and path) or bool(tilde) != bool(key):
        raise ConfigError(
            f"property {spelt!r} is no filter; write source==api, or segments~segmentId==… "
            "for elements of an array"
        )
    return path.split("."), key.split(".") if key else [], value


def _holds(raw: Mapping[str, Any], spelt: str) -> bool:
    """Tell whether *raw* meets a filter, or does not say."""
    path, key, value = _parts(spelt)
    found = _at(raw, path)
    if key and isinstance(found, list):
        return any(str(_at(element, key)) == value for element in found)
    return found is None or str(found) == value


def _at(body: object, path: Iterable[str]) -> object:
    for key in path:
        body = body.get(key) if isinstance(body, Mapping) else None
    return body
