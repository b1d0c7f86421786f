"""PQL, the Profile Query Language: text or JSON to a tree, and back.

>>> from segtoolkit import pql
>>> pql.to_text(pql.parse('homeAddress.country="US"   AND (loyalty.points>500)'))
'homeAddress.country = "US" and loyalty.points > 500'
"""

from segtoolkit.pql.checking import check
from segtoolkit.pql.explaining import explain
from segtoolkit.pql.forms import parse
from segtoolkit.pql.functions import FUNCTIONS
from segtoolkit.pql.json import to_json
from segtoolkit.pql.lint import Eligibility, Finding, eligibility, lint
from segtoolkit.pql.nodes import Expr
from segtoolkit.pql.printer import to_text

__all__ = [
    "FUNCTIONS",
    "Eligibility",
    "Expr",
    "Finding",
    "check",
    "eligibility",
    "explain",
    "lint",
    "parse",
    "to_json",
    "to_text",
]
