"""Stores as earlier releases laid them out: the number of a layout goes in, a file comes out."""

from __future__ import annotations

from pathlib import Path

import duckdb
from pyroaring import BitMap

PEOPLE = [
    {
        "_id": "p1",
        "identityMap": {
            "CRMID": [{"id": "ann", "primary": True}],
            "Email": [{"id": "ann@example.com"}],
        },
        "homeAddress": {"country": "US"},
    },
    {
        "_id": "p2",
        "identityMap": {"CRMID": [{"id": "eve", "primary": True}]},
        "homeAddress": {"country": "DE"},
    },
]
WEB = [
    {
        "_id": "w1",
        "identityMap": {"CRMID": [{"id": "ann", "primary": True}]},
        "homeAddress": {"country": "CA"},
    }
]
CLICKS = [
    {
        "_id": "e1",
        "identityMap": {"CRMID": [{"id": "eve", "primary": True}]},
        "timestamp": "2026-01-01T00:00:00Z",
        "eventType": "view",
    }
]

_IDENTITIES = """MAP(VARCHAR, STRUCT(id VARCHAR, "authenticatedState" VARCHAR, "primary" BOOLEAN)[])"""
_PERSON = f"""STRUCT(_id VARCHAR, "identityMap" {_IDENTITIES}, "homeAddress" STRUCT(country VARCHAR))"""
_DEED = f"""STRUCT(_id VARCHAR, "identityMap" {_IDENTITIES})"""

_ANN = """{'_id': %s, 'identityMap': {CRMID=[{'id': ann, 'authenticatedState': NULL, 'primary': true}]%s}, 'homeAddress': {'country': %s}}"""
_MAIL = ", Email=[{'id': ann@example.com, 'authenticatedState': NULL, 'primary': NULL}]"
_EVE = """{'_id': p2, 'identityMap': {CRMID=[{'id': eve, 'authenticatedState': NULL, 'primary': true}]}, 'homeAddress': {'country': DE}}"""
_VIEW = """{'_id': e1, 'identityMap': {CRMID=[{'id': eve, 'authenticatedState': NULL, 'primary': true}]}}"""

_ROWS = {
    'data."profiles:people"': [
        ("CRMID", "ann", 1, _ANN % ("p1", _MAIL, "US")),
        ("CRMID", "eve", 2, _EVE),
    ],
    'data."profiles:web"': [("CRMID", "ann", 1, _ANN % ("w1", "", "CA"))],
    'data."events:clicks"': [("CRMID", "eve", 1, 1767225600000000, "view", _VIEW)],
    "datasets": [
        ("profiles", "people", "profiles:people", 2, 1),
        ("profiles", "web", "profiles:web", 1, 2),
        ("events", "clicks", "events:clicks", 1, 3),
    ],
    "keys": [(0, "CRMID", "ann"), (1, "CRMID", "eve")],
    "namespace_sets": [(0, ["CRMID"]), (1, ["CRMID", "Email"])],
    "identities": [
        ("CRMID", "ann", 0),
        ("Email", "ann@example.com", 0),
        ("CRMID", "eve", 1),
    ],
    "profiles": [(0, 1, _ANN % ("w1", _MAIL, "CA")), (1, 0, _EVE)],
    "events": [(1, 1767225600000000, "view", _VIEW)],
    "views": [('["dataSetPrecedence", ["people"], "none"]', "view_1", "v")],
    "view_1.profiles": [(0, 1, _ANN % ("p1", _MAIL, "US")), (1, 0, _EVE)],
    "merge_policies": [
        ("newest", '{"id": "newest", "name": "Default", "default": true}'),
        (
            "people first",
            (
                '{"id": "people first", "name": "people first", "default": false, "attributeMerge":'
                ' {"type": "dataSetPrecedence", "order": ["people"]}}'
            ),
        ),
    ],
    "definitions": [
        (
            "ca",
            1,
            "ca",
            (
                '{"id": "ca", "name": "ca", "mergePolicyId": "newest", "expression": {"type": "PQL",'
                ' "format": "pql/text", "value": "homeAddress.country = \\"CA\\""}}'
            ),
        ),
        (
            "us",
            2,
            "us",
            (
                '{"id": "us", "name": "us", "mergePolicyId": "people first", "expression": {"type":'
                ' "PQL", "format": "pql/text", "value": "homeAddress.country = \\"US\\""}}'
            ),
        ),
    ],
    "jobs": [
        (
            "j1",
            3,
            "SUCCEEDED",
            1000,
            2000,
            (
                '{"id": "j1", "status": "SUCCEEDED", "segments": [{"segmentId": "ca"}],'
                ' "metrics": {"segmentedProfileCounter": {"ca": 1}},'
                ' "properties": {"asOf": "2026-01-01T00:00:00+00:00", "dataVersion": "v"},'
                ' "creationTime": 1, "updateTime": 2}'
            ),
        )
    ],
    "memberships": [("ca", "j1", BitMap([0]).serialize())],
    "meta": [
        ("data_version", "v"),
        ("schema_version", "1"),
        ("written_by", "segtoolkit 0.1.0"),
        ("sample", '{"version": "v", "size": 1}'),
    ],
    "sample.profiles": [(0, 0, _EVE)],
}

