"""What each operator and function means: typed operands in, one typed node out.

A rule checks the types of its operands, converts literals once, and answers with the nodes of `typed`; what
it answers holds for every engine. The table of functions names the rule of each. What binds variables
(``sum``, ``exists``, …) is resolved in `resolve`.
"""

from segtoolkit.pql.rules.operands import count_of, truth
from segtoolkit.pql.rules.site import Args, Rule, Site

__all__ = ["Args", "Rule", "Site", "count_of", "truth"]
