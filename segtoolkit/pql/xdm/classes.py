"""The JSON of an XDM schema in; whether it is of profiles or of events out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from segtoolkit.pql.xdm.document import decoded

_PROFILE = "https://ns.adobe.com/xdm/context/profile"
_EVENT = "https://ns.adobe.com/xdm/context/experienceevent"
# A union is what all schemas of a class together declare.
_CLASSES: Mapping[str, Literal["profile", "event"]] = {
    _PROFILE: "profile",
    f"{_PROFILE}__union": "profile",
    _EVENT: "event",
    f"{_EVENT}__union": "event",
}


def class_of(document: Mapping[str, Any] | str) -> Literal["profile", "event"] | None:
    """Tell what a schema describes; None where it is neither, or does not say.

    Raises:
        DataError: *document* is no JSON object.

    >>> class_of({"meta:class": "https://ns.adobe.com/xdm/context/experienceevent"})
    'event'
    """
    root = decoded(document)
    if isinstance(root.get("meta:class"), str):
        return _CLASSES.get(root["meta:class"])
    extended = root.get("meta:extends", [])
    named = [root.get("$id"), *(extended if isinstance(extended, list) else [])]
    found = {_CLASSES[name] for name in named if isinstance(name, str) and name in _CLASSES}
    return found.pop() if len(found) == 1 else None
