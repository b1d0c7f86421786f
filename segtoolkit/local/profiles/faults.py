"""NDJSON files in; the first fault in them out, with its line. Runs only when something is wrong.

DuckDB reads fast and complains vaguely; this reads slowly and says what to mend.
"""

from __future__ import annotations

import gzip
import json
import pathlib
import zlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any, TypeAlias

from segtoolkit.errors import DataError
from segtoolkit.local.profiles.shapes import Path, dotted
from segtoolkit.local.profiles.sources import JsonFiles

EXPECTED = {
    "identityMap": '{"ECID": [{"id": "…", "primary": true}], "Email": [{"id": "…"}]}',
    "segmentMembership": '{"ups": {"<segment id>": {"status": "realized"}}}',
    "_id": "text",
    "eventType": "text",
}
_WORDS: dict[type, str] = {
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    dict: "an object",
    list: "a list",
}
# A field's path -> what it was first, and where.
Seen: TypeAlias = dict[Path, tuple[str, str]]
# A field's path with the name in lower case -> the name as it was first spelled.
Spellings: TypeAlias = dict[Path, str]


def raise_first(files: JsonFiles) -> None:
    """Raise the first fault of *files* as a `DataError`; return if there is none to be seen."""
    seen: Seen = {}
    spelled: Spellings = {(name.lower(),): name for name in _SPECIAL}
    for file, number, text in lines(files):
        try:
            record = json.loads(text.decode("utf-8"), object_pairs_hook=_without_twins)
            if not isinstance(record, dict):
                raise _not_an_object(record)
            _check_special(record)
            _check(record, seen, spelled, f"line {number} of {file}")
        except (DataError, ValueError) as fault:
            raise _placed(fault, file, number) from fault


def line_of(files: JsonFiles, row: int) -> tuple[str, int]:
    """Return file and line of the *row*-th record, counted from 1."""
    for count, (file, number, _) in enumerate(lines(files), 1):
        if count == row:
            return file, number
    raise AssertionError(row)


def lines(files: JsonFiles) -> Iterator[tuple[str, int, bytes]]:
    """Yield file, line number and text of every line that is not blank.

    Raises:
        DataError: a file cannot be read or unpacked.
    """
    for path in files.paths:
        name = files.label or path
        try:
            with _open(path) as content:
                for number, text in enumerate(content, 1):
                    if text.strip():
                        yield name, number, text
        except (OSError, EOFError, zlib.error) as cause:
            raise DataError(
                f"cannot be read ({cause}); is it complete?", file=name
            ) from cause


def _open(path: str) -> Any:
    return (
        gzip.open(path) if path.lower().endswith(".gz") else pathlib.Path(path).open("rb")
    )


def _placed(fault: DataError | ValueError, file: str, number: int) -> DataError:
    match fault:
        case DataError():
            return DataError(str(fault), file=file, line=number, field=fault.field)
        case UnicodeDecodeError():
            return DataError(
                "this is not UTF-8; save the file as UTF-8", file=file, line=number
            )
        case json.JSONDecodeError():
            message = f"this line is not JSON: {fault.msg}, at character {fault.colno}"
            return DataError(f"{message}; mend or remove it", file=file, line=number)
        case _:
            return DataError(str(fault), file=file, line=number)


def _not_an_object(record: Any) -> DataError:
    if isinstance(record, list):
        return DataError(
            "this is a list; write one object per line (NDJSON), for instance with "
            "DataFrame.to_json(path, orient='records', lines=True)"
        )
    return DataError(
        f"expected an object {{…}}, got {_brief(record)}; mend or remove the line"
    )


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise DataError(f"the field {name!r} occurs twice; keep one", field=name)
        found[name] = value
    return found


def _check_special(record: dict[str, Any]) -> None:
    for field, rule in _SPECIAL.items():
        if why := rule(record.get(field)):
            raise DataError(f"{field}{why}; expected {EXPECTED[field]}", field=field)


def _check(record: dict[str, Any], seen: Seen, spelled: Spellings, place: str) -> None:
    for path, value in _walk({n: v for n, v in record.items() if n not in _SPECIAL}):
        _check_name(path, spelled)
        kind = _WORDS[type(value)]
        before, where = seen.setdefault(path, (kind, place))
        if kind != before:
            raise DataError(
                f"{dotted(path)} is {kind} here ({_brief(value)}) and {before} on {where}; "
                "make them all one type",
                field=dotted(path),
            )


def _walk(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if path and value is not None:
        yield path, value
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _walk(part, (*path, name))
    elif isinstance(value, list):
        for part in value:
            yield from _walk(part, (*path, "[]"))


def _check_name(path: Path, spelled: Spellings) -> None:
    name = path[-1]
    if not name:
        raise DataError("a field has an empty name; name it", field=dotted(path))
    known = spelled.setdefault((*path[:-1], name.lower()), name)
    if known != name:
        raise DataError(
            f"the fields {known!r} and {name!r} differ only in case; rename one",
            field=dotted(path),
        )


def _identity_map_fault(value: Any) -> str | None:
    if not isinstance(value, dict | None):
        return f" is {_brief(value)}"
    for namespace, entries in (value or {}).items():
        if not isinstance(entries, list | None):
            return f".{namespace} is {_brief(entries)}"
        for entry in entries or []:
            if why := _entry_fault(entry):
                return f".{namespace} has {why}"
    return None


def _entry_fault(entry: Any) -> str | None:
    if not isinstance(entry, dict):
        return f"the entry {_brief(entry)}"
    if entry.get("id") in (None, "") or isinstance(entry["id"], dict | list | bool):
        return f"an entry without id, {_brief(entry)}"
    if not isinstance(entry.get("primary"), bool | None):
        return f"an entry whose primary is {_brief(entry['primary'])}"
    return None


def _membership_fault(value: Any) -> str | None:
    if not isinstance(value, dict | None):
        return f" is {_brief(value)}"
    for namespace, segments in (value or {}).items():
        if not isinstance(segments, dict | None):
            return f".{namespace} is {_brief(segments)}"
        for segment, state in (segments or {}).items():
            if why := _state_fault(state):
                return f".{namespace}.{segment}{why}"
    return None


def _state_fault(state: Any) -> str | None:
    if not isinstance(state, dict | None):
        return f" is {_brief(state)}"
    for field in ("lastQualificationTime", "validUntil"):
        time = (state or {}).get(field)
        if time is not None and not _is_time(time):
            return f" has the {field} {_brief(time)}, which is not ISO 8601"
    return None


def _is_time(value: Any) -> bool:
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return True


def _text_fault(value: Any) -> str | None:
    return f" is {_brief(value)}" if isinstance(value, dict | list) else None


_SPECIAL = {
    "identityMap": _identity_map_fault,
    "segmentMembership": _membership_fault,
    "_id": _text_fault,
    "eventType": _text_fault,
}


def _brief(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"
