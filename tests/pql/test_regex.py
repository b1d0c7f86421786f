"""What Java and RE2 read alike is accepted; what they do not is refused in its place."""

from __future__ import annotations

import re

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from segtoolkit.pql.regex import group_count, problem
from segtoolkit.pql.regex.pieces import CASELESS, has_case

# Every one of these was run by both engines, over the same strings with the same result.
ALIKE = [
    *("", "John", "^J.*n$", "(?i)^john", "(?i:a)b", "a|(?i)b|c", "(?s).", "(?m)^a$", "(?-i)a"),
    *("(?m)b\n^a$\n", "(^|b)a(c|$)", "(?:^a)?b", "^$", "(?i)^(a|b)$"),
    *(r"@(\w+)", r"^[\w.-]+@example\.com$", r"\bvip\b", r"\Aab\z", r"\d{3}-\d{4}", r"\B"),
    *("a*?", "a+?", "a??", "a{2}?", "a{0}", "a{2,}", "a{1,1000}", "(?:a{10}){100}", "(?:a|b)*"),
    *("(a)|b", "(a|(b))+", "(a*)?", "(|a)", "a||b", "a|", "(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)"),
    *(r"\.", r"\-", r"\/", r"\_", r"\ ", r"\\", r"\"", r"\x41", r"\x{1F600}", r"\t", r"\a"),
    *("]", "}", "a}", "-", "&&", "#", "é", "😀+", "\n", "\x00", r"a\Q.*(\E+", r"\Q[", r"\Qa\b\E"),
    *("[abc]", "[^abc]", "[a-z0-9]", "[a-]", "[-a]", r"[\w.-]", r"[\d-z]", "[a&b]", "[.$(|*]"),
    *(r"[\]]", r"[\[]", r"[\x41-\x5a]", r"[+--]", "[a^]", "[é]", "[à-ÿ]", r"[\p{L}\s]"),
    *(r"\pL", r"\p{L}", r"\P{Lu}", r"[^\p{N}]", r"\p{Sc}", r"(?i)\p{L}", r"(?i)[^\pN]"),
    *("(?i)株式会社", "(?i)[一-龥]", "(?i)א", "(?i:a)é", "(?i)a(?-i:é)", "(?i:(?-i:É)b)"),
]  # fmt: skip

