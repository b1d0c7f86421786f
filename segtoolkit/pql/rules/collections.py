"""Lists, maps, and membership of segments."""

from __future__ import annotations

from segtoolkit.pql.rules.operands import coerce, count_of, lists_of_one_type, string, unify
from segtoolkit.pql.rules.site import Args, Rule, Site
from segtoolkit.pql.typed import Const, Events, Get, Member, Op, Truth, Typed
from segtoolkit.pql.types import (
    BOOLEAN,
    NULL,
    NUMBERS,
    STRING,
    TIME,
    ListOf,
    MapOf,
    Struct,
    Type,
    describe,
)


def in_(site: Site, args: Args) -> Typed:
    value, among = args
    if not isinstance(among.type, ListOf):
        raise site.wrong(f"`in` needs a list on its right, this is {describe(among.type)}")
    if isinstance(among, Events):
        raise site.wrong("`in` needs a list of values, not events; filter them with [ ]")
    if isinstance(value.type, ListOf):
        raise site.wrong("a list is not in a list; use .intersects(…)")
    if not isinstance(among, Op) or among.name != "list":
        return Op("list_contains", (among, _item(site, value, among.type)), BOOLEAN)
    pairs = (unify(site, value, item) for item in among.args)
    items = tuple(right for _, right in pairs)
    return Op("in", (value, *items), BOOLEAN) if items else Const(value=False, type=BOOLEAN)


def _item(site: Site, value: Typed, of: ListOf) -> Typed:
    if of.item == TIME:
        raise site.unsupported("lists of dates cannot be searched yet")
    if isinstance(value, Const):
        return coerce(site, value, of.item)
    if value.type not in (of.item, NULL) and not {value.type, of.item} <= set(NUMBERS):
        raise site.wrong(f"this list holds {describe(of.item)}, not {describe(value.type)}")
    return value


def not_in(site: Site, args: Args) -> Typed:
    return Op("negative", (in_(site, args),), BOOLEAN)


def includes(site: Site, args: Args) -> Typed:
    return in_(site, (args[1], args[0]))


def lists(op: str) -> Rule:
    """Make the rule of a test between two lists; a literal follows the type of the field."""

    def rule(site: Site, args: Args) -> Typed:
        left, right = args
        if not isinstance(left.type, ListOf) or not isinstance(right.type, ListOf):
            raise site.wrong(f"two lists are needed, this is {describe(_not_list(args))}")
        if isinstance(left, Events) or isinstance(right, Events):
            raise site.wrong("events are not a list of values; filter them with [ ]")
        pair = lists_of_one_type(site, left, right)
        return Op(op, pair, left.type if op == "intersection" else BOOLEAN)

    return rule


def _not_list(args: Args) -> Type:
    return next(arg.type for arg in args if not isinstance(arg.type, ListOf))


def count(site: Site, args: Args) -> Typed:
    if not isinstance(args[0].type, ListOf):
        raise site.wrong(
            f".count() needs a list or events, this is {describe(args[0].type)}"
        )
    return count_of(args[0])


def get(site: Site, args: Args) -> Typed:
    base, key = args
    match base.type:
        case MapOf(value):
            return Op("map_get", (base, string(site, key, "`get`")), value)
        case Struct(inner):  # a map that a loader took for an object
            if isinstance(key, Const) and isinstance(key.value, str):
                found = inner.get(key.value)
                return Get(base, key.value, found) if found else Const(None, NULL)
            raise site.unsupported(
                "this map was loaded as an object: its key must be a literal"
            )
        case _:
            raise site.wrong(f".get(…) needs a map, this is {describe(base.type)}")


def keys(site: Site, args: Args) -> Typed:
    if not isinstance(args[0].type, MapOf):
        raise site.wrong(f".keys() needs a map, this is {describe(args[0].type)}")
    return Op("map_keys", args, ListOf(STRING))


def values(site: Site, args: Args) -> Typed:
    if not isinstance(args[0].type, MapOf):
        raise site.wrong(f".values() needs a map, this is {describe(args[0].type)}")
    return Op("map_values", args, ListOf(args[0].type.value))


def list_op(op: str) -> Rule:
    def rule(site: Site, args: Args) -> Typed:
        type_ = args[0].type
        if isinstance(args[0], Events):
            raise site.unsupported(f"`{op}` of events is not evaluated yet")
        if not isinstance(type_, ListOf):
            raise site.wrong(f".{op}() needs a list, this is {describe(type_)}")
        return Op(op, args, type_.item if op == "head" else type_)

    return rule


def in_segment(site: Site, args: Args) -> Typed:
    """Ask the segment's own rule; without its definition, the memberships stored on the profile."""
    if not isinstance(args[0], Const) or not isinstance(args[0].value, str):
        raise site.wrong("inSegment(…) needs the id of a segment as a string literal")
    segment_id = args[0].value
    if not segment_id:
        raise site.wrong("inSegment(…) needs the id of a segment, this one is empty")
    if site.knows_segment(segment_id):
        return Member(segment_id)
    profile = site.profile.type
    stored = (
        profile.fields.get("segmentMembership") if isinstance(profile, Struct) else None
    )
    match stored:
        case MapOf(MapOf(Struct() as record)):
            memberships = Get(site.profile, "segmentMembership", stored)
            return _stored(memberships, record, segment_id)
        case _:
            raise site.wrong(
                f"there is no segment {segment_id!r}; create its definition first"
            )


def _stored(memberships: Typed, record: Struct, segment_id: str) -> Typed:
    of_service = Op("map_get", (memberships, Const("ups", STRING)), MapOf(record))
    entry = Op("map_get", (of_service, Const(segment_id, STRING)), record)
    status = Get(entry, "status", STRING)
    members = (Const("realized", STRING), Const("existing", STRING))
    return Truth(Op("in", (status, *members), BOOLEAN))
