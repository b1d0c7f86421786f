"""Rows of the tests on text.

The negative tests are not the opposites of the positive ones: on a missing text neither is true.
"""

from __future__ import annotations

from segtoolkit.pql.functions.row import COMPARISON, called, infix
from segtoolkit.pql.rules import strings

STRINGS = (
    called(
        "text.equals(other, caseSensitive = true)",
        "Whether both texts are the same; with `false`, whatever their case. Null, which counts as "
        "false, when either is null. Of numbers, times and so on it is `=`.",
        'homeAddress.city.equals("new york", false)',
        strings.text("equals", "="),
    ),
    called(
        "text.notEqualTo(other, caseSensitive = true)",
        "Whether both texts are there and differ; with `false`, not by their case alone. Null, which "
        "counts as false, when either is null.",
        'homeAddress.city.notEqualTo("new york", false)',
        strings.text("notEqualTo", "=", negative=True),
    ),
    called(
        "text.contains(part, caseSensitive = true)",
        "Whether the part stands somewhere in the text; with `false`, whatever its case. Null, which "
        "counts as false, when either is null.",
        'personalEmail.address.contains("@example.", false)',
        strings.text("contains", "contains"),
    ),
    called(
        "text.doesNotContain(part, caseSensitive = true)",
        "Whether the text is there and the part stands nowhere in it; with `false`, whatever its case. "
        "Null, which counts as false, when either is null.",
        'personalEmail.address.doesNotContain("test", false)',
        strings.text("doesNotContain", "contains", negative=True),
    ),
    called(
        "text.startsWith(part, caseSensitive = true)",
        "Whether the text begins with the part; with `false`, whatever its case. Null, which counts as "
        "false, when either is null.",
        'homeAddress.postalCode.startsWith("10")',
        strings.text("startsWith", "starts_with"),
    ),
    called(
        "text.doesNotStartWith(part, caseSensitive = true)",
        "Whether the text is there and does not begin with the part; with `false`, whatever its case. "
        "Null, which counts as false, when either is null.",
        'homeAddress.postalCode.doesNotStartWith("10")',
        strings.text("doesNotStartWith", "starts_with", negative=True),
    ),
    called(
        "text.endsWith(part, caseSensitive = true)",
        "Whether the text ends with the part; with `false`, whatever its case. Null, which counts as "
        "false, when either is null.",
        'personalEmail.address.endsWith(".com", false)',
        strings.text("endsWith", "ends_with"),
    ),
    called(
        "text.doesNotEndWith(part, caseSensitive = true)",
        "Whether the text is there and does not end with the part; with `false`, whatever its case. "
        "Null, which counts as false, when either is null.",
        'personalEmail.address.doesNotEndWith(".org", false)',
        strings.text("doesNotEndWith", "ends_with", negative=True),
    ),
    infix(
        "text like pattern",
        COMPARISON,
        "Whether the whole text fits the pattern: `%` is any characters or none, `_` is exactly one, "
        "and neither can be escaped. Case sensitive. Null, which counts as false, when either is null.",
        'person.name.firstName like "_en%"',
        strings.like,
    ),
    called(
        "text.matches(pattern)",
        "Whether the regular expression is found somewhere in the text; `^` and `$` tie it to the ends, "
        "`(?i)` ignores case, backslashes are doubled. The pattern is a literal. Null, which counts as "
        "false, when the text is null. Also written `text matches pattern`.",
        'personalEmail.address.matches("^[a-m]\\\\w+[.]")',
        strings.matches,
        binding=COMPARISON,
    ),
    called(
        "text.regexGroup(pattern, group)",
        "The part of the text that a group of the regular expression caught, by its number from 1 to 9; "
        "0 is all that matched. Null when the text is null or nothing matches.",
        'personalEmail.address.regexGroup("@(\\\\w+)", 1) = "example"',
        strings.regex_group,
    ),
    called(
        "stringCompare(operator, text, values, caseSensitive = true)",
        "One test of a text against a value or a list of values. The operator is equals, contains, "
        "startsWith or endsWith, true when some value fits; or notEqualTo, doesNotContain, "
        "doesNotStartWith or doesNotEndWith, true when the text is there and no value fits.",
        'stringCompare("equals", homeAddress.city, ["paris", "london"], false)',
    ),
)
