"""Fragments of one person in several datasets become one profile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segtoolkit.local import profiles
from segtoolkit.local.profiles import views
from segtoolkit.local.profiles.deriving import PLAIN
from segtoolkit.models import AttributeMerge, IdentityGraph, MergePolicy
from tests.local.fragments import contents, event, new_store, person, rows, xdm
from tests.local.merge_oracle import Fragment, entries, merged, persons, without_nothing

DATASETS = ("crm", "web", "app")
EPOCH = datetime(
    2030, 1, 1, tzinfo=UTC
)  # loads are newer than what records say of themselves


def optional(**fields):
    return st.fixed_dictionaries({}, optional=fields)


times = st.sampled_from(["2024-01-01T00:00:00Z", "2025-06-01T12:00:00Z"])
memberships = st.dictionaries(
    st.sampled_from(["ups", "aam"]),
    st.dictionaries(
        st.sampled_from(["gold", "lapsed"]),
        optional(
            status=st.sampled_from(["realized", "exited"]),
            lastQualificationTime=times,
        ).filter(bool),
    ),
)
emails = st.lists(st.sampled_from(["a@x", "b@x", "c@x"]), max_size=2, unique=True)
states = st.sampled_from(["authenticated", "loggedOut"])
attributes = optional(
    a=st.integers(0, 5) | st.none(),
    tags=st.lists(st.sampled_from("xyz"), max_size=2),
    home=optional(
        city=st.sampled_from(["Rome", "Oslo"]),
        geo=optional(lat=st.integers(0, 9), lon=st.integers(0, 9)),
    )
    | st.none(),
    segmentMembership=memberships,
    extSourceSystemAudit=optional(lastUpdatedDate=times),
)


@st.composite
def records(draw, owner):
    """A record whose primary identity is *owner*."""
    known = [{"id": id_, "authenticatedState": draw(states)} for id_ in draw(emails)]
    identities = {"CRMID": [{"id": owner, "primary": True}]}
    if known:
        identities["Email"] = known
    return {"_id": owner, "identityMap": identities, **draw(attributes)}


datasets = st.lists(
    st.lists(st.sampled_from("123"), min_size=1, unique=True).flatmap(
        lambda owners: st.tuples(*map(records, owners))
    ),
    min_size=1,
    max_size=3,
)


@pytest.fixture
def store(tmp_path):
    with new_store(tmp_path / "store.duckdb") as connection:
        yield connection


ORDERS = st.lists(st.sampled_from([*DATASETS, "elsewhere"]), unique=True).map(tuple)
policies = st.builds(
    MergePolicy,
    id=st.just("p"),
    name=st.just("p"),
    attribute_merge=st.sampled_from(AttributeMerge),
    order=ORDERS,
    identity_graph=st.sampled_from(IdentityGraph),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # each example loads files
@given(datasets, policies)
def test_profiles_are_those_of_the_oracle(loaded, policy):
    with duckdb.connect() as store:
        store.execute("SET GLOBAL TimeZone = 'UTC'")
        profiles.create_tables(store)
        fragments = []
        for number, (name, content) in enumerate(zip(DATASETS, loaded, strict=False)):
            profiles.load(store, list(content), kind="profiles", name=name)
            fragments += [
                Fragment(record, name, row, EPOCH + timedelta(days=number))
                for row, record in enumerate(content)
            ]
        assert found_by_fragments(store) == expected(fragments, PLAIN)
        views.build(store, "view", policy)
        store.execute("SET search_path = 'view,main'")
        assert found_by_fragments(store) == expected(fragments, policy)
        assert identities_of(store) == {
            frozenset(identity for f in held for identity, _ in entries(f.record))
            for held in persons(fragments, policy)
        }


def expected(fragments, policy):
    """Every profile, by its identities, of which some may be another's too."""
    return sorted(
        map(
            repr, (sorted_keys(merged(held, policy)) for held in persons(fragments, policy))
        )
    )


def found_by_fragments(store):
    found = rows(store, "SELECT xdm FROM profiles")
    return sorted(repr(sorted_keys(without_nothing(record))) for (record,) in found)


def sorted_keys(value):
    if isinstance(value, dict):
        return {name: sorted_keys(value[name]) for name in sorted(value)}
    return value


def identities_of(store):
    """The identities of each profile, as its namespaces and the table of identities have them."""
    held = rows(
        store,
        """SELECT list((namespace, identities.id)), list_sort(list(DISTINCT namespace)) = any_value(namespaces)
           FROM profiles JOIN namespace_sets ON namespace_set = namespace_sets.id
           JOIN identities USING (rid) GROUP BY rid""",
    )
    assert all(agree for _, agree in held)
    return {frozenset(map(tuple, listed)) for listed, _ in held}


