"""``pql/json``: the form of PQL that the Segment Builder stores, to a tree and back.

Three generations are read, the newest is written. A node is an object with a ``nodeType``; `shapes`
has the fields of each. Whatever else a document holds is refused, because what is not understood
may be what matters. Names are spelt out in JSON: a field is looked up in the profile, which is
``parameterReference`` 1, or in the variable of a lambda, and every ``[ ]``, ``exists``, ``WHAT`` is a lambda.

For some of PQL no document is known that uses it. The forms for those are our choice:

===================  =====================================================================
``arr[cond]``        ``fnApply`` ``filter``, of the list and a lambda
``@{…}``             ``pathReference``, whose ``fieldName`` is what is inside the braces
``-x``               ``fnApply`` ``negate``
``between a and b``  ``occurs`` with the relation ``within`` and a ``range``
``COUNT(>= 2)``      in the element ``count``: a ``countQualification`` of ``comparison`` and
                     ``count``
``GAP(… and …)``     in the element ``gap``: a list of ``timeQualification``
``WHEN`` of a field  a second variable of the lambda, which is the event
``none``, ``one``    ``quantification`` with this ``quantifier``, as in 2018
``let``              the field for what follows ``in`` is ``body``
``[a, 1]``           of anything but literals: ``list`` with ``items``
``{"k": v}``         ``object`` with ``entries``: each an ``entry`` of ``key`` and ``value``
===================  =====================================================================
"""

from __future__ import annotations

from segtoolkit.pql.json.reading import from_json
from segtoolkit.pql.json.writing import to_json

__all__ = ["from_json", "to_json"]
