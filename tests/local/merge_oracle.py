"""What merging means, record by record over plain dicts: datasets and a policy in, profiles out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from segtoolkit.models import AttributeMerge, IdentityGraph, MergePolicy

Record = Mapping[str, Any]
Identity = tuple[str, str]


@dataclass(frozen=True)
class Fragment:
    """A record, where it came from, and the moment its dataset was loaded, later is higher."""

    record: Record
    dataset: str
    row: int
    loaded: datetime

    @property
    def primary(self) -> Identity:
        return next(
            identity for identity, entry in entries(self.record) if entry.get("primary")
        )

    @property
    def updated(self) -> datetime:
        said = self.record.get("extSourceSystemAudit", {}).get("lastUpdatedDate")
        return datetime.fromisoformat(said) if said else self.loaded


def entries(record: Record) -> Iterator[tuple[Identity, Record]]:
    for namespace, listed in record["identityMap"].items():
        for entry in listed:
            yield (namespace, entry["id"]), entry


def persons(fragments: Sequence[Fragment], policy: MergePolicy) -> list[list[Fragment]]:
    """The fragments of each person: of one primary identity, or of any that are linked."""
    groups: list[tuple[set[Identity], list[Fragment]]] = []
    for fragment in fragments:
        own = {fragment.primary}
        if policy.identity_graph is IdentityGraph.PRIVATE:
            own = {identity for identity, _ in entries(fragment.record)}
        met = [group for group in groups if group[0] & own]
        groups = [group for group in groups if not group[0] & own]
        identities = own.union(*(identities for identities, _ in met))
        groups.append((identities, [f for _, held in met for f in held] + [fragment]))
    return [held for _, held in groups]


def merged(fragments: Sequence[Fragment], policy: MergePolicy) -> Record:
    """The profile of one person."""

    def standing(fragment: Fragment) -> tuple[Any, ...]:
        named = [name for name in policy.order if name == fragment.dataset]
        ordered = policy.attribute_merge is AttributeMerge.DATASET_PRECEDENCE
        place = policy.order.index(*named) if named else len(policy.order)
        age = -fragment.updated.timestamp()
        return (place if ordered else 0, age, fragment.dataset, fragment.row)

    records = [fragment.record for fragment in sorted(fragments, key=standing)]
    own = {"identityMap": _identities(records), "segmentMembership": _memberships(records)}
    return without_nothing({**_united(records), **own})


def _united(records: Sequence[Record]) -> Record:
    """Leaf by leaf, the first that has a value; a list is one."""
    whole: dict[str, Any] = {}
    for name in {name for record in records for name in record}:
        values = [record[name] for record in records if record.get(name) is not None]
        if values:
            whole[name] = _united(values) if isinstance(values[0], dict) else values[0]
    return whole


def _identities(records: Sequence[Record]) -> Record:
    held: dict[str, dict[str, Record]] = {}
    for record in records:
        for (namespace, id_), entry in entries(record):
            held.setdefault(namespace, {}).setdefault(id_, entry)
    return {namespace: list(by_id.values()) for namespace, by_id in held.items()}


def _memberships(records: Sequence[Record]) -> Record:
    held: dict[str, dict[str, Record]] = {}
    for record in records:
        for space, segments in (record.get("segmentMembership") or {}).items():
            for segment, entry in segments.items():
                known = held.setdefault(space, {}).get(segment)
                if known is None or _qualified(entry) > _qualified(known):
                    held[space][segment] = entry
    return held


def _qualified(entry: Record) -> datetime:
    said = entry.get("lastQualificationTime")
    return datetime.fromisoformat(said or "0001-01-01T00:00:00Z")


def without_nothing(value: Any) -> Any:
    """Leave out nulls and empty objects, and write times as one text, so that two sides compare."""
    match value:
        case dict():
            kept = {name: without_nothing(part) for name, part in value.items()}
            return {name: part for name, part in kept.items() if part not in (None, {})}
        case list():
            return [without_nothing(item) for item in value]
        case datetime():
            return f"{value:%Y-%m-%dT%H:%M:%SZ}"
        case _:
            return value
