"""Evaluation: from typed expressions to sets of profiles and their counts."""

from segtoolkit.engine.duckdb import DuckDBEngine, Evaluation

__all__ = ["DuckDBEngine", "Evaluation"]
