"""Three people, a slow engine and short calls: what the tests of the service share."""

from __future__ import annotations

import time
from collections.abc import Mapping

from segtoolkit import wire
from segtoolkit.engine import DuckDBEngine
from segtoolkit.local import SegmentService
from segtoolkit.models import Expression, JobRecord, JobStatus
from segtoolkit.wire import DefinitionRequest


def person(name: str, country: str, **namespaces: str) -> dict[str, object]:
    """One profile whose primary identity is a CRMID, and that has one id per namespace given."""
    identities = {ns: [{"id": value}] for ns, value in namespaces.items()}
    return {
        "_id": name,
        "identityMap": {"CRMID": [{"id": name, "primary": True}], **identities},
        "homeAddress": {"country": country},
    }


PEOPLE = [
    person("ann", "US", Email="ann@example.com", ECID="1"),
    person("bob", "US", ECID="2"),
    person("eve", "DE", Email="eve@example.com"),
]

IN_US = 'homeAddress.country = "US"'
IN_DE = 'homeAddress.country = "DE"'
SLOW = 'homeAddress.country = "slow"'


class SlowEngine(DuckDBEngine):
    """The real engine; before an expression that says "slow" DuckDB is busy for a long time."""

    def evaluate(self, cursor, expressions: Mapping[str, str], **how):
        if SLOW in expressions.values():
            cursor.execute(
                "SELECT count(*) FROM range(1000000000) a, range(1000) b"
                " WHERE a.range * b.range = -1"
            ).fetchall()
        return super().evaluate(cursor, expressions, **how)


def wanted(segment_id: str, text: str, **others) -> DefinitionRequest:
    return DefinitionRequest(
        id=segment_id,
        name=f"name of {segment_id}",
        expression=Expression(value=text),
        **others,
    )


def reached(service: SegmentService, job_id: str, *states: JobStatus) -> JobRecord:
    """Wait until the job is in one of *states*, any final one unless given."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        job = service.job(job_id)
        if job.status in states or (not states and job.status.is_final):
            return job
        time.sleep(0.01)
    raise AssertionError(f"still {job}")


def run(service, *segment_ids, **how):
    return reached(service, service.submit(segment_ids, **how).id)


def submitted(http, *segment_ids) -> str:
    answer = http.post(wire.JOBS, json=wire.job_request_to_json(segment_ids))
    assert answer.status_code == 200, answer.text
    return answer.json()["id"]


def finished(http, service, *segment_ids) -> str:
    return reached(service, submitted(http, *segment_ids)).id


def ids(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [job["id"] for job in answer.json()["children"]]
