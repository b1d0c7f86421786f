"""Records of profiles and events, and how to look into the store they were loaded into."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from segtoolkit.local import profiles


@contextmanager
def new_store(path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(path)) as connection:
        connection.execute("SET GLOBAL TimeZone = 'UTC'")
        profiles.create_tables(connection)
        yield connection


def person(number, namespace="CRMID", **fields):
    identity = {namespace: [{"id": str(number), "primary": True}]}
    return {"_id": f"p{number}", "identityMap": identity, **fields}


def event(number, owner, namespace="CRMID", **fields):
    identity = {namespace: [{"id": str(owner), "primary": True}]}
    happening = {"timestamp": "2024-05-20T12:00:00Z", "eventType": "view"}
    return {"_id": f"e{number}", "identityMap": identity, **happening, **fields}


def write(path, *records):
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(record)}\n" for record in records)
    return path


def rows(store, query):
    return store.execute(query).fetchall()


def xdm(store, field, table="profiles"):
    """One field of every record, in order, and its type."""
    path = ".".join(profiles.quoted(name) for name in ("xdm", *field))
    found = rows(store, f"SELECT {path}, typeof({path}) FROM {table} ORDER BY rid, xdm._id")
    return [value for value, _ in found], found[0][1]


def contents(store):
    """Everything in the file: rows by table."""
    tables = rows(store, "SELECT schema_name, table_name FROM duckdb_tables() ORDER BY ALL")
    return {
        (schema, table): rows(store, f"FROM {schema}.{profiles.quoted(table)} ORDER BY ALL")
        for schema, table in tables
    }
