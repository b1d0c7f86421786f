"""How long it takes to turn PQL into SQL: ``python tests/benchmarks/pql_speed.py``.

A thousand real expressions, long chains of ``or``, and deep nesting; CPU seconds, the median of five
runs. Ends with code 1 if the thousand take more than one second. What is timed is checked first: every
query runs on an empty store.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, cycle, islice, pairwise
from pathlib import Path
from statistics import median
from time import process_time
from typing import TypeVar

import duckdb

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from segtoolkit.engine.plan import Plan, plan, references  # noqa: E402
from segtoolkit.engine.sql import Query, query  # noqa: E402
from segtoolkit.errors import PQLError  # noqa: E402
from segtoolkit.pql import parse  # noqa: E402
from segtoolkit.pql.nodes import Expr  # noqa: E402
from segtoolkit.pql.resolve import World, resolve  # noqa: E402
from segtoolkit.pql.tokens import Kind, tokenize  # noqa: E402
from segtoolkit.pql.typed import TRUE, Typed  # noqa: E402
from segtoolkit.pql.types import (  # noqa: E402
    BOOLEAN,
    DOUBLE,
    INTEGER,
    STRING,
    TIME,
    ListOf,
    MapOf,
    Schema,
    Struct,
    Type,
)
from tests.benchmarks.inference import infer  # noqa: E402

T = TypeVar("T")

EXAMPLES = ROOT.parent / "shared" / "data" / "pql" / "examples.jsonl"
WANTED, LIMIT_S, RUNS = 1_000, 1.0, 5
AS_OF = datetime(2024, 5, 20, 12, tzinfo=UTC)
TERMS = (50, 500, 5_000)
LEVELS = (50, 100, 200, 500)
SMALL = Schema(Struct({"city": STRING, "points": INTEGER, "optedIn": BOOLEAN}))


@dataclass(frozen=True)
class Timed:
    """CPU seconds of each part."""

    parse: float
    type: float
    plan: float
    sql: float

    @property
    def whole(self) -> float:
        return self.parse + self.type + self.plan + self.sql


def main() -> int:
    if not EXAMPLES.is_file():
        print(f"the examples are not there: {EXAMPLES}", file=sys.stderr)
        return 2
    schema, examples = fitting(valid_examples())
    texts = list(islice(varied(examples, schema), WANTED))
    assert len(texts) == WANTED
    atoms = check(texts, schema)
    print(
        f"{len(examples)} examples fit one schema; {WANTED} texts, {len(set(texts))} distinct,"
    )
    print(f"{atoms} queries, each of which runs; CPU, median of {RUNS} runs\n")
    thousand = measured(texts, schema)
    print_parts(thousand)
    print_growth("or-chain", "term", TERMS, or_chain)
    print_growth("nesting", "level", LEVELS, nest)
    verdict = "within" if thousand.whole <= LIMIT_S else "OVER"
    print(
        f"\n{WANTED} expressions: {thousand.whole:.3f} s, {verdict} the limit of {LIMIT_S} s"
    )
    return 0 if thousand.whole <= LIMIT_S else 1


# -- the expressions ------------------------------------------------------------------------


def valid_examples() -> list[str]:
    rows = map(json.loads, EXAMPLES.read_text("utf-8").splitlines())
    texts = [
        row["expression"] if row["format"] == "pql/text" else row.get("text")
        for row in rows
        if row["status"] == "valid"
    ]
    return [text for text in dict.fromkeys(texts) if text]


def fitting(texts: list[str]) -> tuple[Schema, list[str]]:
    """Return the schema that the expressions seem to have, and those of them that fit it."""
    schema = infer([parse(text) for text in texts])
    return schema, [text for text in texts if compiles(text, schema)]


def varied(texts: list[str], schema: Schema) -> Iterator[str]:
    """Yield the texts over and over, with other literals each time, so that none is seen twice."""
    for number, text in zip(count(), cycle(texts), strict=False):
        other = with_literals(text, number)
        yield other if compiles(other, schema) else text


def with_literals(text: str, number: int) -> str:
    """Change the strings that are plain words, and the numbers, of an expression."""
    tokens = tokenize(text)
    pieces = [text[token.pos : after.pos] for token, after in pairwise(tokens)]
    for at, token in enumerate(tokens[:-1]):
        rest = pieces[at][len(token.text) :]
        if token.kind is Kind.STRING and token.text[1:-1].isalpha():
            pieces[at] = f'"{token.text[1:-1]}{number}"{rest}'
        elif token.kind is Kind.INTEGER and token.text != "1":
            pieces[at] = f"{int(token.text) + number % 9}{rest}"
        elif token.kind is Kind.DOUBLE:
            pieces[at] = f"{float(token.text) + number}{rest}"
    return "".join(pieces)


def or_chain(terms: int) -> str:
    return " or ".join(f'city.equals("city {number}", false)' for number in range(terms))


def nest(levels: int) -> str:
    """Alternate ``and`` and ``or`` in parentheses; a comparison is a level, and its operands one."""
    opened = "".join(
        f'city = "c{at}" {"and" if at % 2 else "or"} (' for at in range(levels - 2)
    )
    return f"{opened}optedIn{')' * (levels - 2)}"


# -- text to SQL ----------------------------------------------------------------------------


def world(schema: Schema) -> World:
    return World(schema=schema, as_of=AS_OF, knows_segment=lambda _: True)


def compiles(text: str, schema: Schema) -> bool:
    try:
        queries(planned([resolve(parse(text), world(schema), text)]))
    except PQLError:
        return False
    return True


def planned(trees: list[Typed]) -> Plan:
    """Plan one job; every segment that is mentioned is there."""
    named = dict.fromkeys({id_ for tree in trees for id_ in references(tree)}, TRUE)
    return plan({**named, **{f"segment {at}": tree for at, tree in enumerate(trees)}})


def queries(job: Plan) -> list[Query]:
    return [query(atom) for atom in job.atoms]


def measured(texts: list[str], schema: Schema) -> Timed:
    runs = [run(texts, schema) for _ in range(RUNS)]
    return sorted(runs, key=lambda one: one.whole)[RUNS // 2]


def run(texts: list[str], schema: Schema) -> Timed:
    seconds: list[float] = []

    def timed(work: Callable[[], T]) -> T:
        begin = process_time()
        result = work()
        seconds.append(process_time() - begin)
        return result

    exprs: list[Expr] = timed(lambda: [parse(text) for text in texts])
    where = world(schema)
    pairs = list(zip(exprs, texts, strict=True))
    trees = timed(lambda: [resolve(expr, where, text) for expr, text in pairs])
    job = timed(lambda: planned(trees))
    timed(lambda: queries(job))
    return Timed(*seconds)


# -- is it right ----------------------------------------------------------------------------


def check(texts: list[str], schema: Schema) -> int:
    """Run every query once on empty tables; return how many there are."""
    job = planned([resolve(parse(text), world(schema), text) for text in texts])
    with duckdb.connect() as database:
        profile, event = (sql_type(side) for side in (schema.profile, schema.event))
        database.execute(f"CREATE TABLE profiles (rid BIGINT, xdm {profile})")
        database.execute(
            f"CREATE TABLE events (rid BIGINT, ts BIGINT, type VARCHAR, xdm {event})"
        )
        for one in queries(job):
            assert database.execute(one.sql, dict(one.values)).fetchall() == [], one.sql
    return len(job.atoms)


SCALARS = {
    STRING: "VARCHAR",
    INTEGER: "BIGINT",
    DOUBLE: "DOUBLE",
    BOOLEAN: "BOOLEAN",
    TIME: "TIMESTAMPTZ",
}


def sql_type(type_: Type) -> str:
    match type_:
        case Struct(fields):
            inner = (f'"{name}" {sql_type(of)}' for name, of in fields.items())
            return f"STRUCT({', '.join(inner)})"
        case ListOf(item):
            return f"{sql_type(item)}[]"
        case MapOf(value):
            return f"MAP(VARCHAR, {sql_type(value)})"
        case _:
            return SCALARS[type_]


# -- what is shown --------------------------------------------------------------------------


def print_parts(timed: Timed) -> None:
    print(f"{'part':<8}{'ms':>9}{'µs each':>10}{'share':>8}")
    for name in ("parse", "type", "plan", "sql", "whole"):
        seconds = getattr(timed, name)
        each, share = seconds / WANTED * 1e6, seconds / timed.whole
        print(f"{name:<8}{seconds * 1e3:>9.1f}{each:>10.0f}{share:>8.0%}")


def print_growth(
    what: str, unit: str, sizes: tuple[int, ...], make: Callable[[int], str]
) -> None:
    print(f"\n{what:<8}{'ms':>9}{f'µs a {unit}':>14}{'ratio':>8}")
    first = None
    for size in sizes:
        text = make(size)
        try:
            parse(text)
        except PQLError as error:
            print(f"{size:<8}refused: {error.reason}")
            continue
        assert compiles(text, SMALL)
        each = median(run([text], SMALL).whole for _ in range(RUNS)) / size
        first = first or each
        print(f"{size:<8}{each * size * 1e3:>9.1f}{each * 1e6:>14.1f}{each / first:>8.2f}")


if __name__ == "__main__":
    sys.exit(main())
