"""What only the local road can do: look after the data, and read who is in an audience."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from segtoolkit.errors import ConfigError
from segtoolkit.local.audiences import Audience, Audiences, Members, Overlap
from segtoolkit.local.profiles import LoadReport, Mode, Step, quietly
from segtoolkit.local.publishing import publish
from segtoolkit.local.service import SegmentService
from segtoolkit.models import AttributeMerge, IdentityGraph, MergePolicy, SegmentDefinition

Choice = TypeVar("Choice", bound=StrEnum)


class MergePolicies:
    """The merge policies of a local store; reached as ``client.local.merge_policies``."""

    def __init__(self, service: SegmentService) -> None:
        self._service = service

    def put(
        self,
        name: str,
        *,
        attribute_merge: str = AttributeMerge.TIMESTAMP_ORDERED,
        order: Iterable[str] = (),
        identity_graph: str = IdentityGraph.NONE,
        is_default: bool | None = None,
    ) -> MergePolicy:
        """Create the policy called *name*, or change it; a new one has *name* as its id.

        Args:
            name: of the policy.
            attribute_merge: ``timestampOrdered``: of each attribute the newest value holds;
                ``dataSetPrecedence``: that of the dataset that comes first in *order*.
            order: names of datasets, the preferred one first; those not named come last, newest
                first.
            identity_graph: ``none``: each primary identity is a person; ``pdg``: all identities
                that records link are one, up to 50.
            is_default: whether new definitions have it unless told otherwise; None leaves it.

        Raises:
            BadRequest: *order* has no use, or there would be no default.
            ConfigError: there is no such merge or graph.
        """
        known = next((p for p in self.list() if p.name == name), None)
        default = known is not None and known.is_default
        policy = MergePolicy(
            id=known.id if known else name,
            name=name,
            attribute_merge=_choice(AttributeMerge, attribute_merge),
            order=tuple(order),
            identity_graph=_choice(IdentityGraph, identity_graph),
            is_default=default if is_default is None else is_default,
        )
        return self._service.put_merge_policy(policy)

    def get(self, name: str) -> MergePolicy:
        """Return the policy of that name or id.

        Raises:
            NotFound: there is none.
        """
        return self._service.merge_policy(name)

    def list(self) -> tuple[MergePolicy, ...]:
        """Return all policies, the default first."""
        return self._service.merge_policies()

    def __repr__(self) -> str:
        return f"<MergePolicies {', '.join(policy.name for policy in self.list())}>"


def _choice(kind: type[Choice], given: str) -> Choice:
    try:
        return kind(given)
    except ValueError as error:
        known = " or ".join(repr(choice.value) for choice in kind)
        raise ConfigError(f"{given!r} is not {known}") from error


class LocalData:
    """The profiles, events and audiences of a local store; reached as ``client.local``."""

    def __init__(self, service: SegmentService, published: Path | None = None) -> None:
        self._service = service
        self._published = published
        self._audiences = Audiences(service.reader, service.engine)

    @property
    def path(self) -> Path | None:
        """The store's file; None in memory."""
        return self._service.store.path

    @property
    def reports(self) -> tuple[LoadReport, ...]:
        """What this process loaded into the store, oldest first."""
        return self._service.reports

    @property
    def merge_policies(self) -> MergePolicies:
        """How fragments of profiles become profiles: put, get, list."""
        return MergePolicies(self._service)

    def load_profiles(
        self,
        source: Any,
        *,
        name: str | None = None,
        mode: Mode = "replace",
        progress: Step = quietly,
    ) -> LoadReport:
        """Load *source* as the dataset *name* (its stem unless told).

        Args:
            source: as `segtoolkit.connect_local` takes it.
            name: of the dataset.
            mode: ``replace`` the dataset of that name, ``append`` profiles that are new to it, or
                ``upsert``: replace those of the same primary identity, and add the others.
            progress: a function of what is done next, a text, and the number of records that it is
                about, or None. It is called from another thread; what it raises ends the load.

        Raises:
            ConfigError: there is no such mode.
            DataError: it is not what it should be; the store is as it was.
        """
        self._refuse_if_published()
        return self._service.load(
            source, kind="profiles", name=name, mode=mode, step=progress
        )

    def load_events(
        self,
        source: Any,
        *,
        name: str | None = None,
        mode: Mode = "replace",
        progress: Step = quietly,
    ) -> LoadReport:
        """Load events; otherwise as `load_profiles`, but for what makes two of them the same.

        That is their ``_id``: ``append`` drops events whose ``_id`` is known, ``upsert`` replaces
        the known ones.
        """
        self._refuse_if_published()
        return self._service.load(
            source, kind="events", name=name, mode=mode, step=progress
        )

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

    def publish(self, folder: str | Path) -> Path:
        """Write all there is as Parquet files into *folder*, for other processes to read.

        They open it with ``connect_local(published=folder)``, as often as they like, also while this
        store is open or published again: the newest snapshot takes the place of the one before at
        once, which stays for those who read it.

        Returns:
            where the snapshot is; any reader of Parquet can have its ``profiles.parquet`` and so on.

        Raises:
            ConfigError: *folder* has something else in it.
        """
        target = Path(folder).expanduser().resolve()
        return self._service.reader.read(lambda cursor: publish(cursor, target))

    def _refuse_if_published(self) -> None:
        if self._published is not None:
            raise ConfigError(
                f"{self._published} is published, and for reading only; load into the store that "
                "it is published from"
            )

    def __repr__(self) -> str:
        return f"<LocalData {self.path or 'in memory'}>"
