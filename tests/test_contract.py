"""The server does what its own document says, whatever is sent to it."""

from __future__ import annotations

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from segtoolkit import wire
from segtoolkit.local import make_app
from segtoolkit.local.openapi import document
from segtoolkit.local.server import Credentials, Gateway, Sandboxes
from tests.local.sample_service import IN_US, PEOPLE, wanted

HEADERS = {
    "Authorization": "Bearer t0ken",
    wire.API_KEY_HEADER: "key",
    wire.ORGANISATION_HEADER: "O@AdobeOrg",
    wire.SANDBOX_HEADER: "prod",
}
# Of each operation, right ones and wrong ones; the nightly run has more.
EXAMPLES = int(os.environ.get("SEGTOOLKIT_EXAMPLES", "8"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]


SCHEMA = schemathesis.openapi.from_dict(document("http://server"))
OPERATIONS = {
    operation.definition.raw["operationId"]: operation
    for operation in (found.ok() for found in SCHEMA.get_all_operations())
}


@pytest.fixture(scope="module")
def sandboxes(tmp_path_factory):
    """Three people, and one definition that a job has evaluated."""
    opened = Sandboxes("prod", export_folder=tmp_path_factory.mktemp("exports"))
    opened.first.load(PEOPLE, kind="profiles")
    opened.first.create_definition(wanted("us", IN_US))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def server(sandboxes):
    return Gateway(
        sandboxes, Credentials(token="t0ken", client_id="key", client_secret="s")
    )


@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", OPERATIONS)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[*HealthCheck])
@given(data=st.data())
def test_what_is_served_is_what_is_described(name, mode, data, server):
    case = data.draw(OPERATIONS[name].as_strategy(generation_mode=mode))
    case.call_and_validate(app=server, headers=HEADERS, checks=CHECKS)


DEFINITION = {
    "name": "a definition",
    "expression": {"type": "PQL", "format": "pql/text", "value": IN_US},
}
SCHEDULE = {"name": "nightly", "schedule": "0 0 1 * * ?"}
BULK = {"ids": [{"id": "us"}, {"id": "nope"}]}
# What each operation is asked rightly, in an order in which each finds what it needs.
RIGHTLY = {
    "signIn": {
        "body": {
            "grant_type": "client_credentials",
            "client_id": "key",
            "client_secret": "s",
        }
    },
    "submitJob": {"body": [{"segmentId": "us"}]},
    "listJobs": {},
    "getJobs": {"body": BULK},
    "getJob": {"of": "submitJob"},
    "cancelJob": {"of": "submitJob"},
    "createDefinition": {"body": DEFINITION},
    "listDefinitions": {},
    "getDefinitions": {"body": BULK},
    "getDefinition": {"of": "createDefinition"},
    "changeDefinition": {"of": "createDefinition", "body": DEFINITION},
    "listAudiences": {},
    "getAudience": {"of": "createDefinition"},
    "deleteDefinition": {"of": "createDefinition"},
    "convert": {"body": DEFINITION},
    "createPreview": {"body": {"predicateExpression": IN_US}},
    "getPreview": {"of": "createPreview"},
    "getEstimate": {"of": "createPreview"},
    "endPreview": {"of": "createPreview"},
    "listMergePolicies": {},
    "getMergePolicy": {"of": "listMergePolicies"},
    "createSchedule": {"body": SCHEDULE},
    "listSchedules": {},
    "getSchedule": {"of": "createSchedule"},
    "changeSchedule": {
        "of": "createSchedule",
        "body": [{"op": "add", "path": "/state", "value": "active"}],
    },
    "deleteSchedule": {"of": "createSchedule"},
    "createExport": {"body": {"destination": {"datasetId": "d"}}},
    "listExports": {},
    "getExport": {"of": "createExport"},
    "cancelExport": {"of": "createExport"},
}


def test_what_is_asked_rightly_is_answered_as_described(server):
    answers = {}
    for name, rightly in RIGHTLY.items():
        parts = {}
        if "of" in rightly:
            parts["path_parameters"] = {"id": id_in(answers[rightly["of"]])}
        if "body" in rightly:
            parts["body"] = rightly["body"]
        case = OPERATIONS[name].Case(media_type=media_type(name), **parts)
        answer = case.call_and_validate(app=server, headers=HEADERS, checks=CHECKS)
        assert 200 <= answer.status_code < 300, (name, answer.text)
        answers[name] = answer
    assert set(RIGHTLY) == set(OPERATIONS)


def media_type(name):
    body = OPERATIONS[name].definition.raw.get("requestBody")
    return next(iter(body["content"])) if body else None


def id_in(answer):
    body = answer.json()
    return str(body.get("id") or body.get("previewId") or body["children"][0]["id"])


def test_every_route_is_described(sandboxes):
    rules = make_app(sandboxes.first).url_map.iter_rules()
    served = {
        (
            method.lower(),
            rule.rule.replace(f"<id:{next(iter(rule.arguments), '')}>", "{id}"),
        )
        for rule in rules
        if rule.endpoint != "static"
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    described = {(o.method, o.path) for o in OPERATIONS.values()}
    assert served == described - {("post", wire.TOKEN_PATH)}