# Pattern, the piece of it that is refused, a piece of the reason.
REFUSED = [
    ("a(?=b)", "(?=b)", "look-ahead `(?=`"),
    ("^(?!.*x)", "(?!.*x)", "with `not`"),
    ("(?<=a)b", "(?<=a)b", "look-behind `(?<=`"),
    ("(?<!a)b", "(?<!a)b", "look-behind `(?<!`"),
    ("(?>a)", "(?>a)", "write `(?:`"),
    ("(?#note)a", "(?#note)a", "a comment"),
    ("(?P<n>a)", "(?P<n>a)", "`(?P<n>` names a group"),
    ("(?<n>a)", "(?<n>a)", "`(?<n>` names a group"),
    ("(?P=n)", "(?P=n)", "names a group"),
    ("(?x)a", "(?x)a", "`(?x)`"),
    ("(?u)a", "(?u)a", "`(?u)`"),
    ("(?U)a+", "(?U)a+", "`(?U)`"),
    ("(?d:a)", "(?d:a)", "`(?d:`"),
    ("(?i-)a", "(?i-)a", "`(?i-)`"),
    ("(?|a)", "(?|a)", "`(?` begins nothing known"),
    ("a++", "++", "`++` never gives back"),
    ("a*+", "*+", "without the last `+`"),
    ("a{2}+", "{2}+", "`{2}+` never gives back"),
    ("a**", "*", "repeats a repetition"),
    ("a{2}{3}", "{3}", "repeats a repetition"),
    (r"a*\Q\E*", "*", "repeats a repetition"),
    ("*a", "*a", "nothing before `*`"),
    ("(+a)", "+a)", "nothing before `+`"),
    ("a|?", "?", "nothing before `?`"),
    ("^*", "*", "nothing before `*`"),
    ("a(?i)*", "*", "nothing before `*`"),
    (r"\b{g}", r"\b{g}", r"write `\b`"),
    ("{", "{", r"write `\{`"),
    ("a{,2}", "{,2}", "begins no repetition"),
    ("a{02}", "{02}", "begins no repetition"),
    ("a{2,1}", "{2,1}", "runs backwards"),
    ("a{1001}", "{1001}", "more than 1000"),
    ("(?:a{11}){100}", "{100}", "more than 1000"),
    ("a{" + "9" * 5000 + "}", "{" + "9" * 5000 + "}", "more than 1000"),
    (r"\pL{500}", "{500}", "too large"),
    (r"(?:[\pL\pN]x){90}", "{90}", "too large"),
    (r"\pL" * 200, r"\pL" * 200, "too large"),
    ("a^", "^", "the beginning of the text"),
    ("^^", "^", "the beginning of the text"),
    ("a(?:^b|\\Ac)", "(?:^b|", "the beginning of the text"),
    ("a$b", "b", "the end of the text"),
    (r"(a\z)[b]", "[b]", "the end of the text"),
    ("(?:^a)+", "+", "only stand at the beginning"),
    ("(?:a$){2}", "{2}", "only stand at the beginning"),
    ("(a*)*", "*", "may match nothing"),
    ("(a|b?)+", "+", "may match nothing"),
    ("(?:a*)*", "*", "may match nothing"),
    ("()", "()", "empty"),
    ("a(?:)", "(?:)", "empty"),
    ("(?:a(?i:(?s)))", "(?i:(?s)))", "empty"),
    ("(a", "(a", r"write `\(`"),
    ("((a)", "((a)", "not closed"),
    ("a)", ")", r"write `\)`"),
    ("(" * 101, "(", "deeper than 100"),
    (r"(a)\1", r"\1", r"`\1` refers back"),
    (r"\k<n>", r"\k<n>", r"`\k` refers back"),
    (r"\0", r"\0", "octal"),
    (r"\012", r"\012", "octal"),
    (r"a\Z", r"\Z", "write `$`"),
    (r"\Ga", r"\Ga", "write `^`"),
    (r"\R", r"\R", r"write `(?:\r\n|[\n\r])`"),
    (r"\X", r"\X", "write `.`"),
    (r"\C", r"\C", "write `.`"),
    (r"\h", r"\h", r"write `[ \t]`"),
    (r"\H", r"\H", r"write `[^ \t]`"),
    (r"\v", r"\v", r"write `[\n\r]`"),
    (r"\V", r"\V", r"write `[^\n\r]`"),
    (r"\e", r"\e", r"write `\x1b`"),
    (r"\cA", r"\cA", r"`\cA` is not available"),
    (r"\u00e9", r"\u00e9", r"as in `\x{e9}`"),
    (r"\N{DIGIT ONE}", r"\N{DIGIT ONE}", r"`\N{DIGIT ONE}` is not available"),
    (r"\x4", r"\x4", r"`\x` is no character"),
    (r"\x{110000}", r"\x{110000}", r"`\x{110000}` is no character"),
    (r"\p{Alpha}", r"\p{Alpha}", "`[A-Za-z]`"),
    (r"\p{Punct}", r"\p{Punct}", r"`\p{Punct}` is not available"),
    (r"\p{IsGreek}", r"\p{IsGreek}", r"`\p{IsGreek}`"),
    (r"\p{Greek}", r"\p{Greek}", r"`\p{Greek}`"),
    (r"\p{javaLowerCase}", r"\p{javaLowerCase}", r"`\p{javaLowerCase}`"),
    (r"\p{^L}", r"\p{^L}", r"`\p{^L}`"),
    (r"\pC", r"\pC", r"`\pC`"),
    (r"\p", r"\p", r"`\p`"),
    (r"a\E", r"\E", r"ends no `\Q`"),
    (r"\y", r"\y", r"write `\\`"),
    (r"\é", r"\é", r"needs no `\`"),
    ("a\\", "\\", "at the end"),
    ("a\ud800", "\ud800", "lone surrogate"),
    ("[", "[", r"write `\[`"),
    ("a[bc", "[bc", "not closed"),
    ("[]a]", "]a]", r"write `\]`"),
    ("[^]a]", "]a]", r"write `\]`"),
    ("[a[b]]", "[b]]", "brackets in AEP"),
    ("[[:alpha:]]", "[:alpha:]]", "`[:alpha:]` is not available"),
    ("[a&&b]", "&&b]", "`&&`"),
    (r"[\b]", r"\b]", "a position"),
    (r"[\Qa\E]", r"\Qa\E]", "in brackets"),
    (r"[\1]", r"\1]", "refers back"),
    (r"[a-\d]", r"-\d]", r"write `\-`"),
    ("[z-a]", "z-a]", "runs backwards"),
    ("(?i)é", "é", "not of `é`"),
    ("(?i:a)(?i:É)", "É)", "(?-i:[éÉ])"),
    (r"(?i)\x{e9}", r"\x{e9}", "ignores the case of A to Z"),
    (r"(?i)\Qaß\E", r"ß\E", "not of `ß`"),
    ("(?i)[aé]", "é]", "not of `é`"),
    ("(?i)[à-ÿ]", "à-ÿ]", "not of `à-ÿ`"),
    ("(?i)[a-龥]", "a-龥]", "not of `a-龥`"),
    (r"(?i)\p{Lu}", r"\p{Lu}", "contradicts `(?i)`"),
    (r"(?i)[\p{Ll}]", r"\p{Ll}]", "contradicts `(?i)`"),
]  # fmt: skip

