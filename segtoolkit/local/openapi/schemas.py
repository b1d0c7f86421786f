"""JSON Schemas of the bodies that the local server reads and writes.

Answers are described as they are written. Requests are described as they should be sent: what is
read with more tolerance, such as a number for a string, is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

Schema: TypeAlias = dict[str, Any]

TEXT: Schema = {"type": "string"}
WORD: Schema = {"type": "string", "minLength": 1, "pattern": r"\S"}
NUMBER: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
COUNTS: Schema = {"type": "object", "additionalProperties": NUMBER}
ID: Schema = {"type": "string", "minLength": 1, "pattern": "^[A-Za-z0-9_-]+$"}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def listed(items: Schema, **bounds: int) -> Schema:
    return {"type": "array", "items": items, **bounds}


def shaped(required: Mapping[str, Schema], **optional: Schema) -> Schema:
    """Return an object with *required* and *optional* keys, and any others."""
    return {
        "type": "object",
        "required": [*required],
        "properties": {**required, **optional},
    }


def one_of(*words: str) -> Schema:
    return {"type": "string", "enum": [*words]}


_SPAN = shaped({}, startTimeInMs=NUMBER, endTimeInMs=NUMBER, totalTimeInMs=NUMBER)
_NAMED = shaped({"name": WORD})
_WAY = shaped({"enabled": FLAG})
_EVALUATION = shaped({}, batch=_WAY, continuous=_WAY, synchronous=_WAY)
_STATE = one_of(
    "NEW", "QUEUED", "PROCESSING", "CANCELLING", "CANCELLED", "FAILED", "SUCCEEDED"
)
_MEMBER_STATES = listed(one_of("realized", "existing"), minItems=1)
_FAULTS = listed(shaped({"msg": TEXT}, code=TEXT, callStack=TEXT))
_PLACE = {"imsOrgId": TEXT, "sandbox": ref("Sandbox")}
_PREVIEW_STATE = one_of("NEW", "RUNNING", "RESULT_READY", "FAILED")
_DAILY: Schema = {
    "type": "string",
    "pattern": r"^[0-5]?[0-9] [0-5]?[0-9] ([01]?[0-9]|2[0-3])( [0-9A-Z*?/,#-]+){3,4}$",
    "description": "a Quartz cron expression that means once a day at most, in UTC",
    "example": "0 0 1 * * ?",
}
_ACTIVITY = one_of("active", "inactive")
_SCHEDULED = one_of("batch_segmentation", "export")
_NEXT = {"oneOf": [shaped({"href": TEXT}), {"type": "object", "maxProperties": 0}]}


def _children(item: str) -> Schema:
    about = shaped({"pageSize": NUMBER}, totalCount=NUMBER, next=TEXT)
    links = shaped({"next": _NEXT}) | {"additionalProperties": False}
    return shaped({"_page": about, "children": listed(ref(item)), "_links": links})


def _bulk(item: str) -> Schema:
    entry = {"anyOf": [ref(item), shaped({"errors": {"type": "object"}})]}
    return shaped({"results": {"type": "object", "additionalProperties": entry}})


REQUESTS: Mapping[str, Schema] = {
    "JobRequest": listed(shaped({"segmentId": ID}), minItems=1),
    "BulkRequest": shaped({"ids": listed(shaped({"id": ID}), minItems=1, maxItems=100)}),
    "DefinitionRequest": shaped(
        {"name": WORD, "expression": ref("Expression")},
        id=ID,
        description=TEXT,
        schema=_NAMED,
        mergePolicyId=ID,
        evaluationInfo=_EVALUATION,
    ),
    "ConversionRequest": shaped(
        {"expression": ref("Expression")}, name=TEXT, schema=_NAMED
    ),
    "PreviewRequest": shaped(
        {"predicateExpression": WORD},
        predicateType=one_of("pql/text"),
        predicateModel=TEXT,
        graphType=TEXT,
    ),
    "ScheduleRequest": shaped(
        {"name": WORD, "schedule": _DAILY},
        type=_SCHEDULED,
        state=_ACTIVITY,
        properties=shaped({"segments": listed(ID)}),
    ),
    "ScheduleChange": listed(
        {
            "oneOf": [
                shaped({"op": one_of("add"), "path": one_of("/state"), "value": _ACTIVITY}),
                shaped({"op": one_of("add"), "path": one_of("/schedule"), "value": _DAILY}),
            ]
        },
        minItems=1,
    ),
    "ExportRequest": shaped(
        {"destination": shaped({"datasetId": ID}, segmentPerBatch=FLAG)},
        fields=TEXT,
        filter=shaped(
            {},
            segments=listed(
                shaped({"segmentId": ID}, segmentNs=one_of("ups"), status=_MEMBER_STATES)
            ),
        ),
        mergePolicy=shaped({"id": ID}, version=NUMBER),
        schema=_NAMED,
        evaluationInfo=shaped({"segmentation": FLAG}),
    ),
    "TokenRequest": shaped(
        {
            "grant_type": one_of("client_credentials"),
            "client_id": TEXT,
            "client_secret": TEXT,
        },
        scope=TEXT,
    ),
}

ANSWERS: Mapping[str, Schema] = {
    "Expression": shaped({"value": WORD}, type=TEXT, format=one_of("pql/text", "pql/json")),
    "Sandbox": shaped(
        {"sandboxName": TEXT, "sandboxId": TEXT, "type": TEXT, "default": FLAG}
    ),
    "Job": shaped(
        {"id": TEXT, "status": _STATE, "segments": listed(shaped({"segmentId": TEXT}))},
        **_PLACE,
        errors=_FAULTS,
        metrics=shaped(
            {"totalTime": _SPAN},
            profileSegmentationTime=_SPAN,
            segmentedProfileCounter=COUNTS,
            segmentedProfileByNamespaceCounter={"additionalProperties": COUNTS},
            segmentedProfileByStatusCounter={"additionalProperties": COUNTS},
            totalProfiles=NUMBER,
            totalProfilesByMergePolicy=COUNTS,
        ),
        _links=shaped({"cancel": ref("Link"), "checkStatus": ref("Link")}),
        creationTime=NUMBER,
        updateTime=NUMBER,
        updateEpoch=NUMBER,
    ),
    "Link": shaped({"href": TEXT, "method": one_of("GET", "DELETE")}),
    "Jobs": _children("Job"),
    "JobsById": _bulk("Job"),
    "Definition": shaped(
        {"id": TEXT, "name": TEXT, "expression": ref("Expression")},
        **_PLACE,
        mergePolicyId=TEXT,
        evaluationInfo=_EVALUATION,
        creationTime=NUMBER,
        updateTime=NUMBER,
        updateEpoch=NUMBER,
    ),
    "Definitions": shaped(
        {
            "segments": listed(ref("Definition")),
            "page": shaped({"totalCount": NUMBER, "totalPages": NUMBER, "limit": NUMBER}),
            "link": shaped({}, next=shaped({"href": TEXT})),
        }
    ),
    "DefinitionsById": _bulk("Definition"),
    "Conversion": shaped({"expression": ref("Expression")}),
    "Preview": shaped({"previewId": TEXT, "state": _PREVIEW_STATE}),
    "Estimate": shaped(
        {"state": _PREVIEW_STATE},
        estimatedSize=NUMBER,
        totalRows=NUMBER,
        profilesMatchedSoFar=NUMBER,
        confidenceInterval=TEXT,
    ),
    "MergePolicy": shaped(
        {
            "id": TEXT,
            "name": TEXT,
            "identityGraph": shaped({"type": one_of("none", "pdg")}),
            "attributeMerge": shaped(
                {"type": one_of("timestampOrdered", "dataSetPrecedence")},
                order=listed(TEXT),
            ),
            "default": FLAG,
        },
        **_PLACE,
    ),
    "MergePolicies": _children("MergePolicy"),
    "Schedule": shaped(
        {
            "id": TEXT,
            "name": TEXT,
            "state": _ACTIVITY,
            "type": _SCHEDULED,
            "schedule": TEXT,
            "createEpoch": NUMBER,
            "updateEpoch": NUMBER,
        },
        **_PLACE,
    ),
    "Schedules": _children("Schedule"),
    "Export": shaped(
        {"id": NUMBER, "status": _STATE, "destination": shaped({"datasetId": TEXT})},
        **_PLACE,
        errors=_FAULTS,
        metrics=shaped({}, totalTime=_SPAN, profileExportTime=_SPAN),
        creationTime=NUMBER,
        updateTime=NUMBER,
    ),
    "Exports": shaped(
        {
            "records": listed(ref("Export")),
            "page": shaped({"pageSize": NUMBER}),
            "link": shaped({}, next=TEXT),
        }
    ),
    "Audience": shaped(
        {"id": TEXT, "audienceId": TEXT, "name": TEXT},
        **_PLACE,
        expression=ref("Expression"),
        lifecycleState=TEXT,
        metrics=shaped({"type": TEXT}, jobId=TEXT, data={"type": "object"}),
    ),
    "Audiences": _children("Audience"),
    "Accepted": shaped({"status": FLAG, "message": TEXT}),
    "Token": shaped({"access_token": TEXT, "token_type": TEXT, "expires_in": NUMBER}),
    "TokenRefusal": shaped({"error": TEXT}, error_description=TEXT),
    "Refusal": {
        "anyOf": [
            shaped(
                {
                    "errors": {"type": "object"},
                    "type": TEXT,
                    "title": TEXT,
                    "status": NUMBER,
                },
                requestId=TEXT,
            ),
            shaped({"error_code": TEXT, "message": TEXT}),
        ]
    },
}
