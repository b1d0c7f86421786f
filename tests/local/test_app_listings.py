from __future__ import annotations

import pytest

from segtoolkit import wire
from tests.local.sample_service import finished, ids, reached, submitted


def test_listings_are_paged_by_record_newest_first(http, service):
    made = [finished(http, service, "us") for _ in range(5)]
    seen, query = [], "limit=2&status=SUCCEEDED"
    pages = 0
    while query is not None:
        answer = http.get(f"{wire.JOBS}?{query}")
        page = wire.jobs_page_from_json(answer.json())
        seen += ids(answer)
        assert page.total == 5
        assert "href" not in answer.json()["_links"]
        query, pages = page.next_query, pages + 1
    assert seen == made[::-1]
    assert pages == 3


def test_a_listing_beyond_the_end_is_empty(http, service):
    finished(http, service, "us")
    assert ids(http.get(wire.JOBS, params={"start": 7})) == []


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("creationTime:asc", [0, 1, 2]),
        ("creationTime:desc", [2, 1, 0]),
        ("updateTime:asc", [0, 1, 2]),
        ("updateTime:desc", [2, 1, 0]),
        ("status:asc", [1, 0, 2]),
        ("status:desc", [2, 0, 1]),
    ],
)
def test_listings_can_be_sorted(http, service, sort, order):
    made = [finished(http, service, "us"), submitted(http, "slow"), submitted(http, "de")]
    service.cancel(made[1])
    reached(service, made[2])
    assert ids(http.get(wire.JOBS, params={"sort": sort})) == [made[i] for i in order]


@pytest.mark.parametrize(
    ("params", "kept"),
    [
        ({"status": "SUCCEEDED"}, [1, 0]),
        ({"status": "CANCELLED"}, [2]),
        ({"status": "FAILED"}, []),
        ({"property": "source==api"}, [2, 1, 0]),
        ({"property": "source==scheduler"}, []),
        ({"property": "schema.name==_xdm.context.profile"}, [2, 1, 0]),
        ({"property": "sandbox.default==true"}, [2, 1, 0]),
        ({"property": "requestId==a==b"}, [1]),
        ({"property": "segments~segmentId==de"}, [1]),
        ({"property": "segments~segmentId==us"}, [1, 0]),
        ({"property": "segments~segment.id==slow"}, [2]),
        ({"property": ["segments~segmentId==us", "requestId==a==b"]}, [1]),
        ({"property": "segments~segmentId==us", "status": "CANCELLED"}, []),
        ({"property": "nothing.such==1"}, []),
        ({"property": "source~segmentId==us"}, []),
        ({"property": "segments~segmentId==u%"}, []),
    ],
)
def test_listings_can_be_filtered(http, service, params, kept):
    headers = {wire.REQUEST_ID_HEADER: "a==b"}
    made = [finished(http, service, "us")]
    answer = http.post(
        wire.JOBS, json=wire.job_request_to_json(["us", "de"]), headers=headers
    )
    made.append(reached(service, answer.json()["id"]).id)
    made.append(submitted(http, "slow"))
    http.delete(wire.job_path(made[2]))
    reached(service, made[2])
    assert ids(http.get(wire.JOBS, params=params)) == [made[i] for i in kept]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"limit": "0"}, "'limit' is '0'; give a whole number from 1 to 1000"),
        ({"limit": "1001"}, "'limit'"),
        ({"limit": "ten"}, "'limit'"),
        ({"limit": ""}, "'limit'"),
        ({"start": "-1"}, "'start'"),
        ({"start": "9" * 30}, "'start'"),
        ({"sort": "size:desc"}, "give one of creationTime, updateTime, status"),
        ({"sort": "creationTime"}, "'sort'"),
        ({"sort": "creationTime:down"}, "'sort'"),
        ({"status": "SUCCESS"}, "'status' is 'SUCCESS'; give one of NEW, QUEUED"),
        ({"property": "source=api"}, "'property' is 'source=api'"),
        ({"property": "==api"}, "'property'"),
        ({"property": "segments~==us"}, "'property'"),
    ],
)
def test_a_listing_that_cannot_be_understood_is_refused(http, params, message):
    answer = http.get(wire.JOBS, params=params)
    assert answer.status_code == 400
    assert message in answer.json()["title"]
