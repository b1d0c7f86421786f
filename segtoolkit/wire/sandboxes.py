"""The ``sandbox`` object that everything in a sandbox has, both directions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segtoolkit.models import Sandbox
from segtoolkit.wire.bodies import boolean, child, present, text


def sandbox_from_json(owner: Mapping[str, Any]) -> Sandbox | None:
    """Read *owner*'s sandbox; one without a name is unknown."""
    body = child(owner, "sandbox")
    name = text(body.get("sandboxName"))
    if name is None:
        return None
    return Sandbox(
        name=name,
        id=text(body.get("sandboxId")),
        type=text(body.get("type")),
        default=boolean(body.get("default")),
    )


def sandbox_to_json(sandbox: Sandbox | None) -> dict[str, Any] | None:
    if sandbox is None:
        return None
    return present(
        {
            "sandboxId": sandbox.id,
            "sandboxName": sandbox.name,
            "type": sandbox.type,
            "default": sandbox.default,
        }
    )
