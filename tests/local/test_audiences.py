"""Audiences as sets: members, algebra and overlaps of the last jobs, never evaluated again."""

from __future__ import annotations

import warnings
from collections import Counter

import duckdb
import pandas as pd
import pytest

import segtoolkit as sg


def person(number: int) -> dict[str, object]:
    email = {"Email": [{"id": f"{number}@example.com"}]} if number % 2 else {}
    return {
        "_id": str(number),
        "identityMap": {"CRMID": [{"id": str(number), "primary": True}], **email},
        "homeAddress": {"country": "US" if number % 3 else "DE"},
        "points": number or None,
        "since": "2026-01-01T00:00:00Z" if number % 2 else None,
        "tags": ["a"],
    }


PEOPLE = [person(number) for number in range(12)]
SEGMENTS = {
    "us": 'homeAddress.country = "US"',
    "rich": "points > 7",
    "odd": "since.isNotNull()",
    "nobody": "points > 100",
}
US = {number for number in range(12) if number % 3}
RICH, ODD = {8, 9, 10, 11}, {1, 3, 5, 7, 9, 11}


@pytest.fixture
def client(store_path):
    with sg.connect_local(
        store_path, profiles=PEOPLE, segments=SEGMENTS, progress="off"
    ) as connected:
        connected.run(list(SEGMENTS))
        yield connected


def ids(frame: pd.DataFrame) -> set[int]:
    return {int(one) for one in frame["id"]}


def change_the_data(client):
    client.local.load_profiles([person(20)], name="more")


def test_members_are_those_of_the_last_job_with_their_identity(client):
    members = client.local.members("us")

    assert members.count == len(US)
    assert ids(members.df()) == US
    assert set(members.df()["namespace"]) == {"CRMID"}


def test_members_have_the_fields_asked_for_with_fitting_types(client):
    fields = ["homeAddress.country", "points", "since", "tags", "homeAddress"]
    frame = client.local.members("odd", fields).df()

    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {
        "profile": "Int64",
        "namespace": "string",
        "id": "string",
        "homeAddress.country": "string",
        "points": "Int64",
        "since": "datetime64[ms, UTC]",
        "tags": "object",
        "homeAddress": "object",
    }
    assert frame["points"].tolist() == sorted(ODD)
    assert frame["since"].iloc[0] == pd.Timestamp("2026-01-01T00:00:00Z")


def test_a_field_without_a_value_is_missing_in_the_frame(client):
    frame = (~client.local.audience("nobody")).members(["points"]).df()

    assert frame.loc[frame["id"] == "0", "points"].isna().all()


def test_a_large_whole_number_keeps_its_last_digit(store_path):
    rows = [{"_id": "a", "n": 2**53 + 1}, {"_id": "b", "n": None}]
    with sg.connect_local(
        store_path, profiles=rows, segments={"all": "true"}, progress="off"
    ) as client:
        client.run("all")

        assert client.local.members("all", ["n"]).df()["n"].tolist()[0] == 2**53 + 1


def test_an_audience_of_nobody_has_empty_tables(client):
    members = client.local.members("nobody", ["points"])

    assert (members.count, len(members.df()), len(members.identities())) == (0, 0, 0)
    assert members.relation().fetchall() == []


def test_identities_are_one_row_each(client):
    frame = client.local.members("rich").identities()

    assert Counter(frame["namespace"]) == {"CRMID": 4, "Email": 2}
    assert "9@example.com" in set(frame["id"])


def test_relation_can_be_queried_on_and_outlives_the_client_variable(client):
    relation = client.local.members("us", ["points"]).relation()

    assert relation.filter("points > 7").count("*").fetchall() == [(3,)]


def test_relation_stays_as_it_was_when_the_data_changes(client):
    relation = client.local.members("us").relation()
    change_the_data(client)

    assert relation.count("*").fetchall() == [(len(US),)]


def test_parquet_file_has_the_members(client, tmp_path):
    path = client.local.members("rich", ["points"]).to_parquet(tmp_path / "rich.parquet")

    rows = duckdb.sql(f"SELECT id, points FROM '{path}'").fetchall()
    assert sorted(int(points) for _, points in rows) == sorted(RICH)
    assert sorted(p.name for p in tmp_path.glob("*rich*")) == ["rich.parquet"]


def test_parquet_file_needs_a_folder(client, tmp_path):
    with pytest.raises(sg.ConfigError, match="no folder"):
        client.local.members("rich").to_parquet(tmp_path / "none" / "rich.parquet")


def test_a_segment_is_found_by_its_name_and_by_its_definition(client):
    definition = client.definitions.create("gold", "points > 10")
    client.run(definition)

    assert ids(client.local.members("gold").df()) == {11}
    assert client.local.members(definition).count == 1


def unknown_segment(local):
    local.members("nope")


def unknown_field(local):
    local.members("us", ["homeAddress.contry"])


def field_of_a_list(local):
    local.members("us", ["tags.first"])


def one_name_for_fields(local):
    local.members("us", "points")


def one_audience(local):
    local.overlap(["us"])


def one_audience_twice(local):
    local.overlap(["us", "us"])


