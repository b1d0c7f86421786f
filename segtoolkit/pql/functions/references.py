"""Rows of what asks for something beside the profile: other audiences, other records."""

from __future__ import annotations

from segtoolkit.pql.functions.row import called
from segtoolkit.pql.rules import collections

REFERENCES = (
    called(
        "inSegment(id)",
        "Whether the profile is in another audience, whose id is a literal. Evaluated in the same run "
        "when its definition is at hand, else read from the memberships stored on the profile. Audiences "
        "that ask for each other in a circle are refused.",
        'inSegment("us-gold") and not inSegment("left-a-cart")',
        collections.in_segment,
    ),
    called(
        "modelInstances(schema, …)",
        "All records of a schema, as in the filters of offers. It can be read, printed and converted, "
        "but not evaluated: audiences are about profiles and their events.",
        'exists o from modelInstances("https://ns.adobe.com/offers") where o.status = "approved"',
    ),
)