_VERSION_1 = f"""
CREATE SCHEMA data; CREATE SCHEMA view_1; CREATE SCHEMA sample; CREATE SEQUENCE ledger_order START 4;
CREATE TABLE data."profiles:people"(namespace VARCHAR, id VARCHAR, "row" BIGINT, xdm {_PERSON});
CREATE TABLE data."profiles:web"(namespace VARCHAR, id VARCHAR, "row" BIGINT, xdm {_PERSON});
CREATE TABLE data."events:clicks"(
    namespace VARCHAR, id VARCHAR, "row" BIGINT, ts BIGINT, "type" VARCHAR, xdm {_DEED});
CREATE TABLE datasets(kind VARCHAR, name VARCHAR, "table" VARCHAR, rows BIGINT, loaded_at BIGINT,
    PRIMARY KEY(kind, name));
CREATE TABLE batches(kind VARCHAR, name VARCHAR, first_row BIGINT, loaded_at BIGINT);
CREATE TABLE keys(rid BIGINT PRIMARY KEY, namespace VARCHAR, id VARCHAR);
CREATE TABLE namespace_sets(id INTEGER, namespaces VARCHAR[]);
CREATE TABLE identities(namespace VARCHAR, id VARCHAR, rid BIGINT);
CREATE TABLE profiles(rid BIGINT, namespace_set INTEGER, xdm {_PERSON});
CREATE TABLE events(rid BIGINT, ts BIGINT, "type" VARCHAR, xdm {_DEED});
CREATE TABLE views(recipe VARCHAR PRIMARY KEY, "schema" VARCHAR, data_version VARCHAR);
CREATE TABLE view_1.profiles(rid BIGINT, namespace_set INTEGER, xdm {_PERSON});
CREATE TABLE sample.profiles(rid BIGINT, namespace_set INTEGER, xdm {_PERSON});
CREATE TABLE sample.events(rid BIGINT, ts BIGINT, "type" VARCHAR, xdm {_DEED});
CREATE TABLE meta(key VARCHAR PRIMARY KEY, value VARCHAR);
CREATE TABLE definitions(id VARCHAR PRIMARY KEY, seq BIGINT DEFAULT nextval('ledger_order'),
    name VARCHAR, document VARCHAR);
CREATE TABLE jobs(id VARCHAR PRIMARY KEY, seq BIGINT DEFAULT nextval('ledger_order'),
    status VARCHAR, created BIGINT, updated BIGINT, document VARCHAR);
CREATE TABLE memberships(segment_id VARCHAR PRIMARY KEY, job_id VARCHAR, members BLOB);
CREATE TABLE merge_policies(id VARCHAR PRIMARY KEY, document VARCHAR);
"""
_TABLES = {1: _VERSION_1}


def make(path: Path, *, version: int) -> None:
    """Write the store of two people, three datasets, two merge policies and one finished job."""
    with duckdb.connect(path) as connection:
        connection.execute(_TABLES[version])
        for table, rows in _ROWS.items():
            places = ", ".join("?" for _ in rows[0])
            connection.executemany(f"INSERT INTO {table} VALUES ({places})", rows)