REFUSALS = {
    unknown_segment: (sg.NotFound, "no segment definition 'nope'"),
    unknown_field: (sg.ConfigError, "did you mean 'country'"),
    field_of_a_list: (sg.ConfigError, "end before 'first'"),
    one_name_for_fields: (sg.ConfigError, r"fields=\['points'\]"),
    one_audience: (sg.ConfigError, "two different audiences"),
    one_audience_twice: (sg.ConfigError, "two different audiences"),
}


@pytest.mark.parametrize("ask", REFUSALS, ids=lambda ask: ask.__name__)
def test_what_cannot_be_answered_is_refused(client, ask):
    kind, said = REFUSALS[ask]

    with pytest.raises(kind, match=said):
        ask(client.local)


def test_a_segment_that_no_job_evaluated_has_no_members(client):
    client.definitions.put("new", "points > 1")

    with pytest.raises(sg.StoreError, match=r"client\.run"):
        client.local.members("new")


ALGEBRA = {
    "us & rich": (lambda us, rich: us & rich, US & RICH),
    "us | rich": (lambda us, rich: us | rich, US | RICH),
    "us - rich": (lambda us, rich: us - rich, US - RICH),
    "~us": (lambda us, rich: ~us, set(range(12)) - US),
    "(us | rich) & (~(us & rich))": (
        lambda us, rich: (us | rich) & ~(us & rich),
        US ^ RICH,
    ),
}


@pytest.mark.parametrize("label", ALGEBRA)
def test_algebra_of_audiences_is_that_of_sets(client, label):
    made, expected = ALGEBRA[label]
    audience = made(client.local.audience("us"), client.local.audience("rich"))

    assert ids(audience.members().df()) == expected
    assert audience.size == len(audience) == len(expected)
    assert audience.label == label


def test_an_audience_counts_its_namespaces_as_a_job_does(client):
    audience = client.local.audience("us") - client.local.audience("rich")

    reachable = sum(1 for number in US - RICH if number % 2)
    assert audience.by_namespace() == {"CRMID": len(US - RICH), "Email": reachable}


def test_overlap_counts_each_profile_once_largest_combination_first(client):
    frame = client.local.overlap(["us", "rich", "odd"]).to_frame()

    named = {"us": US, "rich": RICH, "odd": ODD}
    combinations = Counter(
        tuple(name for name, who in named.items() if number in who) for number in range(12)
    )
    assert dict(zip(frame["audiences"], frame["profiles"], strict=True)) == {
        names: size for names, size in combinations.items() if names
    }
    assert frame["profiles"].is_monotonic_decreasing
    assert frame["share"].tolist() == [n / 12 for n in frame["profiles"]]


def test_pairs_are_a_square_with_the_sizes_on_its_diagonal(client):
    pairs = client.local.overlap(["us", "rich", "nobody"]).pairs()

    assert pairs.to_numpy().tolist() == [[8, 3, 0], [3, 4, 0], [0, 0, 0]]
    assert pairs.loc["us", "rich"] == len(US & RICH)


def test_overlap_takes_audiences_made_by_algebra(client):
    rest = ~client.local.audience("us")

    assert client.local.overlap(["us", rest]).pairs().loc["us", "~us"] == 0


def test_overlap_says_which_job_each_audience_is_of(client):
    job = client.run("rich")
    jobs = client.local.overlap(["us", "rich"]).jobs()

    assert jobs["segment_id"].tolist() == ["us", "rich"]
    assert (jobs["job_id"] == job.record.id).tolist() == [False, True]
    assert jobs["is_current"].all()


def test_an_audience_of_older_data_comes_with_a_warning_at_the_line_that_asks(client):
    change_the_data(client)

    with pytest.warns(sg.StaleAudienceWarning, match="'us' .*run them again") as caught:
        client.local.audience("us")

    assert caught[0].filename == __file__


def test_audiences_of_different_data_come_with_a_warning(client):
    change_the_data(client)
    client.run("us")
    with pytest.warns(sg.StaleAudienceWarning):
        rich = client.local.audience("rich")

    with pytest.warns(sg.StaleAudienceWarning, match="in one job"):
        client.local.audience("us") & rich
    with pytest.warns(sg.StaleAudienceWarning, match="in one job"):
        found = client.local.overlap(["us", rich])
    assert found.jobs()["is_current"].tolist() == [True, False]


def test_audiences_of_the_present_data_come_without_a_warning(client):
    change_the_data(client)
    client.run(["us", "rich"])

    with warnings.catch_warnings(action="error"):
        assert client.local.overlap(["us", "rich"]).to_frame()["profiles"].sum() > 0


@pytest.mark.filterwarnings("ignore::segtoolkit.StaleAudienceWarning")
def test_a_profile_that_is_gone_keeps_its_identity_and_has_no_fields(client):
    client.local.load_profiles(PEOPLE[:10], name="profiles")

    frame = client.local.members("rich", ["points"]).df()

    assert dict(zip(frame["id"], frame["points"].isna(), strict=True)) == {
        "8": False,
        "9": False,
        "10": True,
        "11": True,
    }


def test_audiences_are_there_after_a_restart(client, store_path):
    client.close()

    with sg.connect_local(store_path) as again:
        assert again.local.members("us").count == len(US)


def test_a_closed_store_says_so(client):
    audience = client.local.audience("us")
    client.close()

    with pytest.raises(sg.StoreError, match="closed"):
        audience.members()
