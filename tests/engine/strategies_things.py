"""Lists of events and objects: narrowed, ranked, grouped, joined; what is counted and summed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Self

from segtoolkit.pql import nodes as n
from tests.engine.strategies_scope import (
    FIELDS,
    Frame,
    Item,
    frames_of,
    joined,
    one,
    path,
)
from tests.engine.strategies_times import COMPARISONS, EVENTS
from tests.engine.strategies_values import Values

LISTS = ("event", "address", "item", "made")
MADE = one("made")


class Things(Values):
    """Draws lists of objects or events, and values made of them."""

    def things(self) -> tuple[n.Expr, Item]:
        """Draw a list, and say what its items are."""
        if self.depth <= 0:
            return self.stored()
        pen = self.below()
        made = self.pick([pen.part, pen.part, pen.part, pen.tuples, pen.objects, pen.group])
        return made()

    def stored(self) -> tuple[n.Expr, Item]:
        """Draw a list that is there, not one that is made."""
        kinds = [kind for kind in LISTS if self.has(kind)]
        kind = self.pick(["event", "event", *kinds, *kinds])
        is_field = kind in kinds and (kind != "event" or self.flip())
        return self.field(kind) if is_field else EVENTS, one(kind)

    def part(self) -> tuple[n.Expr, Item]:
        return self.shaped(*self.stored())

    def narrowed(self, base: n.Expr, kind: str) -> n.Expr:
        return self.shaped(base, one(kind))[0]

    def shaped(self, base: n.Expr, item: Item) -> tuple[n.Expr, Item]:
        """Draw a part of the list *base*, or all of it."""
        if self.depth <= 0:
            return base, item
        found = self.pick(
            [
                lambda: base,
                lambda: n.Filter(base, self.about(item, Things.claimed)),
                lambda: n.Call("filter", (base, self.about(item, Things.claimed))),
                lambda: n.Select((self.declared(base, item, f"V{self.depth}"),)),
                lambda: self.ranked(base, item),
            ]
        )()
        return found, item

    def ranked(self, base: n.Expr, item: Item) -> n.Expr:
        key = self.pick([Values.number, Values.text, Values.moment])
        name, count = self.pick(["topN", "bottomN"]), self.pick([1, 2, 1, 3, 0, -1])
        return n.Call(name, (base, self.about(item, key), n.Literal(count)))

    def claimed(self) -> n.Expr:
        return self.truth()

    def about(self, item: Item, draw: Callable[[Self], n.Expr]) -> n.Expr:
        """Draw something about an item, mostly without a name for it."""
        if self.pick([1, 1, 1, 0]):
            return draw(self.inside(*frames_of(item)))
        variable = f"V{self.depth}"
        return n.Lambda((variable,), draw(self.inside(*frames_of(item, variable))))

    def declared(
        self, base: n.Expr, item: Item, name: str, *, always: bool = False
    ) -> n.Declaration:
        is_bare = not always and self.flip()
        pen = self.knowing(*frames_of(item, name))
        return n.Declaration(name, base, None if is_bare else pen.truth())

    def objects(self) -> tuple[n.Expr, Item]:
        base, item = self.things()
        return n.Call("map", (base, self.about(item, Values.made))), MADE

    def mapped(self, draw: Callable[[Values], n.Expr]) -> n.Expr:
        base, item = self.things()
        return n.Call("map", (base, self.about(item, draw)))

    def tuples(self) -> tuple[n.Expr, Item]:
        found = self.several(2)
        item = tuple((declared.name, kind) for declared, ((_, kind),) in found)
        return n.Select(tuple(declared for declared, _ in found)), item

    def several(
        self, count: int, *, always: bool = False
    ) -> list[tuple[n.Declaration, Item]]:
        """Draw variables, each of which the conditions of later ones can see."""
        pen, found = self, []
        for name in [f"{letter}{self.depth}" for letter in "ABC"[:count]]:
            base, item = pen.pick([pen.stored, pen.stored, pen.below().part])()
            inner = replace(
                pen.knowing(*frames_of(item, name)), depth=max(0, pen.depth - 1)
            )
            is_last = len(found) == count - 1
            where = inner.linked(name, item, found, is_claimed=is_last and always)
            found.append((n.Declaration(name, base, where), item))
            pen = inner
        return found

    def linked(
        self,
        name: str,
        item: Item,
        earlier: list[tuple[n.Declaration, Item]],
        *,
        is_claimed: bool,
    ) -> n.Expr | None:
        """Draw a condition on a variable, that may compare it with an earlier one."""
        same = [declared.name for declared, other in earlier if other == item]
        if not same or self.pick([0, 0, 1]):
            return self.truth() if is_claimed or self.flip() else None
        mine, other = n.Name(name), n.Name(self.pick(same))
        links = [n.Call(self.pick(["=", "!="]), (mine, other))]
        if item == one("event"):
            times = [n.Field(of, "timestamp") for of in (mine, other)]
            links += [self.follows(*times), self.follows(*times)]
        link = self.pick(links)
        return link if self.flip() else n.Call("and", (link, self.truth()))

    def follows(self, later: n.Expr, earlier: n.Expr) -> n.Expr:
        relation = self.pick(["after", "after", "before"])
        return n.Occurs(later, relation, earlier, self.distance(fixed=True))

    def grouped(self) -> tuple[n.Expr, str]:
        """Draw a map from texts to lists, and say what is in those."""
        base, item = self.part()
        ((_, kind),) = item
        return n.Call("groupBy", (base, self.about(item, Values.text))), kind

    def grouped_otherwise(self) -> n.Expr:
        """Draw a map from numbers, moments or booleans to lists."""
        base, item = self.part()
        key = self.pick([Values.number, Values.moment, Values.flag])
        return n.Call("groupBy", (base, self.about(item, key)))

    def group(self) -> tuple[n.Expr, Item]:
        groups, kind = self.grouped()
        return n.Call("get", (groups, self.text())), one(kind)

    def of_group(self, kind: str, draw: Callable[[Values], n.Expr]) -> n.Expr:
        """Draw something about a group, that may have a name as its key then has."""
        if self.flip():
            return draw(self.inside(Frame(f"{kind}s")).exact())
        names = f"K{self.depth}", f"G{self.depth}"
        frames = Frame("word", names[0]), Frame(f"{kind}s", names[1])
        return n.Lambda(names, draw(self.inside(*frames).exact()))

    def group_numbers(self) -> n.Expr:
        """Draw a list of numbers, one a group or an entry."""
        groups, kind = self.grouped()
        each = n.Call("map", (groups, self.of_group(kind, Values.number)))
        return self.pick([lambda: each, lambda: n.Call("values", (self.entries(),))])()

    def grouped_number(self) -> n.Expr:
        return self.pick(
            [
                lambda: n.Call("count", (self.grouped()[0],)),
                lambda: n.Call("count", (self.grouped_otherwise(),)),
                lambda: n.Call("count", (self.entries(),)),
                lambda: n.Call("get", (self.entries(), self.text())),
            ]
        )()

    def entries(self) -> n.Expr:
        """Draw a map from texts to numbers."""

        def entry(pen: Values) -> n.Expr:
            return n.Call("mapEntry", (pen.text(), pen.number()))

        if self.flip():
            base, item = self.things()
            return n.Call("map", (base, self.about(item, entry)))
        groups, kind = self.grouped()
        return n.Call("map", (groups, self.of_group(kind, entry)))

    def keys(self) -> n.Expr:
        maps = [lambda: self.grouped()[0], self.entries]
        if self.is_outside:
            maps += [lambda: n.Name("identityMap"), lambda: n.Name("segmentMembership")]
        return n.Call("keys", (self.pick(maps)(),))

    def headed(self, kind: str) -> n.Expr:
        """Draw a field of the first item."""
        things, item = self.things()
        known = paths_in(item, kind)
        found = n.Call("head", (things,))
        return path(found, self.pick(known)) if known else self.field(kind)

    def least(self, kind: str) -> n.Expr:
        """Draw the least or the greatest of a field of the items."""
        things, item = self.things()
        known = paths_in(item, kind)
        name = self.pick(["min", "max"])
        if not known or known == [""]:
            return self.field(kind)
        return n.Call(name, (things, path(n.This(), self.pick(known))))

    def values_along(self, kind: str) -> n.Expr:
        """Draw the values of a field of the items."""
        things, item = self.things()
        known = paths_in(item, kind) + paths_in(item, f"{kind}s along")
        return path(things, self.pick(known)) if known else n.ListLiteral(())

    def counted(self) -> n.Expr:
        counted = [
            self.texts,
            lambda: self.things()[0],
            lambda: n.Call("distinct", (self.things()[0],)),
            lambda: self.values_along("text"),
        ]
        return n.Call("count", (self.pick(counted)(),))

    def sized(self) -> n.Expr:
        number = self.any_of(
            self.aggregate, self.aggregate, self.grouped_number, self.of_numbers
        )
        return n.Call(self.pick(COMPARISONS), (number, self.number_literal()))

    def aggregate(self) -> n.Expr:
        if self.flip():
            return n.Call("count", (self.things()[0],))
        name = self.pick(["sum", "max", "min"] + ([] if self.is_exact else ["average"]))
        pen = self.exact()
        if self.flip():
            things, item = pen.things()
            return n.Call(name, (things, pen.about(item, Values.number)))
        found = pen.several(self.pick([1, 1, 2]))
        frames = [f for declared, item in found for f in frames_of(item, declared.name)]
        value = pen.knowing(*frames).number()
        return n.Aggregation(name, value, tuple(declared for declared, _ in found))


def paths_in(item: Item, kind: str) -> list[str]:
    return [
        joined(within, dotted)
        for within, part in item
        for dotted in FIELDS[part].get(kind, ())
    ]
