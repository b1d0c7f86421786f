"""What is no schema is refused, with the place where it is wrong; nothing else happens to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segtoolkit.errors import DataError
from segtoolkit.pql.xdm import read_xdm


def of(**properties):
    return {"type": "object", "properties": properties}


def nested(levels, inner):
    for _ in range(levels):
        inner = of(a=inner)
    return inner


def doubling(levels):
    """Return a small schema whose references multiply each other to 2 ** *levels* fields."""
    defined = {
        str(n): of(a={"$ref": f"#/$defs/{n + 1}"}, b={"$ref": f"#/$defs/{n + 1}"})
        for n in range(levels)
    }
    return {"$defs": {**defined, str(levels): {}}, "$ref": "#/$defs/0"}


# What is no schema -> (what the error says, the place it names).
REFUSED = {
    "no JSON": ('{"type": "object",}', "not JSON: .*line 1, character 19", None),
    "JSON of endless depth": ("[" * 200_000, "no JSON that can be read", None),
    "a number of endless length": ("1" * 10_000, "no JSON that can be read", None),
    "a list": ([of()], "one schema is needed, an object; found", "#"),
    "text": ('"person"', 'one schema is needed, an object; found "person"', "#"),
    "nothing": ({}, "no fields are declared; export the full schema", "#"),
    "a list of schemas": ({"results": [{"title": "A"}]}, "no fields are declared", "#"),
    "a schema of no object": ({"type": "integer"}, "an integer is declared", "#"),
    "an error of the registry": (
        {"type": "http://ns.adobe.com/aep/errors/XDM-1010-404", "title": "Not found"},
        "the type .*XDM-1010-404.* is none that a schema has",
        "#",
    ),
    "unknown type": (
        of(a=of(b={"type": "text"})),
        'the type "text" is none that a schema has',
        "#/properties/a/properties/b",
    ),
    "type that is no text": (of(a={"type": {}}), "the type {} is none", "#/properties/a"),
    "property that is no schema": (
        {"properties": {"a/b~": "string"}},
        'a schema is an object, found "string"',
        "#/properties/a~1b~0",
    ),
    "list of properties": ({"properties": ["a"]}, "`properties` must be an object", "#"),
    "parts that are no list": ({"allOf": {"a": {}}}, "`allOf` must be a list", "#"),
    "part that is no schema": ({"allOf": [1]}, "a schema is an object", "#/allOf/0"),
    "reference that is no text": (
        of(a={"$ref": 1}),
        "`.ref` must be text",
        "#/properties/a",
    ),
    "reference out of the document": (
        of(person={"$ref": "https://ns.adobe.com/xdm/context/person"}),
        r"/person' leads out of the document; export .*application/vnd.adobe.xed-full\+json",
        "#/properties/person",
    ),
    "reference to nothing": (
        {"definitions": {}, **of(a={"$ref": "#/definitions/person"})},
        "'#/definitions/person' leads nowhere",
        "#/properties/a",
    ),
    "reference into text": (
        {"title": "A", **of(a={"$ref": "#/title/0"})},
        "'#/title/0' leads nowhere",
        "#/properties/a",
    ),
    "reference beside a list": (
        {"allOf": [{}], **of(a={"$ref": "#/allOf/first"})},
        "'#/allOf/first' leads nowhere",
        "#/properties/a",
    ),
    "contradiction": (
        {"allOf": [of(a=of(b={"type": "integer"})), of(a=of(b={"type": "boolean"}))]},
        r"the field 'a.b' is an integer in one part and a boolean in another",
        "#",
    ),
    "contradiction at a field": (
        of(a={"type": "integer", "allOf": [{"type": "array"}]}),
        "it is an integer in one part and a list in another",
        "#/properties/a",
    ),
    "depth": (nested(60, {}), "nested deeper than 100 levels", "#" + "/properties/a" * 4),
    "references that multiply": (doubling(40), "more than 100,000 fields", None),
    "references that follow each other": (
        {
            "$defs": {str(n): {"$ref": f"#/$defs/{n + 1}"} for n in range(500)},
            "$ref": "#/$defs/0",
        },
        "nested deeper than 100 levels",
        None,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_schema_is_refused_where_it_is_wrong(name):
    document, reason, field = REFUSED[name]

    with pytest.raises(DataError, match=reason) as refused:
        read_xdm(document)

    assert field is None or refused.value.field == field


KEYS = st.sampled_from(
    ["type", "properties", "items", "additionalProperties", "allOf", "anyOf", "oneOf"]
) | st.sampled_from(["$ref", "$id", "definitions", "format", "enum", "meta:xdmType"])
WORDS = st.sampled_from(
    ["object", "array", "string", "map", "date", "#", "#/definitions", "#/properties/type"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=30,
)


@given(st.dictionaries(KEYS, JSON, max_size=5))
def test_any_json_is_read_or_refused(document):
    refused, fields = None, {}
    try:
        fields = read_xdm(document).fields
    except DataError as error:
        refused = error

    assert bool(fields) != str(refused).startswith("the XDM schema is wrong at #")
