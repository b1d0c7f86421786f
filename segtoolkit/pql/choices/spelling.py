"""Choices about what is read as PQL, and what is refused."""

from __future__ import annotations

from segtoolkit.pql.choices.row import Choice

SPELLING = (
    Choice(
        "quotes-and-equals",
        "Are `'single quotes'` and `==` read?",
        "They are refused; the message says what to write.",
        "No document of PQL has the former, and AEP refuses the latter.",
    ),
    Choice(
        "lists-in-parentheses",
        'Is `in ("US", "CA")` read, as SQL writes it?',
        "It is, and printed with brackets.",
        "Texts in use have it, and it cannot mean anything else.",
    ),
    Choice(
        "case-of-words",
        "Does the case of words matter?",
        "Keywords are read in any case and printed as AEP writes them; the names of functions, fields and "
        "variables are taken as they are.",
        "Published texts have `AND`, `FROM` and `SELECT`, and fields can differ by case alone.",
    ),
    Choice(
        "comments",
        "Are there comments?",
        "There are none: `//`, `/*` and `#` are refused.",
        "None are documented, and an audience that AEP refuses is of no use here.",
    ),
    Choice(
        "chained-comparisons",
        "What does `a < b < c` mean?",
        "It is refused; join two comparisons by `and`.",
        "A boolean compared with a number is not what anybody means by it.",
    ),
    Choice(
        "profile-as-root",
        "May a path begin with `profile.`?",
        "It may, unless profiles have a field of that name.",
        "Journey Optimizer writes it, and it can only mean the profile.",
    ),
    Choice(
        "json-of-count-and-gap",
        "What are COUNT and GAP called in `pql/json`?",
        "`count`, a node `countQualification`, and `gap`, a list of `timeQualification`; an element with "
        "any other field is refused, and the message names the field.",
        "No published document has either, and a clause left out unseen would change the audience.",
    ),
    Choice(
        "records-outside-profiles",
        "What are `@{…}` and `modelInstances(…)` in an audience?",
        "They are read, printed and converted, and refused when they are to be evaluated.",
        "They name records of decisions and offers, which no profile holds.",
    ),
    Choice(
        "unknown-fields",
        "What is a field that is not there?",
        'It is refused, with the nearest known name; with `unknown_fields="null"` it is null, with a '
        "warning.",
        "AEP refuses what its schema does not declare, and a misspelt field would find nobody, or all.",
    ),
)
