"""The table of what the local server does: one row per method and path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from segtoolkit import wire
from segtoolkit.local.openapi.parameters import (
    AS_OF,
    BUDGET,
    CURSOR,
    LIMIT,
    OFFSET,
    PAGE,
    PROPERTY,
    SORT,
    START,
    STATUS,
    WAYS,
    Parameter,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing the server does.

    Attributes:
        path: below the base; ``{id}`` is the id of one object.
        name: the operation's id in the document.
        about: what it does, in a sentence.
        status: of the answer when all is well.
        answer: name of its schema; None for an empty answer.
        body: name of the schema of the request, if it has a body.
        parameters: those of its query and headers.
        also: refusals that others do not have, by what they mean.
    """

    method: str
    path: str
    name: str
    about: str
    status: int = 200
    answer: str | None = None
    body: str | None = None
    parameters: tuple[Parameter, ...] = ()
    also: Mapping[int, str] | None = None


_TAKEN = {422: "its id or name is taken"}

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="get",
        path=wire.JOBS,
        name="listJobs",
        about="List segment jobs, newest first.",
        answer="Jobs",
        parameters=(START, LIMIT, STATUS, SORT, PROPERTY),
    ),
    Operation(
        method="post",
        path=wire.JOBS,
        name="submitJob",
        about="Evaluate segments.",
        answer="Job",
        body="JobRequest",
        parameters=(AS_OF,),
    ),
    Operation(
        method="post",
        path=wire.JOBS_BULK,
        name="getJobs",
        about="Read segment jobs; one that is missing has an error in its place.",
        status=207,
        answer="JobsById",
        body="BulkRequest",
    ),
    Operation(
        method="get",
        path=f"{wire.JOBS}/{{id}}",
        name="getJob",
        about="Read a segment job.",
        answer="Job",
    ),
    Operation(
        method="delete",
        path=f"{wire.JOBS}/{{id}}",
        name="cancelJob",
        about="Cancel a segment job; one that has ended stays.",
        status=204,
    ),
    Operation(
        method="get",
        path=wire.DEFINITIONS,
        name="listDefinitions",
        about="List segment definitions, newest first.",
        answer="Definitions",
        parameters=(
            START,
            PAGE,
            LIMIT,
            *WAYS,
        ),
    ),
    Operation(
        method="post",
        path=wire.DEFINITIONS,
        name="createDefinition",
        about="Keep a segment definition.",
        answer="Definition",
        body="DefinitionRequest",
        also=_TAKEN,
    ),
    Operation(
        method="post",
        path=wire.DEFINITIONS_BULK,
        name="getDefinitions",
        about="Read segment definitions; one that is missing has an error in its place.",
        status=207,
        answer="DefinitionsById",
        body="BulkRequest",
    ),
    Operation(
        method="get",
        path=f"{wire.DEFINITIONS}/{{id}}",
        name="getDefinition",
        about="Read a segment definition.",
        answer="Definition",
    ),
    Operation(
        method="patch",
        path=f"{wire.DEFINITIONS}/{{id}}",
        name="changeDefinition",
        about="Put another definition in the place of one; the body is a whole definition.",
        answer="Definition",
        body="DefinitionRequest",
        also=_TAKEN,
    ),
    Operation(
        method="delete",
        path=f"{wire.DEFINITIONS}/{{id}}",
        name="deleteDefinition",
        about="Remove a segment definition.",
        answer="Accepted",
        also={409: "others ask about it"},
    ),
    Operation(
        method="post",
        path=wire.CONVERSION,
        name="convert",
        about="Turn PQL text into pql/json, and the reverse.",
        answer="Conversion",
        body="ConversionRequest",
    ),
    Operation(
        method="post",
        path=wire.PREVIEW,
        name="createPreview",
        about="Size an expression.",
        status=201,
        answer="Preview",
        body="PreviewRequest",
        parameters=(AS_OF, BUDGET),
    ),
    Operation(
        method="get",
        path=f"{wire.PREVIEW}/{{id}}",
        name="getPreview",
        about="Tell whether an expression has been sized.",
        answer="Preview",
    ),
    Operation(
        method="delete",
        path=f"{wire.PREVIEW}/{{id}}",
        name="endPreview",
        about="Forget a preview, and stop sizing its expression.",
        answer="Accepted",
    ),
    Operation(
        method="get",
        path=f"{wire.ESTIMATE}/{{id}}",
        name="getEstimate",
        about="Tell the size of a preview's expression.",
        answer="Estimate",
    ),
    Operation(
        method="get",
        path=wire.MERGE_POLICIES,
        name="listMergePolicies",
        about="List merge policies, the default first.",
        answer="MergePolicies",
        parameters=(CURSOR, LIMIT),
    ),
    Operation(
        method="get",
        path=f"{wire.MERGE_POLICIES}/{{id}}",
        name="getMergePolicy",
        about="Read a merge policy.",
        answer="MergePolicy",
    ),
    Operation(
        method="get",
        path=wire.SCHEDULES,
        name="listSchedules",
        about="List schedules, newest first.",
        answer="Schedules",
        parameters=(START, LIMIT),
    ),
    Operation(
        method="post",
        path=wire.SCHEDULES,
        name="createSchedule",
        about="Keep a schedule; nothing is evaluated by itself here.",
        answer="Schedule",
        body="ScheduleRequest",
    ),
    Operation(
        method="get",
        path=f"{wire.SCHEDULES}/{{id}}",
        name="getSchedule",
        about="Read a schedule.",
        answer="Schedule",
    ),
    Operation(
        method="patch",
        path=f"{wire.SCHEDULES}/{{id}}",
        name="changeSchedule",
        about="Change the state or the times of a schedule.",
        status=204,
        body="ScheduleChange",
    ),
    Operation(
        method="delete",
        path=f"{wire.SCHEDULES}/{{id}}",
        name="deleteSchedule",
        about="Remove a schedule.",
        status=204,
    ),
    Operation(
        method="get",
        path=wire.EXPORTS,
        name="listExports",
        about="List export jobs, newest first.",
        answer="Exports",
        parameters=(
            OFFSET,
            LIMIT,
            STATUS,
        ),
    ),
    Operation(
        method="post",
        path=wire.EXPORTS,
        name="createExport",
        about="Write the members of segments to Parquet files.",
        answer="Export",
        body="ExportRequest",
        also={404: "there is no such merge policy"},
    ),
    Operation(
        method="get",
        path=f"{wire.EXPORTS}/{{id}}",
        name="getExport",
        about="Read an export job.",
        answer="Export",
    ),
    Operation(
        method="delete",
        path=f"{wire.EXPORTS}/{{id}}",
        name="cancelExport",
        about="Cancel an export job; one that has ended stays.",
        answer="Accepted",
    ),
    Operation(
        method="get",
        path=wire.AUDIENCES,
        name="listAudiences",
        about="List audiences, with what the last job counted.",
        answer="Audiences",
        parameters=(START, LIMIT, PROPERTY),
    ),
    Operation(
        method="get",
        path=f"{wire.AUDIENCES}/{{id}}",
        name="getAudience",
        about="Read an audience.",
        answer="Audience",
    ),
)
