"""For tests of notebooks and scripts: a client on sample profiles, a server that fails as told, a clock.

These are fixtures of pytest, for who asks for them, in ``conftest.py``::

    pytest_plugins = ["segtoolkit.testing"]

or with ``pytest -p segtoolkit.testing``. Whoever does not ask has nothing of it loaded. Each fixture
has the name of its function here; the functions without the prefix make the same without pytest.

PYTEST_DONT_REWRITE: nothing here asserts, and a ``conftest.py`` that imports from here is not to be
warned of that.
"""

from __future__ import annotations

from segtoolkit.testing.clock import FakeClock
from segtoolkit.testing.faults import Fault
from segtoolkit.testing.fixtures import (
    segtoolkit_client,
    segtoolkit_clock,
    segtoolkit_samples,
    segtoolkit_server,
)
from segtoolkit.testing.server import SampleServer, serving

__all__ = [
    "FakeClock",
    "Fault",
    "SampleServer",
    "segtoolkit_client",
    "segtoolkit_clock",
    "segtoolkit_samples",
    "segtoolkit_server",
    "serving",
]
