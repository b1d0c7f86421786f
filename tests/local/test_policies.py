"""Merge policies: what they make of several datasets, in jobs, and how they are kept."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np
import pytest

import segtoolkit as sg
from segtoolkit.local.profiles import graph, views
from segtoolkit.models import AttributeMerge, IdentityGraph, MergePolicy
from segtoolkit.wire import merge_policy_from_json, merge_policy_to_json
from tests.local.fragments import event, new_store, person, rows

PRECEDENCE = {"attribute_merge": "dataSetPrecedence"}


def linked(primary, *others, **fields):
    """A record with a CRMID and, linked to it, identities such as ``Email:a``."""
    record = person(primary, **fields)
    for other in others:
        namespace, _, id_ = other.partition(":")
        record["identityMap"].setdefault(namespace, []).append({"id": id_})
    return record


CRM = [linked(1, "Email:a", tier="gold"), linked(2, "Email:b", tier="gold")]
WEB = [linked(1, tier="basic"), linked(3, "Email:b", tier="basic")]


@contextmanager
def connected(path=None, **sources):
    given = {"profiles": {"crm": CRM, "web": WEB}, **sources}
    with sg.connect_local(path, progress="off", **given) as client:
        yield client


@pytest.fixture
def client():
    with connected() as made:
        yield made


def sizes(client, *segments):
    return client.run(segments).metrics.segmented_profile_counter


def test_a_store_begins_with_a_policy_of_the_newest_value_and_no_graph(client):
    (policy,) = client.local.merge_policies.list()
    assert policy == MergePolicy(id=policy.id, name="Default", is_default=True)


def test_each_policy_of_one_job_sees_its_own_profiles(client):
    policies = client.local.merge_policies
    first = policies.put("crm first", **PRECEDENCE, order=["crm", "web"])
    people = policies.put("people", identity_graph="pdg")
    default = client.definitions.put("gold", 'tier = "gold"')
    client.definitions.put("gold in crm", 'tier = "gold"', merge_policy=first)
    client.definitions.put("gold people", 'tier = "gold"', merge_policy="people")
    metrics = client.run(["gold", "gold in crm", "gold people"]).metrics
    # 1 is basic as the web says, which is newer; 2 is the same person as 3 by their e-mail.
    assert metrics.segmented_profile_counter == {
        "gold": 1,
        "gold in crm": 2,
        "gold people": 0,
    }
    assert metrics.total_profiles_by_merge_policy == {
        default.merge_policy_id: 3,
        first.id: 3,
        people.id: 2,
    }
    assert metrics.total_profiles == 3
    assert metrics.segmented_profile_by_namespace_counter["gold in crm"] == {
        "CRMID": 2,
        "Email": 2,
    }


def test_one_expression_counts_otherwise_when_its_definition_gets_another_policy(client):
    client.definitions.put("gold", 'tier = "gold"')
    assert sizes(client, "gold") == {"gold": 1}
    policy = client.local.merge_policies.put("first", **PRECEDENCE, order=["crm"])
    client.definitions.put("gold", 'tier = "gold"', merge_policy=policy)
    assert sizes(client, "gold") == {"gold": 2}
    client.definitions.put("gold", 'tier.startsWith("gold")')
    assert sizes(client, "gold") == {"gold": 2}


def test_a_changed_policy_holds_for_the_next_job(client):
    put = client.local.merge_policies.put
    put("first", **PRECEDENCE, order=["crm"])
    client.definitions.create("gold", 'tier = "gold"', id="gold", merge_policy="first")
    assert sizes(client, "gold") == {"gold": 2}
    put("first", **PRECEDENCE, order=["WEB"])
    assert sizes(client, "gold") == {"gold": 1}


def test_policies_see_what_is_loaded_later(client):
    policy = client.local.merge_policies.put("people", identity_graph="pdg")
    client.definitions.create("all", "true", id="all", merge_policy=policy)
    assert sizes(client, "all") == {"all": 2}
    client.local.load_profiles([linked(4, "Email:a"), linked(5)], name="app")
    assert sizes(client, "all") == {"all": 3}
    client.local.load_profiles([linked(1, "Email:b"), linked(3, "Email:b")], name="web")
    assert sizes(client, "all") == {"all": 2}


def test_events_of_any_identity_are_the_persons(client):
    deeds = [event(1, 2), event(2, 3), event(3, "b", "Email"), event(4, 1)]
    client.local.load_events(deeds)
    policy = client.local.merge_policies.put("people", identity_graph="pdg")
    rule = 'xEvent[eventType = "view"].count() = 3'
    client.definitions.create("three", rule, id="three", merge_policy=policy)
    assert sizes(client, "three") == {"three": 1}


def test_events_link_identities_too():
    seen = event(1, "e", "ECID")
    seen["identityMap"]["CRMID"] = [{"id": "1"}]
    with connected(events=[seen, event(2, "f", "ECID")]) as client:
        policy = client.local.merge_policies.put("people", identity_graph="pdg")
        client.definitions.create("all", "true", id="all", merge_policy=policy)
        metrics = client.run("all").metrics
        # 1 with the ECID e, 2 with 3, and the ECID f of which only an event is known.
        assert metrics.segmented_profile_counter == {"all": 3}
        reached = metrics.segmented_profile_by_namespace_counter["all"]
        assert reached == {"CRMID": 2, "Email": 2, "ECID": 2}


def test_a_segment_asks_for_members_of_another_as_its_own_policy_sees_them(client):
    client.local.merge_policies.put("first", **PRECEDENCE, order=["crm"])
    client.definitions.put("gold", 'tier = "gold"')
    client.definitions.put("again", 'inSegment("gold")', merge_policy="first")
    assert sizes(client, "gold", "again") == {"gold": 1, "again": 2}


def test_sizes_are_those_of_the_default_policy(client):
    assert client.size('tier = "gold"').size == 1
    client.local.merge_policies.put("first", **PRECEDENCE, order=["crm"], is_default=True)
    assert client.size('tier = "gold"').size == 2
    new = client.definitions.put("gold", 'tier = "gold"')
    assert new.merge_policy_id == "first"
    assert [(p.name, p.is_default) for p in client.local.merge_policies.list()] == [
        ("first", True),
        ("Default", False),
    ]


def test_policies_are_kept_in_the_store(tmp_path):
    path = tmp_path / "store.duckdb"
    with connected(path) as client:
        put = client.local.merge_policies.put("first", **PRECEDENCE, order=["crm"])
        client.definitions.put("gold", 'tier = "gold"', merge_policy=put)
    with sg.connect_local(path, progress="off") as client:
        assert client.local.merge_policies.get("first") == put
        assert sizes(client, "gold") == {"gold": 2}


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        ({"name": "x", "order": ["crm"]}, sg.BadRequest, "has no order of datasets"),
        ({"name": "x", "identity_graph": "all"}, sg.ConfigError, "'all' is not 'none' or 'pdg'"),
        ({"name": "x", "attribute_merge": "newest"}, sg.ConfigError, "'newest' is not"),
        ({"name": "Default", "is_default": False}, sg.BadRequest, "is the default merge policy"),
    ],
)  # fmt: skip
def test_a_policy_that_makes_no_sense_is_refused(client, call, error, message):
    before = client.local.merge_policies.list()
    with pytest.raises(error, match=message):
        client.local.merge_policies.put(**call)
    assert client.local.merge_policies.list() == before


def test_a_policy_that_is_not_there_is_refused(client):
    with pytest.raises(sg.NotFound, match="no merge policy 'x'"):
        client.local.merge_policies.get("x")
    with pytest.raises(sg.BadRequest, match="no merge policy 'x'"):
        client.definitions.put("gold", 'tier = "gold"', merge_policy="x")


def test_views_are_made_again_only_for_other_data(tmp_path):
    def schemas(client):
        with client.local._service.store.read() as cursor:
            return {
                (name, oid)
                for name, oid in rows(
                    cursor,
                    "SELECT schema_name, table_oid FROM duckdb_tables() WHERE schema_name LIKE 'view%'",
                )
            }

    with connected(tmp_path / "store.duckdb") as client:
        put = client.local.merge_policies.put
        put("first", **PRECEDENCE, order=["crm"])
        before = schemas(client)
        assert len(before) == 1
        put("the same", **PRECEDENCE, order=["CRM"])
        assert schemas(client) == before
        put("people", identity_graph="pdg")
        assert before < schemas(client)
        client.local.load_profiles(CRM, name="crm")
        assert not before & schemas(client)
        for name in ("first", "the same", "people"):
            put(name)
        assert schemas(client) == set()


def test_a_policy_that_sees_nothing_otherwise_costs_no_table(tmp_path):
    with new_store(tmp_path / "store.duckdb") as store:
        from segtoolkit.local import profiles

        profiles.load(store, CRM, kind="profiles")
        policy = MergePolicy(id="", name="", identity_graph=IdentityGraph.PRIVATE)
        views.build(store, "view", policy)
        tables = (
            "SELECT table_name FROM duckdb_tables() WHERE temporary OR schema_name = 'view'"
        )
        assert rows(store, tables) == []


# The graph


def test_identities_are_one_where_links_connect_them():
    a, b = np.array([0, 1, 4, 6]), np.array([1, 2, 5, 6])
    assert graph.components(a, b).tolist() == [0, 0, 0, 1, 2, 2, 3]


def test_of_too_many_identities_the_links_preferred_hold():
    # A chain of 60 whose links are preferred from its end: the first ten are left over.
    a = np.arange(59)[::-1]
    labels = graph.components(a, a + 1)
    assert np.bincount(labels).tolist() == [10, 50]
    assert labels.tolist() == [0] * 10 + [1] * 50


def test_a_dropped_link_leaves_the_others_and_other_persons_alone():
    star = np.arange(1, 80)
    a, b = np.append(np.zeros(79, int), 100), np.append(star, 101)
    labels = graph.components(a, b)
    assert np.sum(labels == labels[0]) == graph.MOST_IDENTITIES
    assert labels[49] == labels[0] != labels[50]
    assert labels[100] == labels[101]


def test_more_than_50_identities_become_several_persons_the_newest_links_first(tmp_path):
    family = [linked(n, "Email:shared", n=n) for n in range(60)]
    for record in family:
        year = 2000 + record["n"]
        record["extSourceSystemAudit"] = {"lastUpdatedDate": f"{year}-01-01T00:00:00Z"}
    with connected(tmp_path / "store.duckdb", profiles=family) as client:
        policy = client.local.merge_policies.put("people", identity_graph="pdg")
        client.definitions.create("all", "true", id="all", merge_policy=policy)
        client.definitions.create("new", "n = 59", id="new", merge_policy=policy)
        client.definitions.create("old", "n < 11", id="old", merge_policy=policy)
        # The e-mail and 49 records are one person; the 11 oldest stand alone.
        assert sizes(client, "all", "new", "old") == {"all": 12, "new": 1, "old": 11}


@pytest.mark.parametrize(
    "merge",
    [
        {"type": "dataSetPrecedence", "order": ["a", "b"]},
        {"type": "dataSetPrecedence", "data": {"order": ["a", "b"]}},
    ],
)
def test_policies_are_read_as_published_and_written_as_read(merge):
    body = {
        "id": "p",
        "name": "n",
        "attributeMerge": merge,
        "identityGraph": {"type": "pdg"},
    }
    policy = merge_policy_from_json(body)
    assert policy == MergePolicy(
        id="p",
        name="n",
        attribute_merge=AttributeMerge.DATASET_PRECEDENCE,
        order=("a", "b"),
        identity_graph=IdentityGraph.PRIVATE,
    )
    assert merge_policy_from_json(merge_policy_to_json(policy)) == policy
