"""Schemas as the Schema Registry gives them, and the types that they declare."""

from __future__ import annotations

import json

import pytest

from segtoolkit.errors import DataError
from segtoolkit.pql.types import (
    BOOLEAN,
    DOUBLE,
    INTEGER,
    STRING,
    TIME,
    ListOf,
    MapOf,
    Struct,
)
from segtoolkit.pql.xdm import class_of, read_xdm

PROFILE = "https://ns.adobe.com/xdm/context/profile"
EVENT = "https://ns.adobe.com/xdm/context/experienceevent"


def of(**properties):
    return {"type": "object", "properties": properties}


def full(properties):
    """Return *properties* in the dress of a registry's answer, where every node is annotated."""
    return {
        "$id": "https://ns.adobe.com/acme/schemas/1",
        "meta:altId": "_acme.schemas.1",
        "meta:resourceType": "schemas",
        "version": "1.3",
        "title": "Members",
        "type": "object",
        "meta:class": PROFILE,
        "meta:extends": [PROFILE, "https://ns.adobe.com/xdm/data/record"],
        "meta:xdmType": "object",
        "meta:immutableTags": ["union"],
        "properties": properties,
    }


IDENTITY = of(
    id={"type": "string", "meta:xdmType": "string", "meta:xdmField": "xdm:id"},
    primary={"type": "boolean", "default": False, "meta:xdmType": "boolean"},
)
MEMBERSHIP = of(
    status={"type": "string", "enum": ["realized", "exited"], "meta:xdmType": "string"},
    lastQualificationTime={
        "type": "string",
        "format": "date-time",
        "meta:xdmType": "date-time",
    },
)

