from __future__ import annotations

import pytest

from segtoolkit.engine import DuckDBEngine
from segtoolkit.errors import PQLTypeError
from tests.engine.people import AS_OF, EVERYONE

SEGMENTS = {
    "gold": 'loyalty.tier = "gold"',
    "buyers": 'xEvent[eventType = "commerce.purchases"]',
    "nobody": "loyalty.points > 1000000",
}


def evaluate(cursor, segments=SEGMENTS, previous=None, step=lambda *_: None, keep=None):
    return DuckDBEngine().evaluate(
        cursor,
        segments,
        as_of=AS_OF,
        expression_of=lambda _: None,
        previous=(previous or {}).get,
        step=step,
        keep=keep,
    )


def test_counts_are_by_segment_and_total_is_everybody(cursor):
    done = evaluate(cursor)

    assert done.total_profiles == len(EVERYONE)
    assert done.counts == {"gold": 2, "buyers": 4, "nobody": 0}


def test_profile_counts_once_in_each_of_its_namespaces(cursor):
    done = evaluate(cursor)

    assert done.by_namespace == {
        "gold": {"CRMID": 2, "ECID": 1, "Email": 1},
        "buyers": {"CRMID": 3, "ECID": 3, "Email": 1},
        "nobody": {},
    }


def test_without_a_previous_job_all_members_are_new(cursor):
    done = evaluate(cursor)

    assert done.by_status["gold"] == {"realized": 2, "existing": 0, "exited": 0}


def test_status_compares_with_the_members_of_the_previous_job(cursor):
    before = {}
    evaluate(
        cursor, {"s": 'homeAddress.country = "US"'}, keep=before.__setitem__
    )  # ann, bob

    done = evaluate(cursor, {"s": 'loyalty.tier = "gold"'}, previous=before)  # ann, cleo

    assert done.by_status["s"] == {"realized": 1, "existing": 1, "exited": 1}


def test_step_is_told_before_each_distinct_atom_and_each_segment(cursor):
    told = []

    evaluate(
        cursor, {**SEGMENTS, "again": SEGMENTS["gold"]}, step=lambda *at: told.append(at)
    )

    assert told == [(0, 4)] * 4 + [(done, 7) for done in range(7)]


def test_step_may_stop_the_evaluation(cursor):
    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(cursor, step=stop)


def test_error_in_one_of_many_segments_names_it(cursor):
    with pytest.raises(PQLTypeError, match="segment 'bad': there is no field `nope`"):
        evaluate(cursor, {**SEGMENTS, "bad": "nope = 1"})


def test_or_of_thousands_of_terms_is_evaluated(cursor):
    terms = " or ".join(f'_id.equals("person {i}", false)' for i in range(5_000))

    done = evaluate(cursor, {"many": f'{terms} or _id = "ann"'})

    assert done.counts == {"many": 1}


def test_and_of_thousands_of_terms_is_evaluated(cursor):
    terms = " and ".join(f'_id != "person {i}"' for i in range(5_000))

    done = evaluate(
        cursor, {"most": f'{terms} and _id != "ann"', "none": f'{terms} and _id = "nobody"'}
    )

    assert done.counts == {"most": 4, "none": 0}
