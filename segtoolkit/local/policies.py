"""Merge policies of the store: they go in and out of a cursor, with the tables that each sees.

Policies that merge alike share a *view*, a schema of tables; how they merge is their recipe. Every
function works inside the transaction of the cursor it is given.
"""

from __future__ import annotations

import json
import uuid

from segtoolkit import wire
from segtoolkit.errors import BadRequest
from segtoolkit.local import ledger, lookup
from segtoolkit.local.ledger import Cursor
from segtoolkit.local.profiles import quietly, views
from segtoolkit.local.profiles.deriving import PLAIN
from segtoolkit.models import AttributeMerge, MergePolicy
from segtoolkit.progress import Step

_PLAIN_SCHEMA = "main"


def put(cursor: Cursor, policy: MergePolicy, step: Step = quietly) -> None:
    """Keep *policy* in place of the one of its id; as the default it takes that from the other.

    Definitions made before keep the policy they were made with.

    Raises:
        BadRequest: it is another's name, it has an order without use, or there would be no default.
    """
    others = [p for p in listed(cursor) if p.id != policy.id]
    _refuse(policy, others)
    if policy.is_default:
        cursor.execute(
            "UPDATE merge_policies SET document = json_merge_patch(document, ?)",
            [json.dumps({"default": False})],
        )
    cursor.execute(
        "INSERT OR REPLACE INTO merge_policies VALUES (?, ?)",
        [policy.id, json.dumps(wire.merge_policy_to_json(policy))],
    )
    refresh(cursor, step)


def _refuse(policy: MergePolicy, others: list[MergePolicy]) -> None:
    if any(other.name == policy.name for other in others):
        raise BadRequest(f"a merge policy {policy.name!r} exists", status_code=422)
    if policy.order and policy.attribute_merge is not AttributeMerge.DATASET_PRECEDENCE:
        raise BadRequest(
            f"the merge policy {policy.name!r} is {policy.attribute_merge}, which has no order "
            f"of datasets; leave it out, or choose {AttributeMerge.DATASET_PRECEDENCE}",
            status_code=400,
        )
    if not any(p.is_default for p in [policy, *others]):
        raise BadRequest(
            f"{policy.name!r} is the default merge policy; make another one the default first",
            status_code=400,
        )


def listed(cursor: Cursor) -> tuple[MergePolicy, ...]:
    """Return all policies, the default first, then by name."""
    rows = cursor.execute("SELECT document FROM merge_policies").fetchall()
    found = [wire.merge_policy_from_json(json.loads(document)) for (document,) in rows]
    return tuple(sorted(found, key=lambda policy: (not policy.is_default, policy.name)))


def present(cursor: Cursor, wanted: str) -> MergePolicy:
    """Return the policy of that id or name.

    Raises:
        NotFound: there is none.
    """
    found = [p for p in listed(cursor) if wanted in (p.id, p.name)]
    if not found:
        raise lookup.not_found("merge policy", wanted)
    return next((p for p in found if p.id == wanted), found[0])


def refresh(cursor: Cursor, step: Step = quietly) -> None:
    """Bring the views up to the data and the policies: what is up to date is left alone."""
    wanted = {_recipe(policy): policy for policy in listed(cursor)}
    wanted.pop(_recipe(PLAIN), None)
    known = dict(cursor.execute('SELECT recipe, "schema" FROM views').fetchall())
    for recipe in known.keys() - wanted.keys():
        cursor.execute(f"DROP SCHEMA {known[recipe]} CASCADE")
        cursor.execute("DELETE FROM views WHERE recipe = ?", [recipe])
    fresh = _up_to_date(cursor)
    for recipe, policy in wanted.items():
        if recipe not in fresh:
            # What is cached by the name of a schema must never meet another one's tables.
            step(f"merging profiles for {policy.name!r}", None)
            schema = known.get(recipe) or f"view_{uuid.uuid4().hex}"
            views.build(cursor, schema, policy)
            cursor.execute(
                """INSERT OR REPLACE INTO views
                   SELECT ?, ?, value FROM meta WHERE key = 'data_version'""",
                [recipe, schema],
            )


def _up_to_date(cursor: Cursor) -> frozenset[str]:
    rows = cursor.execute("""
        SELECT recipe FROM views JOIN meta ON value = data_version
        WHERE key = 'data_version'""").fetchall()
    return frozenset(recipe for (recipe,) in rows)


def look_through(cursor: Cursor, policy_id: str) -> None:
    """Make *cursor* see profiles and events as the policy does."""
    recipe = _recipe(present(cursor, policy_id))
    rows = cursor.execute(
        'SELECT "schema" FROM views WHERE recipe = ?', [recipe]
    ).fetchall()
    path = ",".join([*(schema for (schema,) in rows), _PLAIN_SCHEMA])
    cursor.execute(f"SET search_path = '{path}'")


def look_through_default(cursor: Cursor) -> None:
    look_through(cursor, ledger.default_merge_policy(cursor))


def is_plain(cursor: Cursor) -> bool:
    """Tell whether *cursor* sees profiles as the plain policy merges them."""
    rows = cursor.execute("SELECT current_schema()").fetchall()
    return bool(rows[0][0] == _PLAIN_SCHEMA)


def _recipe(policy: MergePolicy) -> str:
    """Return a text that is the same for policies that merge alike."""
    order = [name.lower() for name in policy.order]
    return json.dumps([policy.attribute_merge, order, policy.identity_graph])