# One property of a schema -> its type.
PROPERTIES = {
    "text": ({"type": "string"}, STRING),
    "text of a format": ({"type": "string", "format": "uri"}, STRING),
    "a time of day is text": ({"type": "string", "format": "time"}, STRING),
    "closed set": ({"type": "string", "enum": ["a"], "meta:enum": {"a": "A"}}, STRING),
    "closed set without type": ({"enum": ["a"], "meta:enum": {"a": "A"}}, STRING),
    "constant without type": ({"const": "count"}, STRING),
    "nothing said": ({"title": "Anything"}, STRING),
    "anything": (True, STRING),
    "integer": ({"type": "integer"}, INTEGER),
    "number": ({"type": "number"}, DOUBLE),
    "boolean": ({"type": "boolean"}, BOOLEAN),
    "date": ({"type": "string", "format": "date"}, TIME),
    "date and time": ({"type": "string", "format": "date-time"}, TIME),
    "date by its XDM type": ({"type": "string", "meta:xdmType": "date"}, TIME),
    "time by its XDM type": ({"type": "string", "meta:xdmType": "date-time"}, TIME),
    "time by its format": (
        {"type": "string", "meta:xdmType": "string", "format": "date-time"},
        TIME,
    ),
    "unknown XDM type": ({"type": "integer", "meta:xdmType": "huge"}, INTEGER),
    "XDM type that is no text": ({"type": "integer", "meta:xdmType": {}}, INTEGER),
    "the XDM type is more exact": ({"type": "number", "meta:xdmType": "int"}, INTEGER),
    "or null": ({"type": ["string", "null"]}, STRING),
    "integer or null": ({"type": ["null", "integer"]}, INTEGER),
    "integer or number": ({"type": ["integer", "number"]}, DOUBLE),
    "one or the other": ({"type": ["integer", "string"]}, STRING),
    "always null": ({"type": "null"}, STRING),
    "deprecated": ({"type": "integer", "meta:status": "deprecated"}, INTEGER),
    "object": (of(a={"type": "integer"}), Struct({"a": INTEGER})),
    "object without type": ({"properties": {"a": {}}}, Struct({"a": STRING})),
    "object of no known field": ({"type": "object", "properties": {}}, Struct({})),
    "closed object": ({**of(a={}), "additionalProperties": False}, Struct({"a": STRING})),
    "object with further fields": (
        {**of(a={}), "additionalProperties": {"type": "integer"}},
        Struct({"a": STRING}),
    ),
    "list": ({"type": "array", "items": {"type": "integer"}}, ListOf(INTEGER)),
    "list without type": ({"items": {"type": "integer"}}, ListOf(INTEGER)),
    "list of anything": ({"type": "array"}, ListOf(STRING)),
    "list by position": (
        {"type": "array", "items": [{"type": "integer"}, {"type": "number"}]},
        ListOf(DOUBLE),
    ),
    "list of objects": (
        {"type": "array", "items": of(sku={"type": "string"})},
        ListOf(Struct({"sku": STRING})),
    ),
    "map": (
        {
            "type": "object",
            "meta:xdmType": "map",
            "additionalProperties": {"type": "integer"},
        },
        MapOf(INTEGER),
    ),
    "map by its values": (
        {"type": "object", "additionalProperties": {"type": "boolean"}},
        MapOf(BOOLEAN),
    ),
    "map by its XDM type": ({"type": "object", "meta:xdmType": "map"}, MapOf(STRING)),
    "map of anything": (
        {"type": "object", "meta:xdmType": "map", "additionalProperties": True},
        MapOf(STRING),
    ),
    "identity map": (
        {
            "type": "object",
            "meta:xdmType": "map",
            "additionalProperties": {"type": "array", "items": IDENTITY},
        },
        MapOf(ListOf(Struct({"id": STRING, "primary": BOOLEAN}))),
    ),
    "segment membership": (
        {
            "type": "object",
            "meta:xdmType": "map",
            "additionalProperties": {
                "type": "object",
                "meta:xdmType": "map",
                "additionalProperties": MEMBERSHIP,
            },
        },
        MapOf(MapOf(Struct({"status": STRING, "lastQualificationTime": TIME}))),
    ),
    "all of its parts": (
        {"allOf": [of(a={"type": "integer"}), of(b={"type": "boolean"})]},
        Struct({"a": INTEGER, "b": BOOLEAN}),
    ),
    "parts that share an object": (
        {"allOf": [of(p=of(a={"type": "integer"})), of(p=of(b={"type": "boolean"}))]},
        Struct({"p": Struct({"a": INTEGER, "b": BOOLEAN})}),
    ),
    "parts that share a list and a map": (
        {
            "allOf": [
                of(l={"items": of(a={})}, m={"additionalProperties": of(a={})}),
                of(l={"items": of(b={})}, m={"additionalProperties": of(b={})}),
            ]
        },
        Struct(
            {
                "l": ListOf(Struct({"a": STRING, "b": STRING})),
                "m": MapOf(Struct({"a": STRING, "b": STRING})),
            }
        ),
    ),
    "parts of which one says little": (
        {"type": "object", "allOf": [{"additionalProperties": {"type": "integer"}}]},
        MapOf(INTEGER),
    ),
    "a time is a string too": (
        {"type": "string", "allOf": [{"type": "string", "format": "date"}]},
        TIME,
    ),
    "text of several formats": (
        {"type": "string", "oneOf": [{"format": "ipv4"}, {"format": "ipv6"}]},
        STRING,
    ),
    "some of the fields required": (
        {**of(a={"type": "integer"}), "anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
        Struct({"a": INTEGER}),
    ),
    "alternatives that agree": (
        {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
        TIME,
    ),
    "alternatives that differ": ({"oneOf": [{"type": "string"}, of(a={})]}, STRING),
    "alternative objects": (
        {"anyOf": [of(a={"type": "integer"}), of(a={"type": "boolean"}, b={})]},
        Struct({"a": STRING, "b": STRING}),
    ),
}


@pytest.mark.parametrize("name", PROPERTIES)
def test_a_property_has_the_type_it_is_declared_with(name):
    declared, type_ = PROPERTIES[name]

    assert read_xdm(full({"field": declared})) == Struct({"field": type_})


def test_names_stay_as_they_are_written():
    names = ("xdm:tags", "@id", "repo:createDate", "_acme", "order-total", "type", "$ref")
    assert list(read_xdm(of(**{name: {"type": "string"} for name in names})).fields) == [
        *names
    ]


def test_text_is_read_like_the_document():
    document = full({"person": of(birthDate={"type": "string", "format": "date"})})

    assert read_xdm(json.dumps(document)) == read_xdm(document)


ADDRESS = {"$id": "https://ns.adobe.com/xdm/common/address", **of(city={"type": "string"})}
# Schema -> its fields.
REFERENCES = {
    "definitions": (
        {"definitions": {"a": of(x={"type": "integer"})}, "$ref": "#/definitions/a"},
        Struct({"x": INTEGER}),
    ),
    "$defs": (
        {"$defs": {"a": {"type": "integer"}}, **of(x={"$ref": "#/$defs/a"})},
        Struct({"x": INTEGER}),
    ),
    "any place, escaped": (
        {
            "definitions": {"a/b": {"c~d": [{"type": "integer"}]}},
            **of(x={"$ref": "#/definitions/a~1b/c~0d/0"}),
        },
        Struct({"x": INTEGER}),
    ),
    "percent-encoded": (
        {
            "definitions": {"@c": {"type": "integer"}},
            **of(x={"$ref": "#/definitions/%40c"}),
        },
        Struct({"x": INTEGER}),
    ),
    "embedded schema by its id": (
        {"definitions": {"address": ADDRESS}, **of(home={"$ref": ADDRESS["$id"]})},
        Struct({"home": Struct({"city": STRING})}),
    ),
    "place in an embedded schema": (
        {
            "$defs": {"0": ADDRESS},
            **of(town={"$ref": f"{ADDRESS['$id']}#/properties/city"}),
        },
        Struct({"town": STRING}),
    ),
    "an embedded schema's # is its own": (
        {
            "definitions": {
                "x": {"type": "boolean"},
                "unit": {
                    "$id": "urn:unit",
                    "definitions": {"x": {"type": "integer"}},
                    **of(n={"$ref": "#/definitions/x"}),
                },
            },
            **of(a={"$ref": "urn:unit"}, b={"$ref": "#/definitions/x"}),
        },
        Struct({"a": Struct({"n": INTEGER}), "b": BOOLEAN}),
    ),
    "what stands beside a reference counts too": (
        {
            "$defs": {"0": ADDRESS},
            **of(home={"$ref": ADDRESS["$id"], **of(zip={"type": "integer"})}),
        },
        Struct({"home": Struct({"zip": INTEGER, "city": STRING})}),
    ),
    "twice the same": (
        {
            "$defs": {"0": ADDRESS},
            **of(home={"$ref": ADDRESS["$id"]}, work={"$ref": ADDRESS["$id"]}),
        },
        Struct({"home": Struct({"city": STRING}), "work": Struct({"city": STRING})}),
    ),
    "a schema of field groups": (
        {
            "$id": "urn:members",
            "definitions": {
                "0": {"$id": "urn:group", "allOf": [{"$ref": "#/definitions/own"}]}
                | {"definitions": {"own": of(points={"type": "integer"})}},
            },
            "type": "object",
            "allOf": [{"$ref": "urn:group", "type": "object"}, of(tier={"type": "string"})],
        },
        Struct({"points": INTEGER, "tier": STRING}),
    ),
    "the whole in itself": (
        of(name={"type": "string"}, parent={"$ref": "#"}),
        Struct({"name": STRING, "parent": Struct({})}),
    ),
    "an object in itself": (
        {
            "definitions": {"unit": of(of={"$ref": "#/definitions/unit"}, n={})},
            **of(unit={"$ref": "#/definitions/unit"}),
        },
        Struct({"unit": Struct({"of": Struct({}), "n": STRING})}),
    ),
    "a list in itself": (
        {
            "definitions": {
                "tree": {
                    "type": "array",
                    "items": {"$ref": "#/definitions/tree", "type": "array"},
                }
            },
            **of(tree={"$ref": "#/definitions/tree"}),
        },
        Struct({"tree": ListOf(ListOf(STRING))}),
    ),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_a_reference_is_followed_in_the_document(name):
    document, fields = REFERENCES[name]

    assert read_xdm(document) == fields


# Schema -> what it describes.
CLASSES = {
    "profile": ({"meta:class": PROFILE}, "profile"),
    "event": ({"meta:class": EVENT}, "event"),
    "another class": (
        {"meta:class": "https://ns.adobe.com/acme/classes/1", "meta:extends": [PROFILE]},
        None,
    ),
    "by what it extends": ({"meta:extends": ["urn:x", EVENT]}, "event"),
    "by what it is": ({"$id": PROFILE}, "profile"),
    "union": ({"$id": f"{PROFILE}__union"}, "profile"),
    "both": ({"meta:extends": [PROFILE, EVENT]}, None),
    "neither": ({"meta:extends": ["https://ns.adobe.com/xdm/data/record"]}, None),
    "nothing": ({}, None),
    "odd": ({"meta:class": 1, "meta:extends": [1, []], "$id": {}}, None),
    "odder": ({"meta:extends": 1}, None),
}


@pytest.mark.parametrize("name", CLASSES)
def test_the_class_is_told_from_what_the_schema_says(name):
    document, kind = CLASSES[name]

    assert class_of(document) == class_of(json.dumps(document)) == kind


def test_the_class_of_what_is_no_json_is_refused():
    with pytest.raises(DataError, match="not JSON"):
        class_of("{")
