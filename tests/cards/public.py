"""Everything that people can come to hold: public names go in, the classes behind them come out."""

from __future__ import annotations

import ast
import inspect
import sys
import typing
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

PACKAGE = "segtoolkit"


def reachable(roots: typing.Iterable[object], closed: set[type]) -> set[type]:
    """Return the classes of the package among *roots*, and those that they lead to.

    A function leads to what it returns; a class to what its methods and properties return and its
    fields hold. Nothing is looked for behind those that are *closed*.
    """
    found: set[type] = set()
    waiting = [kind for root in roots for kind in _behind(root)]
    while waiting:
        kind = waiting.pop()
        if kind in found or not kind.__module__.startswith(PACKAGE):
            continue
        found.add(kind)
        if kind not in closed and not issubclass(kind, BaseException):
            waiting += _within(kind)
    return found


def public(module: ModuleType) -> Iterator[object]:
    """Yield what *module* offers by name; modules of the package as what they offer."""
    own = [n for n, thing in vars(module).items() if _home(thing) == module.__name__]
    for name in getattr(module, "__all__", own):
        thing = getattr(module, name)
        yield from public(thing) if inspect.ismodule(thing) else [thing]


def _home(thing: object) -> str | None:
    is_defined = inspect.isclass(thing) or inspect.isfunction(thing)
    return thing.__module__ if is_defined and not thing.__name__.startswith("_") else None


def _behind(thing: object) -> list[type]:
    if inspect.isclass(thing):
        return [thing]
    if inspect.isfunction(thing):
        return list(_classes(_hints(thing).get("return")))
    # A table, such as that of the functions.
    values = thing.values() if isinstance(thing, typing.Mapping) else [thing]
    return [type(value) for value in values]


def _within(kind: type) -> Iterator[type]:
    for name, hint in _hints(kind).items():
        if not name.startswith("_"):
            yield from _classes(hint)
    for name in dir(kind):
        method = inspect.getattr_static(kind, name)
        method = method.fget if isinstance(method, property) else method
        method = getattr(method, "__func__", method)
        is_public = not name.startswith("_") or name in {"__iter__", "__getitem__"}
        if is_public and inspect.isfunction(method):
            yield from _classes(_hints(method).get("return"))


def _classes(hint: Any) -> Iterator[type]:
    parts = typing.get_args(hint)
    if inspect.isclass(hint) and not parts:
        yield hint
    for part in parts:
        yield from _classes(part)


def _hints(thing: Any) -> dict[str, Any]:
    known = {**_names(thing.__module__), "Self": typing.Self}
    if not thing.__module__.startswith(PACKAGE):
        return {}
    return typing.get_type_hints(thing, globalns=known)


@cache
def _names(module: str) -> dict[str, Any]:
    """Return the names of *module*, with those that only type checkers import."""
    there = sys.modules[module]
    found: dict[str, Any] = {}
    for node in ast.walk(ast.parse(inspect.getsource(there))):
        if isinstance(node, ast.ImportFrom) and node.module:
            with suppress(ImportError):  # of types that are nowhere but in stubs
                source = import_module(node.module)
                found |= {
                    a.asname or a.name: getattr(source, a.name, None) for a in node.names
                }
    return found | vars(there)
