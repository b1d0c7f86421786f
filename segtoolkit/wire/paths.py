"""Where things are: paths below the base, and header names."""

from __future__ import annotations

from urllib.parse import quote

BASE_PATH = "/data/core/ups"
JOBS = "/segment/jobs"
JOBS_BULK = "/segment/jobs/bulk-get"
DEFINITIONS = "/segment/definitions"
PREVIEW = "/preview"
CONVERSION = "/segment/conversion"
ESTIMATE = "/estimate"

TOKEN_PATH = "/ims/token/v3"  # noqa: S105 - a path
"""Where a token is asked for; not below the base, and on another host than the service."""

AS_OF_HEADER = "x-segtoolkit-as-of"
"""The instant at which a job is evaluated, ISO 8601; the local road only."""

BUDGET_HEADER = "x-segtoolkit-budget"
"""How many profiles an estimate may look at, a whole number; the local road only."""

REQUEST_ID_HEADER = "x-request-id"
API_KEY_HEADER = "x-api-key"
ORGANISATION_HEADER = "x-gw-ims-org-id"
SANDBOX_HEADER = "x-sandbox-name"


def job_path(job_id: str) -> str:
    """Return the path of one job.

    >>> job_path("a/b c")
    '/segment/jobs/a%2Fb%20c'
    """
    return _below(JOBS, job_id)


def definition_path(segment_id: str) -> str:
    return _below(DEFINITIONS, segment_id)


def preview_path(preview_id: str) -> str:
    return _below(PREVIEW, preview_id)


def estimate_path(preview_id: str) -> str:
    return _below(ESTIMATE, preview_id)


def _below(collection: str, identifier: str) -> str:
    # URL joining would drop these, and a DELETE would then mean the whole collection.
    if identifier in {"", ".", ".."}:
        raise ValueError(f"{identifier!r} is not an id; give the id of one object")
    return f"{collection}/{quote(identifier, safe='')}"
