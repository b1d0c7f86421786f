"""Tests on strings."""

from __future__ import annotations

from segtoolkit.pql import regex
from segtoolkit.pql.rules.operands import coerce, op, string
from segtoolkit.pql.rules.site import Args, Rule, Site
from segtoolkit.pql.rules.values import compare
from segtoolkit.pql.typed import Const, Typed
from segtoolkit.pql.types import BOOLEAN, NULL, STRING


def text(name: str, test: str, *, negative: bool = False) -> Rule:
    """Make the rule of a string test with an optional case switch; the default is case sensitive."""

    def rule(site: Site, args: Args) -> Typed:
        if test == "=" and args[0].type not in (STRING, NULL):
            result = compare("=")(site, args[:2])
        else:
            pair = tuple(string(site, arg, f"`{name}`") for arg in args[:2])
            if len(args) == 3 and not _case_sensitive(site, args[2]):
                pair = tuple(op("lower", (side,), STRING) for side in pair)
            result = op(test, pair, BOOLEAN)
        return op("negative", (result,), BOOLEAN) if negative else result

    return rule


def _case_sensitive(site: Site, switch: Typed) -> bool:
    if isinstance(switch, Const):
        return bool(coerce(site, switch, BOOLEAN).value)
    raise site.wrong("the case switch must be `true` or `false`")


def like(site: Site, args: Args) -> Typed:
    text, pattern = (string(site, arg, "`like`") for arg in args)
    return op("like", (text, pattern), BOOLEAN)


def _pattern(site: Site, node: Typed) -> Typed:
    if not isinstance(node, Const) or not isinstance(node.value, str):
        raise site.wrong("a regular expression must be a string literal")
    found = regex.problem(node.value)
    if problem := found[1] if found else site.regex_problem(node.value):
        raise site.unsupported(f"this regular expression cannot be run: {problem}")
    return node


def matches(site: Site, args: Args) -> Typed:
    text = string(site, args[0], "`matches`")
    return op("matches", (text, _pattern(site, args[1])), BOOLEAN)


def regex_group(site: Site, args: Args) -> Typed:
    text = string(site, args[0], "`regexGroup`")
    group = args[2]
    if not isinstance(group, Const) or group.value not in range(10):
        raise site.wrong(
            "the group of a regular expression is a number from 0, all of it, to 9"
        )
    return op("regex_group", (text, _pattern(site, args[1]), group), STRING)
