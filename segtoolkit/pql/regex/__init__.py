r"""A regular expression in, what AEP and the engine would read differently in it out.

AEP runs Java's regular expressions, DuckDB those of RE2. Only what both read alike is
accepted; the tables of `pieces` name the rest, each with its remedy. Some of what is accepted
differs all the same, as most patterns would have to be refused otherwise. It takes rare
characters in the text that is searched:

* line ends: Java's ``.`` also stops before ``\r``, U+0085, U+2028 and U+2029, its ``$`` also
  matches before a final line end; under ``(?m)`` its ``^`` and ``$`` know all of these ends, and
  its ``^`` does not match at the end of the text, be it empty;
* ``\s`` includes the vertical tab (U+000B) in Java only;
* ``\b`` and ``\B`` count letters beyond ASCII as part of a word in Java before 19 only;
* under ``(?i)``, ``k`` and ``s`` also match the Kelvin sign (U+212A) and the long s (U+017F)
  in RE2 only;
* ``\p{…}`` follows the version of Unicode that each engine was built with.
"""

from __future__ import annotations

from segtoolkit.pql.regex.scanner import group_count, problem

__all__ = ["group_count", "problem"]
