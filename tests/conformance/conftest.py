from __future__ import annotations

from pathlib import Path

import pytest

# Published bodies and real data lie beside the checkout where the project is developed and tested;
# they are not ours to ship, so a user's machine does not have them.
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data():
    if not SHARED.is_dir():
        pytest.skip("the reference data (../shared/data) is not on this machine")
    return SHARED
