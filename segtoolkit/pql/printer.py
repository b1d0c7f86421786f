"""Tree to canonical text, which parses to the same tree.

Keywords are lower case, strings in double quotes, and parentheses where meaning needs them; also after
``not``, where readers do. What has an old and a new spelling gets the new one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import assert_never

from segtoolkit.errors import PQLUnsupportedError
from segtoolkit.pql import nodes as n
from segtoolkit.pql.functions import (
    COMPARISON,
    FUNCTIONS,
    NEGATION,
    OR,
    PRODUCT,
    SUM,
    Form,
    Function,
)
from segtoolkit.pql.nodes import Expr
from segtoolkit.pql.tokens import IDENTIFIER
from segtoolkit.pql.words import RESERVED, counted

# What an operand must bind to stand without parentheses: anything, or nothing but an operand.
_LOOSEST, _ATOM = 0, NEGATION + 1

_PLAIN = re.compile(IDENTIFIER)
_MEMBER = re.compile(rf"{IDENTIFIER}|(?!xdm:){IDENTIFIER}:@?{IDENTIFIER}")


def to_text(expr: Expr) -> str:
    """Return the canonical text of *expr*.

    >>> from segtoolkit.pql.parser import parse
    >>> to_text(parse('(age>=21) AND NOT country in ("US","CA")'))
    'age >= 21 and not (country in ["US", "CA"])'

    Raises:
        PQLUnsupportedError: a name holds a back-tick, for which PQL has no spelling.
    """
    return _at(expr, _LOOSEST)


def _at(expr: Expr, binding: int) -> str:
    """Return the text of *expr*, in parentheses unless it binds at least as tightly."""
    text, own = _text(expr), _binding(expr)
    return text if own >= binding else f"({text})"


def _binding(expr: Expr) -> int:
    match expr:
        case n.Call(name):
            row = FUNCTIONS[name]
            return row.binding if row.form in (Form.INFIX, Form.PREFIX) else _ATOM
        case n.Occurs():
            return COMPARISON
        case n.Lambda() | n.Let() | n.Select() | n.Quantifier() | n.Aggregation():
            return _LOOSEST
        case n.Literal() if _literal(expr).startswith("-"):
            return NEGATION
        case _:
            return _ATOM


def _text(expr: Expr) -> str:
    match expr:
        case n.Literal():
            return _literal(expr)
        case n.Name() | n.Parameter() | n.Model() | n.This() | n.Up():
            return _reference(expr)
        case n.TimeWord() | n.CalendarUnit() | n.TimeRange():
            return _time(expr)
        case n.ListLiteral() | n.ObjectLiteral() | n.Field() | n.Filter():
            return _nested(expr)
        case n.Call():
            return _call(expr)
        case n.Lambda() | n.Let() | n.Select() | n.Quantifier() | n.Aggregation():
            return _binder(expr)
        case n.Occurs():
            return _occurs(expr)
        case n.Chain():
            return _chain(expr)
        case _:
            assert_never(expr)


def _literal(expr: n.Literal) -> str:
    match expr.value:
        case None:
            return "null"
        case bool():
            return "true" if expr.value else "false"
        case str():
            return _string(expr.value)
        case int():
            return str(expr.value)
        case float():
            return _float(expr.value)
        case _:
            assert_never(expr.value)


def _string(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _float(value: float) -> str:
    mantissa, e, exponent = repr(value).partition("e")
    point = "" if "." in mantissa else ".0"
    return f"{mantissa}{point}E{int(exponent)}" if e else mantissa


def _reference(expr: n.Name | n.Parameter | n.Model | n.This | n.Up) -> str:
    match expr:
        case n.Name(name):
            return _name(name)
        case n.Parameter(index):
            return f"${index}"
        case n.Model(reference):
            return f"@{{{reference}}}"
        case n.This():
            return "this"
        case n.Up(levels, name):
            return "^" * levels + _quoted(name, plain=_PLAIN.fullmatch(name) is not None)
        case _:
            assert_never(expr)


def _name(name: str) -> str:
    """Return *name* as it stands at the beginning of an operand, or where it is declared."""
    plain = _PLAIN.fullmatch(name) is not None and name.lower() not in RESERVED
    return _quoted(name, plain=plain)


def _quoted(name: str, *, plain: bool) -> str:
    if plain:
        return name
    if not name or "`" in name:
        raise PQLUnsupportedError(f"The name {name!r} cannot be written in PQL")
    return f"`{name}`"


def _time(expr: n.TimeWord | n.CalendarUnit | n.TimeRange) -> str:
    match expr:
        case n.TimeWord(word):
            return word
        case n.CalendarUnit(relation, unit):
            return f"{relation} {unit}"
        case n.TimeRange(start, end):
            return f"between {_at(start, SUM)} and {_at(end, SUM)}"
        case _:
            assert_never(expr)


def _nested(expr: n.ListLiteral | n.ObjectLiteral | n.Field | n.Filter) -> str:
    match expr:
        case n.ListLiteral(items):
            return f"[{_all(items)}]"
        case n.ObjectLiteral(entries):
            shown = [f"{_string(key)}: {_at(value, _LOOSEST)}" for key, value in entries]
            return f"{{{', '.join(shown)}}}"
        case n.Field(base, name):
            member = _quoted(name, plain=_MEMBER.fullmatch(name) is not None)
            return f"{_at(base, _ATOM)}.{member}"
        case n.Filter(base, where):
            return f"{_at(base, _ATOM)}[{_at(where, _LOOSEST)}]"
        case _:
            assert_never(expr)


def _all(items: Iterable[Expr]) -> str:
    return ", ".join([_at(item, _LOOSEST) for item in items])


def _call(expr: n.Call) -> str:
    row = FUNCTIONS[expr.name]
    match row.form:
        case Form.INFIX:
            return _infix(row, expr.args)
        case Form.PREFIX:
            return _prefix(row, expr.args[0])
        case Form.METHOD:
            return f"{_at(expr.args[0], _ATOM)}.{row.name}({_all(expr.args[1:])})"
        case Form.FUNCTION:
            return f"{row.name}({_all(expr.args)})"
        case _:
            assert_never(row.form)


def _infix(row: Function, args: tuple[Expr, ...]) -> str:
    # Of the operators only arithmetic associates, to the left.
    first = row.binding if row.binding in (SUM, PRODUCT) else row.binding + 1
    rest = [_at(arg, row.binding + 1) for arg in args[1:]]
    return f" {row.name} ".join([_at(args[0], first), *rest])


def _prefix(row: Function, arg: Expr) -> str:
    if row.name == "not":
        return f"not {_at(arg, _ATOM)}"
    # The sign of a number that stands alone would become part of it.
    alone = isinstance(arg, n.Literal) and isinstance(arg.value, int | float)
    return f"-({_text(arg)})" if alone else f"-{_at(arg, NEGATION)}"


def _binder(expr: n.Lambda | n.Let | n.Select | n.Quantifier | n.Aggregation) -> str:
    match expr:
        case n.Lambda((param,), body):
            return f"{_name(param)} => {_at(body, _LOOSEST)}"
        case n.Lambda(params, body):
            return f"({', '.join(map(_name, params))}) => {_at(body, _LOOSEST)}"
        case n.Let(name, value, body):
            # Parentheses around comparisons keep an `in` of the value from ending it.
            return f"let {_name(name)} = {_at(value, SUM)} in {_at(body, _LOOSEST)}"
        case n.Select(declarations):
            return f"select {_declarations(declarations)}"
        case n.Quantifier(kind, declarations):
            return f"{kind} {_declarations(declarations)}"
        case n.Aggregation(kind, value, declarations):
            return f"{kind} {_aggregated(value)}{_declarations(declarations)}"
        case _:
            assert_never(expr)


def _aggregated(value: Expr | None) -> str:
    if value is None:
        return ""
    text = _at(value, SUM)
    # ``sum - x`` would be a difference, and ``sum [x]`` a filter.
    return f"({text}) over " if text.startswith(("-", "[")) else f"{text} over "


def _declarations(declarations: tuple[n.Declaration, ...]) -> str:
    # A condition that runs to the right would swallow the declarations after it.
    inner = [_declaration(declared, OR) for declared in declarations[:-1]]
    return ", ".join([*inner, _declaration(declarations[-1], _LOOSEST)])


def _declaration(declared: n.Declaration, binding: int) -> str:
    text = f"{_name(declared.name)} from {_at(declared.source, _ATOM)}"
    if declared.where is None:
        return text
    return f"{text} where {_at(declared.where, binding)}"


def _occurs(expr: n.Occurs) -> str:
    left = "" if expr.timestamp is None else f"{_at(expr.timestamp, SUM)} occurs "
    return left + _relation(expr)


def _relation(expr: n.Occurs) -> str:
    reference = _at(expr.reference, SUM)
    match expr.relation:
        case "between":
            return reference
        case "on":
            plain = isinstance(expr.reference, n.TimeWord | n.CalendarUnit)
            return reference if plain else f"on {reference}"
        case "before" | "after":
            distance = "" if expr.distance is None else f"{_distance(expr.distance)} "
            return f"{distance}{expr.relation} {reference}"
        case _:
            assert_never(expr.relation)


def _distance(distance: n.Distance) -> str:
    return f"{distance.comparison} {_duration(distance.duration)}"


def _duration(duration: n.Duration) -> str:
    count = _at(duration.count, SUM)
    # ``this days`` would be a calendar unit.
    count = f"({count})" if count.endswith("this") else count
    whole = duration.count.value if isinstance(duration.count, n.Literal) else None
    return f"{count} {counted(whole, duration.unit)}"


def _chain(expr: n.Chain) -> str:
    elements = ", ".join(map(_element, expr.elements))
    array, timestamp = _at(expr.array, _LOOSEST), _at(expr.timestamp, _LOOSEST)
    return f"chain({array}, {timestamp}, [{elements}])"


def _element(element: n.Element) -> str:
    name = ("!" if element.negated else "") + _name(element.name)
    return " ".join([f"{name}:", *_clauses(element)])


def _clauses(element: n.Element) -> Iterable[str]:
    if element.what is not None:
        yield f"WHAT({_at(element.what, _LOOSEST)})"
    if element.when is not None:
        yield f"WHEN({_at(element.when, _LOOSEST)})"
    if element.count is not None:
        comparison, number = element.count
        yield f"COUNT({number})" if comparison == ">=" else f"COUNT({comparison} {number})"
    if element.gap:
        yield f"GAP({' and '.join(map(_distance, element.gap))})"
