"""An estimate goes in, a DataFrame of where its audience can be reached comes out."""

from __future__ import annotations

import pandas as pd

from segtoolkit.frames.schemas import framed
from segtoolkit.models import Estimate


def reach_frame(estimate: Estimate) -> pd.DataFrame:
    """Return one row per identity namespace, the largest first.

    A profile counts once in every namespace it has an identity of: the rows add up to more than
    the audience.

    Columns:
        namespace: code of the namespace, as it came.
        profiles: profiles of the audience with at least one identity of the namespace.
        share: *profiles* as a part of the audience, 0 to 1.

    >>> estimate = Estimate(size=50, by_namespace={"Email": 20, "ECID": 45})
    >>> reach_frame(estimate).to_numpy().tolist()
    [['ECID', 45, 0.9], ['Email', 20, 0.4]]
    """
    largest = sorted(estimate.by_namespace.items(), key=lambda item: (-item[1], item[0]))
    size = estimate.size
    return framed("reach", [(name, n, n / size if size else None) for name, n in largest])