FORMS = st.sampled_from([
    *("a", "é", "😀", ".", r"\d", r"\w", r"\S", r"\b", "^", "$", r"\z", r"\pL", r"\P{Nd}", "[^a]"),
    *("[a-z]", r"[^àé\pL]", r"\x{1F600}", r"\Qa.\E", "(", "(", "(?:", "(?i:", "(?i)", ")", ")", ")"),
    *("|", "*", "+", "?", "*?", "{2}", "{2,}", "{9,40}", "{300}", "{1000}", "[", "]", "-", "\\", "{"),
    *("(?=", "(?<", r"\1", r"\Q", r"\E", r"\0", ",", "}", "&&", "\x00", "\n"),
])  # fmt: skip
PATTERNS = st.lists(FORMS, max_size=14).map("".join)


@pytest.fixture(scope="module")
def database():
    with duckdb.connect() as database:
        yield database


@pytest.mark.parametrize("pattern", ALIKE)
def test_what_both_engines_read_alike_is_accepted(pattern):
    assert problem(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "refused", "reason"), REFUSED, ids=[row[0][:20] for row in REFUSED]
)
def test_what_the_engines_read_differently_is_refused_in_place(pattern, refused, reason):
    found = problem(pattern)

    assert found is not None
    assert pattern[found[0] :].startswith(refused)
    assert reason in found[1]
    assert len(found[1]) < 130


@pytest.mark.parametrize("pattern", ALIKE)
def test_duckdb_runs_an_accepted_pattern_and_has_its_groups(database, pattern):
    last = min(group_count(pattern), 9)

    assert runs(database, pattern, last)


@settings(deadline=None, max_examples=500, derandomize=True)
@given(PATTERNS)
@example("(?:a{1000}b{1000})" * 8)
@example(r"[\pL\pN]{50}")
@example("(" * 100 + "a" + ")" * 100)
@example("é" * 20_000)
def test_duckdb_runs_every_pattern_without_a_problem(database, pattern):
    found = problem(pattern)

    if found is None:
        assert runs(database, pattern, min(group_count(pattern), 9))
    else:
        assert 0 <= found[0] <= len(pattern)


def runs(database, pattern, group):
    asked = "SELECT regexp_matches('aé1', $p), regexp_extract('aé1', $p, $g)"
    return database.execute(asked, {"p": pattern, "g": group}).fetchall()


@settings(deadline=None)
@given(st.text(st.characters()))
@example("[" * 10_000)
@example("(?i)" + "[一-龥]" * 10_000)
@example(r"\Q" * 10_000)
def test_any_text_has_a_problem_inside_it_or_none(pattern):
    found = problem(pattern)

    assert found is None or 0 <= found[0] <= len(pattern)


@pytest.mark.parametrize(
    "pattern", ["", "a", "(a)(?:b)", "((a)|(b))", r"\(a\)", "[(]", r"\Q(\E"]
)
def test_groups_are_counted_as_python_counts_them(pattern):
    in_python = pattern.replace(r"\Q(\E", r"\(")

    assert group_count(pattern) == re.compile(in_python).groups


def test_no_character_of_the_caseless_ranges_has_a_case():
    assert not [hex(n) for numbers in CASELESS for n in numbers if has_case(n)]
