"""What only the local road can do: look after the data, and read who is in an audience."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from segtoolkit import cards
from segtoolkit.engine.schema import read_schema
from segtoolkit.errors import ConfigError
from segtoolkit.local import policies, values
from segtoolkit.local.audiences import Audience, Audiences, Members, Overlap
from segtoolkit.local.evaluation import pulsing
from segtoolkit.local.exports import export_folder
from segtoolkit.local.merge_policies import MergePolicies
from segtoolkit.local.profiles import Kind, LoadReport, Mode
from segtoolkit.local.publishing import publish
from segtoolkit.local.service import SegmentService
from segtoolkit.models import SegmentDefinition
from segtoolkit.pql.types import Schema
from segtoolkit.progress import NamedProgress, ProgressChoice, Step, steps_of


class LocalData:
    """The profiles, events and audiences of a local store; reached as ``client.local``."""

    def __init__(
        self,
        service: SegmentService,
        published: Path | None = None,
        export_folder: Path | None = None,
        progress: ProgressChoice = None,
    ) -> None:
        self._service = service
        self._published = published
        self._export_folder = export_folder
        self._progress = progress
        self._audiences = Audiences(service.reader, service.engine, progress=progress)

    @property
    def path(self) -> Path | None:
        """The store's file; None in memory."""
        return self._service.store.path

    @property
    def export_folder(self) -> Path:
        """Where export jobs write: ``<dataset>/<batch>/profiles.parquet`` below it.

        Without a store's file and unless told otherwise, it goes when the client is closed.
        """
        return self._export_folder or export_folder(self._service.store)

    @property
    def reports(self) -> tuple[LoadReport, ...]:
        """What this process loaded into the store, oldest first."""
        return self._service.reports

    @property
    def merge_policies(self) -> MergePolicies:
        """How fragments of profiles become profiles: put, get, list."""
        return MergePolicies(self._service.changes, self._progress)

    def load_profiles(
        self,
        source: Any,
        *,
        name: str | None = None,
        mode: Mode = "replace",
        progress: NamedProgress | Step | None = None,
    ) -> LoadReport:
        """Load *source* as the dataset *name* (its stem unless told).

        Args:
            source: as `segtoolkit.connect_local` takes it.
            name: of the dataset.
            mode: ``replace`` the dataset of that name, ``append`` profiles that are new to it, or
                ``upsert``: replace those of the same primary identity, and add the others.
            progress: ``"auto"``, ``"off"`` or ``"log"``; None takes the client's. Or a function of what
                is done next, a text, and the number of records that it is about, or None: it is
                called from another thread; what it raises ends the load.

        Raises:
            ConfigError: there is no such mode.
            DataError: it is not what it should be; the store is as it was.
        """
        return self._load(source, "profiles", name, mode, progress)

    def load_events(
        self,
        source: Any,
        *,
        name: str | None = None,
        mode: Mode = "replace",
        progress: NamedProgress | Step | None = None,
    ) -> LoadReport:
        """Load events; otherwise as `load_profiles`, but for what makes two of them the same.

        That is their ``_id``: ``append`` drops events whose ``_id`` is known, ``upsert`` replaces
        the known ones.
        """
        return self._load(source, "events", name, mode, progress)

    def fields(self) -> Mapping[str, str]:
        """Return the fields of the profiles that hold one value, by dotted path, and of what kind.

        Kinds are such as ``string``, ``integer``, ``number``, ``boolean`` and ``date or time``.
        """
        return self._service.reader.read(values.fields)

    def schema(self) -> Schema:
        """Return all fields of profiles and events, with their types, as `pql.lint` takes them."""
        return self._service.reader.read(read_schema)

    def namespaces(self) -> tuple[str, ...]:
        """Return the namespaces of which some profile has an identity, sorted."""
        return self._service.reader.read(values.namespaces)

    def values(self, field: str, *, most: int = 50) -> Mapping[Any, int]:
        """Return how many profiles have which value of *field*, the *most* frequent first.

        Raises:
            ConfigError: there is no such field, or it is a list, a map or an object.
        """

        def read(cursor: DuckDBPyConnection) -> Mapping[Any, int]:
            policies.look_through_default(cursor)
            return values.counts(cursor, field, most)

        return self._service.reader.read(read)

    def audience(self, segment: str | SegmentDefinition) -> Audience:
        """Return who was in *segment* (its id or name) after its last job, as a set.

        ``a & b``, ``a | b``, ``a - b`` and ``~a`` make other sets; nothing is evaluated again. A
        `StaleAudienceWarning` says so if the data was changed since.

        Raises:
            NotFound: there is no such segment.
            StoreError: no job has evaluated it.
        """
        return self._audiences.audience(segment)

    def members(
        self, segment: str | SegmentDefinition, fields: Iterable[str] = ()
    ) -> Members:
        """Return the profiles of `audience`, with some of their *fields*, by dotted path.

        Raises:
            ConfigError: profiles have no such field.
            NotFound, StoreError: as `audience`.
        """
        return self.audience(segment).members(fields)

    def overlap(self, wanted: Iterable[str | SegmentDefinition | Audience]) -> Overlap:
        """Count who was in which of several audiences after their last jobs; each profile once.

        Raises:
            ConfigError: there are fewer than two, or one twice.
            NotFound, StoreError: as `audience`.
        """
        return self._audiences.overlap(wanted)

    def prepare_sample(self, size: int) -> bool:
        """Tell whether ``client.size(…, budget=size)`` has its sample; if not, begin to draw it.

        It is drawn beside what else goes on, once for the same data, and kept in the store. None is
        drawn of few profiles: *size* must be a quarter of them at most.

        Raises:
            ConfigError: *size* is no number of profiles.
        """
        return self._service.sampler.prepare(_number(size))

    def publish(
        self, folder: str | Path, *, progress: NamedProgress | Step | None = None
    ) -> Path:
        """Write all there is as Parquet files into *folder*, for other processes to read.

        They open it with ``connect_local(published=folder)``, as often as they like, also while this
        store is open or published again: the newest snapshot takes the place of the one before at
        once, which stays for those who read it.

        Args:
            folder: of its own; it is made if it is not there.
            progress: as for `load_profiles`.

        Returns:
            where the snapshot is; any reader of Parquet can have its ``profiles.parquet`` and so on.

        Raises:
            ConfigError: *folder* has something else in it.
        """
        target = Path(folder).expanduser().resolve()
        with (
            steps_of("publication", progress, self._progress) as steps,
            pulsing(steps.pulse),
        ):
            snapshot = self._service.reader.copy(
                lambda cursor, go_on: publish(cursor, target, go_on, steps.tell)
            )
            steps.done(f"published as {snapshot.name} in {target}")
        return snapshot

    def _load(
        self,
        source: Any,
        kind: Kind,
        name: str | None,
        mode: Mode,
        progress: NamedProgress | Step | None,
    ) -> LoadReport:
        self._refuse_if_published()
        with (
            steps_of(f"load of {kind}", progress, self._progress) as steps,
            pulsing(steps.pulse),
        ):
            report = self._service.load(
                source, kind=kind, name=name, mode=mode, step=steps.tell
            )
            steps.done(str(report))
        return report

    def _refuse_if_published(self) -> None:
        if self._published is not None:
            raise ConfigError(
                f"{self._published} is published, and for reading only; load into the store that "
                "it is published from"
            )

    def __repr__(self) -> str:
        return f"<LocalData {self.path or 'in memory'}>"

    def _repr_html_(self) -> str:
        rows = [(r.dataset, r.kind, r.rows) for r in reversed(self.reports)]
        table = cards.table(["loaded", "kind", "records"], rows, ".reports")
        return cards.thing_card("local data", str(self.path or "in memory"), {}, table)


def _number(size: object) -> int:
    if isinstance(size, int) and size >= 1:
        return size
    raise ConfigError(f"a sample has a number of profiles, such as 100_000, not {size!r}")
