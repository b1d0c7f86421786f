"""Lint: an expression in, findings out: what it says that its author most likely did not mean."""

from segtoolkit.pql.lint.checks import lint
from segtoolkit.pql.lint.eligibility import Eligibility, Reason, eligibility
from segtoolkit.pql.lint.findings import Finding

__all__ = ["Eligibility", "Finding", "Reason", "eligibility", "lint"]
