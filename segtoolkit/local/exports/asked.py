"""What an export is asked for, against the store: a request in, what to write out, or a refusal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from segtoolkit.errors import BadRequest, ConfigError
from segtoolkit.local import ledger, lookup, policies
from segtoolkit.local.audiences import fields
from segtoolkit.local.audiences.fields import Field
from segtoolkit.wire import ExportRequest

_EVERYTHING = Field("xdm", "p.xdm", is_text=False)
_SEGMENT_NAMESPACE = "ups"
# The name of a folder, too.
_DATASET = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
# Memberships tell who is in; when somebody came, and who left, they do not.
_IN = {"realized", "existing"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to write.

    Attributes:
        policy_id: of the merge policy that the profiles are of.
        batches: the segments of each batch; one that is empty has everybody.
        fields: the columns of a profile.
    """

    policy_id: str
    batches: tuple[tuple[str, ...], ...]
    fields: tuple[Field, ...]


def planned(cursor: DuckDBPyConnection, request: ExportRequest) -> Plan:
    """Return what *request* asks for.

    Raises:
        BadRequest: a segment, a field or the merge policy is not there, a segment has not been
            evaluated, or it asks for what memberships do not tell.
    """
    _refuse_unknown(request)
    segment_ids = tuple(dict.fromkeys(s.segment_id for s in request.segments))
    policy_id = _policy(cursor, request, segment_ids)
    if not request.evaluates_first:
        _refuse_unevaluated(cursor, segment_ids)
    policies.look_through(cursor, policy_id)
    try:
        columns = fields.found(cursor, request.fields)
    except ConfigError as error:
        raise BadRequest(f"'fields': {error}", status_code=400) from error
    is_split = request.segment_per_batch and segment_ids
    batches = tuple((i,) for i in segment_ids) if is_split else (segment_ids,)
    return Plan(policy_id=policy_id, batches=batches, fields=columns or (_EVERYTHING,))


def _refuse_unknown(request: ExportRequest) -> None:
    if request.unsupported:
        raise BadRequest(
            f"{', '.join(map(repr, request.unsupported))} cannot be had from a local store, which "
            "exports profiles by segment; leave it out",
            status_code=400,
        )
    if not _DATASET.fullmatch(request.dataset_id):
        raise BadRequest(
            f"'datasetId' is {request.dataset_id!r}, and is to be the name of a folder here; give "
            "letters, digits, - and _, a hundred at most",
            status_code=400,
        )
    for segment in request.segments:
        if segment.namespace not in {None, _SEGMENT_NAMESPACE}:
            raise BadRequest(
                f"'segmentNs' is {segment.namespace!r}; there is {_SEGMENT_NAMESPACE!r} only",
                status_code=400,
            )
        if "realized" not in segment.statuses or not _IN.issuperset(segment.statuses):
            raise BadRequest(
                f"'status' of {segment.segment_id!r} is {list(segment.statuses)}; a local store "
                "knows who is in a segment and not who left it: give ['realized', 'existing']",
                status_code=400,
            )


def _policy(
    cursor: DuckDBPyConnection, request: ExportRequest, segment_ids: Sequence[str]
) -> str:
    wanted = lookup.wanted(cursor, segment_ids) if segment_ids else ()
    found = {d.merge_policy_id for d in wanted if d.merge_policy_id is not None}
    asked = request.merge_policy_id
    if asked is not None:
        asked = policies.present(cursor, asked).id
    if len(found | ({asked} if asked else set())) > 1:
        raise BadRequest(
            f"the segments are of the merge policies {', '.join(sorted(found))}, whose profiles are "
            "not the same; export those of one policy at a time, and name that or none",
            status_code=400,
        )
    return asked or next(iter(found), None) or ledger.default_merge_policy(cursor)


def _refuse_unevaluated(cursor: DuckDBPyConnection, segment_ids: Sequence[str]) -> None:
    evaluated = ledger.evaluated_by(cursor, segment_ids)
    if missing := [i for i in segment_ids if i not in evaluated]:
        raise BadRequest(
            f"no job has evaluated {', '.join(map(repr, missing))}, so the members are not known; "
            'submit a job, or ask for "evaluationInfo": {"segmentation": true}',
            status_code=400,
        )
