"""Segments as people write them: ``NAME=PQL``, or a JSON file of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from segtoolkit.errors import ConfigError, DataError
from segtoolkit.pql import parse
from segtoolkit.pql.nodes import Literal

# What a path or a job takes for something else than the name of one segment.
_NO_NAMES = {".", "..", "*"}


def read_segment(text: str) -> tuple[str, str]:
    """Split ``NAME=PQL`` at its first ``=``.

    Raises:
        ConfigError: there is no name, or it swallowed the left side of a comparison.
        PQLError: the expression is not PQL.

    >>> read_segment('us=homeAddress.country = "US"')
    ('us', 'homeAddress.country = "US"')
    """
    name, equals, expression = text.partition("=")
    if not equals or not name.strip() or not expression.strip():
        raise ConfigError(f"{text!r} is not NAME=PQL")
    if name.strip() in _NO_NAMES or name.rstrip().endswith(("<", ">", "!")):
        raise ConfigError(f"{name.strip()!r} cannot be a name; write NAME=PQL")
    if isinstance(parse(expression), Literal) and expression.strip() not in (
        "true",
        "false",
    ):
        raise ConfigError(
            f"{text!r} would call {expression.strip()} a rule named {name.strip()!r};"
            " write a name first: NAME=PQL"
        )
    return name.strip(), expression.strip()


def read_segments(path: Path) -> dict[str, str]:
    """Read a JSON file: ``{"name": "PQL"}``, or a list of segment definitions, as AEP lists them.

    Returns:
        expressions by id, or by name where there is no id.

    Raises:
        DataError: the file is missing, or is neither.
    """
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"cannot be read as JSON: {error}", file=str(path)) from error
    if isinstance(body, dict) and isinstance(body.get("segments"), list):
        body = body["segments"]
    if isinstance(body, dict) and all(isinstance(text, str) for text in body.values()):
        return dict(body)
    if isinstance(body, list):
        return dict(_definitions(body, path))
    raise DataError('needs {"name": "PQL", …} or a list of definitions', file=str(path))


def _definitions(bodies: list[Any], path: Path) -> Iterator[tuple[str, str]]:
    for number, body in enumerate(bodies, start=1):
        match body:
            case {"id": str(name), "expression": rule} | {
                "name": str(name),
                "expression": rule,
            }:
                pass
            case _:
                raise DataError(
                    f"entry {number} has no name and expression", file=str(path)
                )
        match rule:
            case str(text) | {"value": str(text)}:
                yield name, text
            case _:
                raise DataError(f"the expression of {name!r} is not text", file=str(path))