def test_what_is_loaded_later_is_newer_even_within_one_transaction(store):
    store.begin()
    for name in ("web", "app", "crm"):
        profiles.load(store, [person(1, source=name)], kind="profiles", name=name)
    store.commit()
    assert xdm(store, ["source"])[0] == ["crm"]
    profiles.load(store, [person(1, source="web")], kind="profiles", name="web")
    assert xdm(store, ["source"])[0] == ["web"]


@pytest.mark.parametrize("spell", [str, lambda time: int(time.timestamp() * 1000)])
def test_a_record_may_say_itself_when_it_was_updated(store, spell):
    for name, year in (("crm", 2025), ("web", 2024)):
        audit = {"lastUpdatedDate": spell(datetime(year, 1, 1, tzinfo=UTC))}
        record = person(1, source=name, extSourceSystemAudit=audit)
        profiles.load(store, [record], kind="profiles", name=name)
    assert xdm(store, ["source"])[0] == ["crm"]


def test_a_map_is_merged_key_by_key(store):
    kind = pa.map_(pa.string(), pa.int64())
    for name, scores in (("crm", [("a", 1), ("b", 1)]), ("web", [("b", 2), ("a", None)])):
        table = pa.table({"_id": ["x"], "scores": pa.array([scores], kind)})
        profiles.load(store, table, kind="profiles", name=name)
    assert xdm(store, ["scores"])[0] == [{"a": 1, "b": 2}]


def test_identities_of_all_fragments_are_the_persons_and_count_once(store):
    both = {"CRMID": [{"id": "1", "primary": True}], "Email": [{"id": "a@x"}]}
    profiles.load(store, [{"identityMap": both}], kind="profiles", name="crm")
    ecid = {**both, "ECID": [{"id": "7"}]}
    profiles.load(store, [{"identityMap": ecid}, person(2)], kind="profiles", name="web")
    assert rows(store, "FROM identities ORDER BY ALL") == [
        ("CRMID", "1", 0),
        ("CRMID", "2", 1),
        ("ECID", "7", 0),
        ("Email", "a@x", 0),
    ]
    assert rows(
        store,
        """SELECT rid, namespaces FROM profiles JOIN namespace_sets ON id = namespace_set
           ORDER BY rid""",
    ) == [(0, ["CRMID", "ECID", "Email"]), (1, ["CRMID"])]


def test_a_record_id_makes_no_person_where_there_is_an_identity(store):
    for name, owner in (("crm", 1), ("web", 2)):
        record = {**person(owner), "_id": "same"}
        profiles.load(store, [record], kind="profiles", name=name)
    assert rows(store, "SELECT namespace, id FROM keys ORDER BY rid") == [
        ("CRMID", "1"),
        ("CRMID", "2"),
    ]


def test_events_belong_to_the_merged_profile(store):
    for name in ("crm", "web"):
        profiles.load(store, [person(1, **{name: 1})], kind="profiles", name=name)
    report = profiles.load(store, [event(1, 1)], kind="events")
    assert (report.profiles, report.ambiguous_events) == (1, 0)
    assert rows(store, "SELECT rid, xdm._id FROM events") == [(0, "e1")]


def test_a_fragment_that_leaves_takes_along_what_only_it_knew(store):
    profiles.load(store, [person(1, a=1)], kind="profiles", name="crm")
    profiles.load(store, [person(1, b=2)], kind="profiles", name="web")
    profiles.load(store, [person(2)], kind="profiles", name="crm")
    assert rows(store, "SELECT rid, xdm._id, xdm.b FROM profiles ORDER BY rid") == [
        (0, "p1", 2),
        (1, "p2", None),
    ]


def test_the_same_loads_make_the_same_profiles(store, tmp_path):
    loads = [
        [person(n % 40, **{name: n}) for n in range(0, 40, step)]
        for step, name in ((1, "crm"), (2, "web"), (3, "app"))
    ]
    with new_store(tmp_path / "other.duckdb") as other:
        for at in (store, other):
            for name, content in zip(DATASETS, loads, strict=True):
                profiles.load(at, content, kind="profiles", name=name)
        tables = [("main", name) for name in ("profiles", "keys")]
        ours, theirs = contents(store), contents(other)
        assert [ours[table] for table in tables] == [theirs[table] for table in tables]
