"""A name that is no field, and where it stands, to a hint at what was meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from segtoolkit.pql import nodes as n
from segtoolkit.pql.functions import FUNCTIONS, Form
from segtoolkit.pql.typed import Typed
from segtoolkit.pql.types import Struct

if TYPE_CHECKING:
    from segtoolkit.pql.resolve.scope import Scope


def of_field(scope: Scope, node: n.Node, name: str, base: Typed, within: Struct) -> str:
    """Say where a field called *name*, or one like it, is, or what else was meant."""
    is_bare = isinstance(node, n.Name)
    if is_bare and (found := _constant(name)):
        return found
    if method := of_method(node, name):
        return f"; {method}"
    if is_bare and (variable := _variable_with(scope, name)):
        return f"; did you mean `{variable}.{name}`?"
    if is_bare and within is scope.world.schema.profile and _is_of_events(scope, name):
        return f" in profiles; did you mean `xEvent[{name} …]`?"
    if near := scope.world.schema.suggest(name, within):
        return f"; did you mean `{near}`?"
    if outer := _further_out(scope, name, base):
        return f" in the item; did you mean `{outer}`?"
    if not scope.world.schema.has_events and within is scope.world.schema.event:
        return "; no events are loaded"
    return _elsewhere(scope, node, name) if is_bare else ""


def of_method(node: n.Node, name: str) -> str:
    """Say how the method *name* is called, if it is one."""
    row = FUNCTIONS.get(name)
    if not isinstance(node, n.Field) or row is None or row.form is not Form.METHOD:
        return ""
    return f"a method needs parentheses: `.{name}({'' if row.least == 1 else '…'})`"


def _constant(name: str) -> str:
    """Explain ``False``, ``TRUE`` and ``yes``."""
    lower = name.lower()
    if lower in _CONSTANTS:
        return f"; write `{lower}`"
    if lower in _ANSWERS:
        return f'; write `{_ANSWERS[lower]}`, or "{name}" with quotes if it is a text'
    return ""


_CONSTANTS = ("true", "false", "null", "now", "today", "yesterday", "tomorrow")
_ANSWERS = {"yes": "true", "no": "false"}


def _variable_with(scope: Scope, name: str) -> str | None:
    """Return the innermost variable that has a field *name*."""
    for variable, value in reversed(list(scope.variables.items())):
        if isinstance(value.type, Struct) and name in value.type.fields:
            return variable
    return None


def _is_of_events(scope: Scope, name: str) -> bool:
    schema = scope.world.schema
    return schema.has_events and name in schema.event.fields


def _further_out(scope: Scope, name: str, base: Typed) -> str | None:
    if base != scope.items[-1] or base == scope.items[0]:
        return None
    for levels in range(1, len(scope.items)):
        outer = scope.items[-1 - levels].type
        if isinstance(outer, Struct) and name in outer.fields:
            return f"{'^' * levels}{name}"
    return None


def _elsewhere(scope: Scope, node: n.Node, name: str) -> str:
    """Look for a bare name where no item is near: in the profile, or in forgotten quotes."""
    if name in scope.world.schema.profile.fields:
        rest = _PATH.match(scope.text, node.pos)
        path = rest[0] if rest and rest[0].startswith(name) else name
        return f"; did you mean `$1.{path}`?"
    before = scope.text[max(0, node.pos - _FAR_ENOUGH) : node.pos]
    return f'; a text needs quotes: "{name}"' if _BEFORE_VALUE.search(before) else ""


_FAR_ENOUGH = 200
_PATH = re.compile(r"\w+(?:\.\w+\b(?!\())*")
# A comparison, the list of `in`, or the parenthesis of a test of texts.
_TEXT_TESTS = (
    "equals|notEqualTo|includes|contains|doesNot[A-Z][A-Za-z]+|startsWith|endsWith"
)
_BEFORE_VALUE = re.compile(
    rf"(?:[=<>]|\blike|\bin\s*[\[(][^\])]*|\bnotIn\s*[\[(][^\])]*|\.(?:{_TEXT_TESTS})\()\s*$",
    re.IGNORECASE,
)
