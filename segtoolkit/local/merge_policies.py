"""The merge policies of a store, as a caller sees them: put, get, list."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

from segtoolkit.cards import Verbs
from segtoolkit.errors import ConfigError
from segtoolkit.local import policies
from segtoolkit.local.changes import Changes, heeding
from segtoolkit.local.evaluation import Run, pulsing
from segtoolkit.local.ledger import Cursor
from segtoolkit.models import AttributeMerge, IdentityGraph, MergePolicy
from segtoolkit.progress import NamedProgress, ProgressChoice, Step, steps_of

Choice = TypeVar("Choice", bound=StrEnum)


class MergePolicies(Verbs):
    """The merge policies of a local store; reached as ``client.local.merge_policies``."""

    def __init__(self, changes: Changes, progress: ProgressChoice = None) -> None:
        self._changes = changes
        self._progress = progress

    def put(
        self,
        name: str,
        *,
        attribute_merge: str = AttributeMerge.TIMESTAMP_ORDERED,
        order: Iterable[str] = (),
        identity_graph: str = IdentityGraph.NONE,
        is_default: bool | None = None,
        progress: NamedProgress | Step | None = None,
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
            progress: as for ``client.local.load_profiles``.

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

        with steps_of(f"merge policy {name!r}", progress, self._progress) as steps:

            def change(cursor: Cursor, run: Run) -> None:
                policies.put(cursor, policy, heeding(run, steps.tell))

            with pulsing(steps.pulse):
                self._changes.make(change)
            steps.done("profiles are merged")
        return policy

    def get(self, name: str) -> MergePolicy:
        """Return the policy of that name or id.

        Raises:
            NotFound: there is none.
        """
        with self._changes.store.read() as cursor:
            return policies.present(cursor, name)

    def list(self) -> tuple[MergePolicy, ...]:
        """Return all policies, the default first."""
        with self._changes.store.read() as cursor:
            return policies.listed(cursor)


def _choice(kind: type[Choice], given: str) -> Choice:
    try:
        return kind(given)
    except ValueError as error:
        known = " or ".join(repr(choice.value) for choice in kind)
        raise ConfigError(f"{given!r} is not {known}") from error
