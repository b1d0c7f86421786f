"""Choices about single values: null, numbers, texts, objects, membership of audiences."""

from __future__ import annotations

from segtoolkit.pql.choices.row import Choice

VALUES = (
    Choice(
        "comparison-with-null",
        "What do `x = null` and `x != null` ask?",
        "Neither is ever true; a warning names `.isNull()` and `.isNotNull()`.",
        "Every comparison with null is null, and real audiences written so have no members.",
    ),
    Choice(
        "null-in-functions",
        "What does a function make of `null`?",
        "Null; only what asks for null has another answer, and `sum`, which is 0, and `exists`, which is "
        "false.",
        "That is how a missing field behaves, and `null` is no other null.",
    ),
    Choice(
        "empty-values",
        "Do 0 and the empty text count as values where yes or no is asked?",
        "They do: only null is missing.",
        'Audiences ask `purchaseId != ""` for "has an id", so an empty text is not null.',
    ),
    Choice(
        "empty-objects",
        "Is an object null, if nothing is in it?",
        "It is when all of its fields are null, and those of the objects in it.",
        "AEP drops empty objects, and files with columns fill them in again.",
    ),
    Choice(
        "equality-of-objects",
        "When are two objects equal?",
        "By `_id` when their type has one, else by all of their fields; null when either is null.",
        "`E != F` of two events is meant to compare events, and `_id` tells those apart.",
    ),
    Choice(
        "type-of-literals",
        "What if a literal and what it is compared with have different types?",
        "The literal is read as the type of the other side, on whichever side it stands; refused if it "
        "cannot be. Two fields of different types are refused.",
        "AEP coerces one side and refuses the rest before it evaluates; no row can fail then.",
    ),
    Choice(
        "division",
        "What are `/` and `%` of whole numbers, of negative ones, and by 0?",
        "7 / 2 is 3.5; -7 % 3 is -1, with the sign of the first; both are null by 0.",
        "Division by 0 is documented as null, the sign is Java's, and a ratio of two counts is rarely whole.",
    ),
    Choice(
        "order-of-texts",
        "May texts be compared by `<`?",
        "They may, by the codes of their characters; a warning says so.",
        "The documents have order for numbers only, and codes are the one order all engines share.",
    ),
    Choice(
        "like-without-escape",
        "How does `like` ask for a percent sign itself?",
        "Not at all: a backslash is a character like others. `.contains(…)` takes every character as it is.",
        "No escape is documented.",
    ),
    Choice(
        "where-patterns-match",
        "Must a regular expression match the whole text?",
        "It is enough that it is found somewhere; `^` and `$` tie it to the ends.",
        "The documented examples only work that way, but for two that contradict the others.",
    ),
    Choice(
        "dialect-of-patterns",
        "Which regular expressions are taken?",
        "Those that Java and DuckDB read alike, but for rare characters in the text that is searched; "
        "look-around, back-references and the like are refused.",
        "AEP runs Java's, and a pattern read differently would find other people.",
    ),
    Choice(
        "tests-of-string-compare",
        "Which tests does `stringCompare` know, and what of a list of values?",
        "`equals contains startsWith endsWith`, true when some value fits, and their opposites, true when "
        "the text is there and no value fits.",
        "So each is the method of its name, asked of all values at once.",
    ),
    Choice(
        "audiences-in-audiences",
        "Does `inSegment` ask the definition, or the membership stored on the profile?",
        "The definition when it is at hand, evaluated in the same run; else what is stored.",
        "AEP reads what was stored last; a definition changed here would take effect a job too late.",
    ),
    Choice(
        "stored-membership",
        "Which statuses of a stored membership make a member?",
        "`realized` and, from older data, `existing`; not `exited`.",
        "Audiences that were left stay in the map for a while.",
    ),
    Choice(
        "circular-audiences",
        "What if audiences ask for each other in a circle?",
        "They are refused, with the circle in the message.",
        "There is no order in which to evaluate them.",
    ),
)
