"""The protocol, both directions: tolerant in, canonical out; no I/O, no clock.

Bodies come in as what `json.loads` made of them and leave as what `json.dumps` takes.
Every ``x_from_json`` reads what ``x_to_json`` wrote back to an equal value.
"""

from __future__ import annotations

from segtoolkit.wire.bulk import (
    bulk_from_json,
    bulk_request_from_json,
    bulk_request_to_json,
    bulk_to_json,
)
from segtoolkit.wire.definitions import (
    DefinitionRequest,
    definition_from_json,
    definition_request_from_json,
    definition_request_to_json,
    definition_to_json,
)
from segtoolkit.wire.errors import (
    error_from_response,
    error_in_body,
    error_to_json,
    is_token_refusal,
    retry_after,
    token_refusal_from_response,
    unreadable,
)
from segtoolkit.wire.estimates import (
    Preview,
    estimate_from_json,
    estimate_to_json,
    preview_from_json,
    preview_request_from_json,
    preview_request_to_json,
    preview_to_json,
)
from segtoolkit.wire.expressions import conversion_from_json, conversion_to_json
from segtoolkit.wire.jobs import (
    job_from_json,
    job_request_from_json,
    job_request_to_json,
    job_to_json,
)
from segtoolkit.wire.metrics import metrics_from_json, metrics_to_json
from segtoolkit.wire.paging import (
    Page,
    definitions_page_from_json,
    definitions_page_to_json,
    jobs_page_from_json,
    jobs_page_to_json,
)
from segtoolkit.wire.paths import (
    API_KEY_HEADER,
    AS_OF_HEADER,
    BASE_PATH,
    BUDGET_HEADER,
    CONVERSION,
    DEFINITIONS,
    ESTIMATE,
    JOBS,
    JOBS_BULK,
    ORGANISATION_HEADER,
    PREVIEW,
    REQUEST_ID_HEADER,
    SANDBOX_HEADER,
    TOKEN_PATH,
    definition_path,
    estimate_path,
    job_path,
    preview_path,
)
from segtoolkit.wire.policies import merge_policy_from_json, merge_policy_to_json
from segtoolkit.wire.times import datetime_to_ms, epoch_to_datetime
from segtoolkit.wire.tokens import Token, token_from_json
from segtoolkit.wire.warnings import (
    WARNINGS_HEADER,
    warnings_from_headers,
    warnings_to_header,
)

__all__ = [
    "API_KEY_HEADER",
    "AS_OF_HEADER",
    "BASE_PATH",
    "BUDGET_HEADER",
    "CONVERSION",
    "DEFINITIONS",
    "ESTIMATE",
    "JOBS",
    "JOBS_BULK",
    "ORGANISATION_HEADER",
    "PREVIEW",
    "REQUEST_ID_HEADER",
    "SANDBOX_HEADER",
    "TOKEN_PATH",
    "WARNINGS_HEADER",
    "DefinitionRequest",
    "Page",
    "Preview",
    "Token",
    "bulk_from_json",
    "bulk_request_from_json",
    "bulk_request_to_json",
    "bulk_to_json",
    "conversion_from_json",
    "conversion_to_json",
    "datetime_to_ms",
    "definition_from_json",
    "definition_path",
    "definition_request_from_json",
    "definition_request_to_json",
    "definition_to_json",
    "definitions_page_from_json",
    "definitions_page_to_json",
    "epoch_to_datetime",
    "error_from_response",
    "error_in_body",
    "error_to_json",
    "estimate_from_json",
    "estimate_path",
    "estimate_to_json",
    "is_token_refusal",
    "job_from_json",
    "job_path",
    "job_request_from_json",
    "job_request_to_json",
    "job_to_json",
    "jobs_page_from_json",
    "jobs_page_to_json",
    "merge_policy_from_json",
    "merge_policy_to_json",
    "metrics_from_json",
    "metrics_to_json",
    "preview_from_json",
    "preview_path",
    "preview_request_from_json",
    "preview_request_to_json",
    "preview_to_json",
    "retry_after",
    "token_from_json",
    "token_refusal_from_response",
    "unreadable",
    "warnings_from_headers",
    "warnings_to_header",
]
