"""Estimates by sample: drawn once per version of the data, uniform, with intervals that hold."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import httpx
import numpy as np
import pandas as pd
import pytest

import segtoolkit as sg
from segtoolkit.engine import DuckDBEngine
from segtoolkit.intervals import wilson
from segtoolkit.local import sampling, store

TOTAL = 6000
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def people(total: int = TOTAL) -> pd.DataFrame:
    random = np.random.default_rng(1)
    ids = [str(number) for number in range(total)]
    identities = [{"CRMID": [{"id": one, "primary": True}]} for one in ids]
    n = random.integers(0, 1000, total)
    return pd.DataFrame({"_id": ids, "identityMap": identities, "n": n})


def deeds() -> pd.DataFrame:
    """Two purchases each of every third person."""
    buyers = [str(number) for number in range(0, TOTAL, 3)] * 2
    return pd.DataFrame(
        {
            "_id": [f"e{number}" for number in range(len(buyers))],
            "identityMap": [{"CRMID": [{"id": one, "primary": True}]} for one in buyers],
            "timestamp": "2025-12-01T00:00:00Z",
            "eventType": "commerce.purchases",
        }
    )


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    path = tmp_path_factory.mktemp("sampling") / "audiences.duckdb"
    with sg.connect_local(
        path, profiles=people(), segments={"low": "n < 500"}, progress="off"
    ) as connected:
        yield connected


def version_of_sample(client) -> str | None:
    with client.local._service.store.read() as cursor:
        return sampling._fact(cursor, "sample")


def test_without_a_budget_the_size_is_exact(client):
    estimate = client.size("n < 500")

    assert estimate.standard_error == 0
    assert estimate.interval == (estimate.size, estimate.size)


def test_within_a_budget_only_so_many_profiles_are_read(client):
    estimate = client.size("n < 500", budget=1000)

    assert (estimate.rows_read, estimate.rows_to_read, estimate.total) == (
        1000,
        1000,
        TOTAL,
    )
    assert estimate.size == estimate.rows_matched * TOTAL / 1000
    assert estimate.confidence == "95%"
    low, high = estimate.interval
    assert low < estimate.size < high
    assert 0 < estimate.standard_error < high - low


def test_namespaces_are_counted_in_all_profiles_not_in_the_sample(client):
    estimate = client.size("n < 500", budget=1000)

    assert estimate.by_namespace == {"CRMID": estimate.size}


def test_a_budget_for_all_profiles_is_exact(client):
    assert client.size("n < 500", budget=TOTAL) == client.size("n < 500")


def test_the_sample_is_drawn_once_and_a_smaller_budget_takes_a_part_of_it(client):
    first = client.size("n < 500", budget=1000)
    drawn = version_of_sample(client)

    assert client.size("n < 500", budget=1000) == first
    assert client.size("n < 500", budget=10).rows_read == 10
    assert version_of_sample(client) == drawn
    assert client.size("n < 500", budget=2000).rows_read == 2000
    assert version_of_sample(client) != drawn


def test_sampling_leaves_exact_sizes_and_jobs_alone(client):
    exact = client.size("n < 500")
    client.size("n < 500", budget=100)

    assert client.size("n < 500") == exact
    assert client.run("low").to_frame()["profiles"].tolist() == [exact.size]


def test_an_estimate_may_refer_to_a_segment(client):
    asked, direct = (
        client.size(text, budget=1000) for text in ('inSegment("low")', "n < 500")
    )

    assert asked == direct


def test_new_data_has_a_new_sample(store_path):
    with sg.connect_local(store_path, profiles={"people": people(500)}) as client:
        client.size("n < 500", budget=100)
        drawn = version_of_sample(client)
        client.local.load_profiles(people(700), name="people")

        assert client.size("n < 500", budget=100).total == 700
        assert version_of_sample(client) != drawn


def test_events_of_the_sampled_profiles_come_along():
    with sg.connect_local(profiles=people(), events=deeds()) as client:
        text = 'xEvent[eventType = "commerce.purchases"].count() = 2'
        low, high = client.size(text, budget=1500).interval

        assert high - low < TOTAL / 10
        # One interval in twenty does not hold the size; none is as far off as that.
        assert low - (high - low) <= TOTAL / 3 <= high + (high - low)


def test_a_sample_is_drawn_in_advance_beside_what_else_goes_on(store_path):
    with sg.connect_local(store_path, profiles={"people": people(500)}) as client:
        assert not client.local.prepare_sample(100)
        until(lambda: client.local.prepare_sample(100))
        drawn = version_of_sample(client)

        assert client.size("n < 500", budget=100).rows_read == 100
        assert version_of_sample(client) == drawn

        client.local.load_profiles(people(700), name="people")
        assert not client.local.prepare_sample(100)
        until(lambda: client.local.prepare_sample(100))
        assert version_of_sample(client) != drawn


@pytest.mark.parametrize("size", [126, 500, 1000])
def test_no_sample_is_drawn_that_is_hardly_quicker_than_all(size):
    with sg.connect_local(profiles=people(500)) as client:
        assert not client.local.prepare_sample(size)
        assert client.local._service.sampler._drawing is None


@pytest.mark.parametrize("size", [0, -5, 1.5, "many", None])
def test_a_sample_of_no_number_is_refused_and_spoils_no_other(size):
    with sg.connect_local(profiles=people(500)) as client:
        with pytest.raises(sg.ConfigError, match=f"not {size!r}"):
            client.local.prepare_sample(size)

        until(lambda: client.local.prepare_sample(100))


def test_no_sample_is_drawn_of_profiles_that_are_merged_otherwise():
    with sg.connect_local(profiles=people(500)) as client:
        client.local.merge_policies.put("people", identity_graph="pdg", is_default=True)

        assert not client.local.prepare_sample(100)
        assert client.local._service.sampler._drawing is None


def test_a_sample_that_cannot_be_drawn_is_not_tried_again(monkeypatch):
    tried = []

    def fail(*_: object) -> None:
        tried.append(1)
        raise sg.StoreError("the disk is full")

    monkeypatch.setattr(sampling, "draw", fail)
    with sg.connect_local(profiles=people(500)) as client:
        for _ in range(2):
            assert not client.local.prepare_sample(100)
            until(client.local._service.sampler._drawing.done)

        assert tried == [1]
        assert client.size("n < 500").rows_read == 500


def test_a_store_is_closed_while_its_sample_is_drawn(store_path, monkeypatch):
    drawing, draw = threading.Event(), sampling.draw

    def slowly(cursor, size, **how) -> None:
        drawing.set()
        cursor.execute("SELECT count(*) FROM range(100000000000) WHERE range = -1")
        draw(cursor, size, **how)

    monkeypatch.setattr(sampling, "draw", slowly)
    with sg.connect_local(store_path, profiles=people(500)) as client:
        client.local.prepare_sample(100)
        assert drawing.wait(20)

    with sg.connect_local(store_path) as client:
        assert version_of_sample(client) is None


def test_a_drawn_sample_is_in_the_file_before_the_next_submission(store_path, monkeypatch):
    """Otherwise the commit of that would bring it there."""
    monkeypatch.setattr(store, "_MUCH_BYTES", 1)
    log = store_path.with_name(f"{store_path.name}.wal")
    with sg.connect_local(store_path, profiles=people(500)) as client:
        client.local.prepare_sample(100)
        until(client.local._service.sampler._drawing.done)

        assert client.local.prepare_sample(100)
        assert not log.exists()


def until(holds) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("budget", [0, -5, 1.5, "many"])
def test_a_budget_that_is_no_number_of_profiles_is_refused(client, budget):
    with pytest.raises(sg.ConfigError, match="number of profiles"):
        client.size("n < 500", budget=budget)


@pytest.mark.parametrize("budget", ["0", "-1", "x", "1.5"])
def test_the_service_refuses_a_header_that_is_no_number(http, budget):
    answer = http.post(
        "/preview",
        json={"predicateExpression": "true", "predicateType": "pql/text"},
        headers={"x-segtoolkit-budget": budget},
    )

    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert "number of profiles" in answer.text


def test_intervals_hold_the_true_size_in_95_of_100_samples():
    """Twenty samples of the engine's own, a hundred predicates in each."""
    read, random = 600, np.random.default_rng(5)
    columns = {f"c{number}": random.random(TOTAL) for number in range(100)}
    shares = random.uniform(0.02, 0.9, 100)
    texts = {name: f"{name} < {share}" for name, share in zip(columns, shares, strict=True)}
    independent = pd.concat([people(), pd.DataFrame(columns)], axis=1)
    engine = DuckDBEngine()
    with sg.connect_local(profiles=independent) as client:
        store = client.local._service.store
        with store.read() as cursor:
            exact = counted(engine, cursor, texts)
        held = []
        for seed in range(20):
            with store.write() as cursor:
                sampling.draw(cursor, read, seed=seed)
                sampling.take_for_all(cursor, read)
                sampled = counted(DuckDBEngine(), cursor, texts)
            held += [within(sampled[name], read, exact[name]) for name in texts]

    assert len(held) == 2000
    assert 0.93 <= np.mean(held) <= 0.97


def within(matched: int, read: int, size: int) -> bool:
    low, high = wilson(matched, read, TOTAL)
    return low <= size <= high


def counted(engine, cursor, texts):
    found = engine.evaluate(
        cursor,
        texts,
        as_of=NOW,
        expression_of=texts.get,
        previous=lambda _: None,
        step=lambda done, total: None,
    )
    return found.counts
