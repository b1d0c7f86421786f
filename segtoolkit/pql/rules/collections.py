"""Lists, maps, and membership of segments."""

from __future__ import annotations

from segtoolkit.pql.rules.operands import (
    coerce,
    count_of,
    is_known_null,
    is_literal_list,
    is_null,
    lists_of_one_type,
    op,
    part,
    string,
    unify,
    without_empty,
)
from segtoolkit.pql.rules.site import Args, Rule, Site
from segtoolkit.pql.typed import Const, Get, Member, Op, Truth, Typed
from segtoolkit.pql.types import (
    BOOLEAN,
    NULL,
    NUMBERS,
    STRING,
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
    if isinstance(value.type, ListOf):
        raise site.wrong("a list is not in a list; use .intersects(…)")
    if not is_literal_list(among):
        pair = (among, _item(site, value, among.type))
        return op("list_contains", tuple(map(without_empty, pair)), BOOLEAN)
    pairs = (unify(site, value, item) for item in among.args if not is_known_null(item))
    items = tuple(right for _, right in pairs)
    return op("in", (value, *items), BOOLEAN) if items else _never(value)


def _never(value: Typed) -> Typed:
    """Be in an empty list: false, and null for what is null itself, so that `notIn` is no there."""
    no, unknown = Const(value=False, type=BOOLEAN), Const(None, BOOLEAN)
    return op("if", (Truth(is_null(value)), unknown, no), BOOLEAN)


def _item(site: Site, value: Typed, of: ListOf) -> Typed:
    if isinstance(value, Const):
        return coerce(site, value, of.item)
    if value.type not in (of.item, NULL) and not {value.type, of.item} <= set(NUMBERS):
        raise site.wrong(f"this list holds {describe(of.item)}, not {describe(value.type)}")
    return value


def not_in(site: Site, args: Args) -> Typed:
    return op("negative", (in_(site, args),), BOOLEAN)


def includes(site: Site, args: Args) -> Typed:
    return in_(site, (args[1], args[0]))


def lists(name: str) -> Rule:
    """Make the rule of a test between two lists; a literal follows the type of the field."""

    def rule(site: Site, args: Args) -> Typed:
        left, right = args
        if not isinstance(left.type, ListOf) or not isinstance(right.type, ListOf):
            raise site.wrong(f"two lists are needed, this is {describe(_not_list(args))}")
        pair = tuple(map(without_empty, lists_of_one_type(site, left, right)))
        return op(name, pair, left.type if name == "intersection" else BOOLEAN)

    return rule


def _not_list(args: Args) -> Type:
    return next(arg.type for arg in args if not isinstance(arg.type, ListOf))


def count(site: Site, args: Args) -> Typed:
    if not isinstance(args[0].type, ListOf | MapOf):
        raise site.wrong(
            f".count() needs a list, a map or events, this is {describe(args[0].type)}"
        )
    return count_of(args[0])


def get(site: Site, args: Args) -> Typed:
    base, key = args
    match base.type:
        case MapOf(value, key_type):
            wanted = (
                string(site, key, "`get`")
                if key_type == STRING
                else _key(site, key, key_type)
            )
            return op("map_get", (base, wanted), value)
        case Struct(inner):  # a map that a loader took for an object
            if isinstance(key, Const) and isinstance(key.value, str):
                return part(base, key.value) if key.value in inner else Const(None, NULL)
            raise site.unsupported(
                "this map was loaded as an object: its key must be a literal"
            )
        case _:
            raise site.wrong(f".get(…) needs a map, this is {describe(base.type)}")


def _key(site: Site, key: Typed, type_: Type) -> Typed:
    if isinstance(key, Const):
        return coerce(site, key, type_)
    if key.type == type_:
        return key
    raise site.wrong(
        f"the keys of this map are {describe(type_)}, not {describe(key.type)}"
    )


def keys(site: Site, args: Args) -> Typed:
    if not isinstance(args[0].type, MapOf):
        raise site.wrong(f".keys() needs a map, this is {describe(args[0].type)}")
    return op("map_keys", args, ListOf(args[0].type.key))


def values(site: Site, args: Args) -> Typed:
    if not isinstance(args[0].type, MapOf):
        raise site.wrong(f".values() needs a map, this is {describe(args[0].type)}")
    return op("map_values", args, ListOf(args[0].type.value))


def distinct(site: Site, args: Args) -> Typed:
    type_, (values,) = _list(site, args[0], "distinct"), args
    already = isinstance(values, Op) and values.name == "distinct"
    return values if already else op("distinct", (without_empty(values),), type_)


def head(site: Site, args: Args) -> Typed:
    type_ = _list(site, args[0], "head")
    return Const(None, NULL) if type_.item == NULL else op("head", args, type_.item)


def _list(site: Site, node: Typed, who: str) -> ListOf:
    if isinstance(node.type, ListOf):
        return node.type
    raise site.wrong(f".{who}() needs a list, this is {describe(node.type)}")


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
    of_service = op("map_get", (memberships, Const("ups", STRING)), MapOf(record))
    entry = op("map_get", (of_service, Const(segment_id, STRING)), record)
    status = Get(entry, "status", STRING)
    members = (Const("realized", STRING), Const("existing", STRING))
    return Truth(op("in", (status, *members), BOOLEAN))
