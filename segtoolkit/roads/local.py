"""The local road: where the profiles are goes in, a client over a service in this process comes out."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import httpx

from segtoolkit import wire
from segtoolkit.client import Client
from segtoolkit.errors import ConfigError, PQLWarning
from segtoolkit.jobs import Polling
from segtoolkit.local import SegmentService, make_app, open_service
from segtoolkit.local.data import LocalData
from segtoolkit.local.declaring import XDM, Declaration, UnknownFields
from segtoolkit.local.evaluation import pulsing
from segtoolkit.local.limits import Limits
from segtoolkit.local.notes import collected
from segtoolkit.local.profiles import Kind
from segtoolkit.local.publishing import mount
from segtoolkit.local.service import Load
from segtoolkit.progress import ProgressChoice, steps_of
from segtoolkit.segments import read_segments
from segtoolkit.settings import Settings, given
from segtoolkit.warned import warn

# A file, a glob, a list of either, a DataFrame, an Arrow table or a list of dicts; or several of
# these, each under the name of its dataset.
Source: TypeAlias = Any

# One look costs two milliseconds here, and a job may take no longer than that.
_LOCAL_POLLING = Polling(first=0.02, most=1.0)


def connect_local(  # noqa: PLR0913 - a notebook is set up by one call
    path: str | Path | None = None,
    *,
    profiles: Source | Mapping[str, Source] | None = None,
    events: Source | Mapping[str, Source] | None = None,
    segments: Mapping[str, str] | None = None,
    schema: XDM | None = None,
    unknown_fields: UnknownFields | None = None,
    memory_limit: str | None = None,
    temp_directory: str | Path | None = None,
    max_temp_directory_size: str | None = None,
    published: str | Path | None = None,
    export_folder: str | Path | None = None,
    progress: ProgressChoice = None,
) -> Client:
    """Return a client whose jobs are evaluated here, by DuckDB, without account or network.

    Args:
        path: the store, a DuckDB file, made if there is none; None or ``:memory:`` keep nothing.
        profiles: XDM profiles to load first: NDJSON (also ``.gz``) or Parquet files or globs of
            them, a DataFrame, an Arrow table, a relation of DuckDB (a table of any database of
            yours), or a list of dicts. Each needs an ``identityMap``
            or ``_id``. A mapping gives several datasets, by name. Loading a dataset again replaces it.
        events: experience events to load, likewise; each belongs to the profile that carries its
            primary identity, and makes a profile of its own if none does.
        segments: expressions by name, to be defined, or changed where the name is taken; data and
            definitions are one change, so that what is wrong with either leaves both as they were.
        schema: the XDM schemas of profiles and events, if expressions are to be checked against
            what they declare as well as against the data: JSON files or objects as the Schema
            Registry gives them. The store keeps them.
        unknown_fields: ``"refuse"`` expressions that ask for a field that is not there, or take it
            for ``"null"``, with a `PQLWarning`. The store keeps the choice, at first ``"refuse"``.
        memory_limit: about how much this process may take, such as ``"1GB"``; DuckDB gets four
            fifths of it, less what Python takes. What is needed beyond goes to disk, and takes longer.
        temp_directory: the folder where that goes; beside the store unless given.
        max_temp_directory_size: how much may go there; half of what is free unless given.
        published: a folder that ``client.local.publish`` of another process wrote, in place of a store
            and data; it is read only, and what is defined or evaluated here is not kept.
        export_folder: where export jobs write; beside the store unless given.
        progress: what waiting shows: ``"auto"``, ``"off"``, ``"log"`` or a function of the job.

    Raises:
        ConfigError: *unknown_fields* is neither of the two, this process has the store open with
            other limits, or there is data besides what is *published*.
        DataError: an input or a schema is not what it should be; the store is as it was.
        PQLError: one of *segments* cannot be evaluated over the data; likewise.
        StoreError: the store is in use by another process, newer than this package, or no store.

    >>> people = [{"_id": "ann", "country": "US"}, {"_id": "bob", "country": "CA"}]
    >>> with connect_local(profiles=people) as client:
    ...     print(client.size('country = "US"'))
    1 of 2 profiles = 50.00%
    """
    limits = Limits(
        memory_limit=memory_limit,
        temp_directory=temp_directory,
        max_temp_directory_size=max_temp_directory_size,
    )
    if published is not None and any(
        one is not None for one in (path, profiles, events, schema)
    ):
        raise ConfigError(
            "published stands for path, profiles, events and schema; give none of them"
        )
    service = open_service(path, limits)
    try:
        if published is not None:
            with service.store.write() as cursor:
                mount(cursor, Path(published).expanduser().resolve())
        loads = [*_datasets("profiles", profiles), *_datasets("events", events)]
        declaration = Declaration(schema, unknown_fields)
        if loads or segments or declaration != Declaration():
            with collected() as notes:
                _prepare(service, loads, segments or {}, declaration, progress)
            for text in notes:
                warn(text, PQLWarning)
    except BaseException:
        service.close()
        raise
    folder = None if export_folder is None else Path(export_folder).expanduser().resolve()
    return _client_of(service, progress, published, folder)


def _prepare(
    service: SegmentService,
    loads: Sequence[Load],
    segments: Mapping[str, str],
    declaration: Declaration,
    progress: ProgressChoice,
) -> None:
    before = len(service.reports)
    with steps_of("load", None, progress) as steps, pulsing(steps.pulse):
        service.prepare(loads, segments, declaration, step=steps.tell)
        steps.done(" · ".join(map(str, service.reports[before:])))


def _datasets(
    kind: Kind, source: Source | Mapping[str, Source] | None
) -> Iterator[tuple[Kind, str | None, Source]]:
    if isinstance(source, Mapping):
        yield from ((kind, name, one) for name, one in source.items())
    elif source is not None:
        yield kind, None, source


def _client_of(
    service: SegmentService,
    progress: ProgressChoice,
    published: str | Path | None,
    export_folder: Path | None,
) -> Client:
    http = httpx.Client(
        transport=_InProcess(service, export_folder),
        base_url=f"http://segtoolkit.local{wire.BASE_PATH}",
    )
    path = service.store.path or (None if published is None else Path(published))
    client = Client(
        http,
        polling=_LOCAL_POLLING,
        local=LocalData(
            service,
            None if published is None else Path(published),
            export_folder,
            progress,
        ),
        name=path.name if path else "in memory",
        progress=progress,
        settings=given(kind="local", store=path, published=published),
    )
    # A cell that is run again drops its first client unclosed; its hold on the store must go too.
    weakref.finalize(client, http.close)
    return client


def client_of_files(settings: Settings) -> Client:
    """Return the client of `connect_local` for settings of kind ``local``."""
    client = connect_local(
        settings["store"],
        progress=settings["progress"],
        segments=_segments(settings["segments"]),
        **{name: settings[name] for name in _ARGUMENTS},
    )
    client.settings = settings
    return client


# Settings that are arguments of `connect_local` as they are.
_ARGUMENTS = (
    "profiles",
    "events",
    "schema",
    "unknown_fields",
    "memory_limit",
    "temp_directory",
    "max_temp_directory_size",
    "published",
)


def _segments(found: Path | Mapping[str, str] | None) -> Mapping[str, str] | None:
    return read_segments(found) if isinstance(found, Path) else found


class _InProcess(httpx.WSGITransport):
    """Calls the service without a socket, and lets go of it when the client is closed."""

    def __init__(self, service: SegmentService, export_folder: Path | None) -> None:
        super().__init__(app=make_app(service, export_folder=export_folder))
        self._service: SegmentService | None = service

    def close(self) -> None:
        if self._service is not None:
            self._service.close()
            self._service = None
