"""Records in; the persons that the identities within them link out: the private identity graph.

Every record links its primary identity with the others it has. Identities that links connect are
one person, up to `MOST_IDENTITIES`: where there would be more, links are taken newest first, and one
that would connect more is dropped (of equal age the one of the earlier namespace and id is taken).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from duckdb import DuckDBPyConnection

from segtoolkit.local.profiles import gathering
from segtoolkit.local.profiles.tables import Dataset, all_of

MOST_IDENTITIES = 50

Numbers: TypeAlias = npt.NDArray[np.int64]

_NO_LINK = (
    "SELECT '' AS namespace, '' AS id, '' AS space, '' AS other, 0 AS moment WHERE false"
)
_OFFERED = "segtoolkit_graph"


def connect(
    cursor: DuckDBPyConnection, people: Sequence[Dataset], deeds: Sequence[Dataset]
) -> None:
    """Make the table ``persons``: of each profile that is one with others, *old* and new row id.

    The new one is the lowest of them, so that a person keeps it when others turn out to be the same.
    """
    _list_links(cursor, people, deeds)
    ends = cursor.execute(
        "SELECT a, b FROM temp.links ORDER BY moment DESC, a, b"
    ).fetchnumpy()
    a, b = np.asarray(ends["a"], np.int64), np.asarray(ends["b"], np.int64)
    labels = components(a, b)
    # DuckDB wants numbered rows by name; the number of a node is its place among the labels.
    offered: Any = {"node": np.arange(len(labels)), "label": labels}
    cursor.register(_OFFERED, offered)
    cursor.execute(f"""
        CREATE OR REPLACE TEMP TABLE persons AS
        SELECT rid AS old, min(rid) OVER (PARTITION BY label) AS rid
        FROM main.profiles JOIN main.keys USING (rid) JOIN temp.nodes USING (namespace, id)
             JOIN {_OFFERED} USING (node)
        QUALIFY count(*) OVER (PARTITION BY label) > 1""")
    cursor.unregister(_OFFERED)
    cursor.execute("DROP TABLE temp.links")
    cursor.execute("DROP TABLE temp.nodes")


def components(a: Numbers, b: Numbers, most: int = MOST_IDENTITIES) -> Numbers:
    """Return a label for each node, the same for those that the links connect.

    Args:
        a: one end of each link, the link preferred most first; nodes are numbered from 0.
        b: the other ends.
        most: nodes of one label.

    >>> components(np.array([0, 3]), np.array([2, 1])).tolist()
    [0, 1, 0, 1]
    >>> components(np.array([0, 1, 2]), np.array([1, 2, 3]), most=2).tolist()
    [0, 0, 1, 1]
    """
    # A second of import that only linked profiles need.
    from scipy.sparse import coo_matrix  # type: ignore[import-untyped]  # noqa: PLC0415
    from scipy.sparse.csgraph import (  # type: ignore[import-untyped]  # noqa: PLC0415
        connected_components,
    )

    size = int(max(a.max(), b.max())) + 1 if len(a) else 0
    if not size:
        return np.zeros(0, np.int64)
    links = coo_matrix((np.ones(len(a), bool), (a, b)), (size, size))
    found: Numbers = connected_components(links, directed=False)[1].astype(np.int64)
    is_large = np.bincount(found) > most
    if is_large.any():
        within = is_large[found[a]]
        leaders = _bounded(a[within].tolist(), b[within].tolist(), most)
        nodes = np.flatnonzero(is_large[found])
        # Apart from the labels there are.
        found[nodes] = [size + leaders.get(node, node) for node in nodes.tolist()]
    return np.unique(found, return_inverse=True)[1]


def _bounded(a: Sequence[int], b: Sequence[int], most: int) -> dict[int, int]:
    """Return the leader of each node's group, where no link made a group of more than *most*."""
    groups = {node: [node] for node in chain(a, b)}
    for one, other in zip(a, b, strict=True):
        left, right = groups[one], groups[other]
        if left is right or len(left) + len(right) > most:
            continue
        left += right
        for node in right:
            groups[node] = left
    return {node: min(group) for node, group in groups.items()}


def _list_links(
    cursor: DuckDBPyConnection, people: Sequence[Dataset], deeds: Sequence[Dataset]
) -> None:
    """Number the identities that are linked (``nodes``) and list the links (``links``)."""
    dated = [(d.table, gathering.updated(cursor, d)) for d in people]
    dated += [(dataset.table, "ts") for dataset in deeds]
    links = all_of(_links(table, moment) for table, moment in dated)
    cursor.execute(f"""
        CREATE OR REPLACE TEMP TABLE named AS
        SELECT namespace, id, space, other, max(moment) AS moment FROM ({links or _NO_LINK})
        WHERE (namespace, id) <> (space, other) GROUP BY ALL""")
    cursor.execute("""
        CREATE OR REPLACE TEMP TABLE nodes AS
        SELECT namespace, id, row_number() OVER (ORDER BY namespace, id) - 1 AS node
        FROM (SELECT namespace, id FROM temp.named UNION SELECT space, other FROM temp.named)""")
    cursor.execute("""
        CREATE OR REPLACE TEMP TABLE links AS
        SELECT one.node AS a, two.node AS b, moment FROM temp.named
        JOIN temp.nodes one ON one.namespace = named.namespace AND one.id = named.id
        JOIN temp.nodes two ON two.namespace = named.space AND two.id = named.other""")
    cursor.execute("DROP TABLE temp.named")


def _links(table: str, moment: str) -> str:
    return f"""
        SELECT namespace, id, space.key AS space, unnest(list_transform(
            space.value, lambda entry: entry.id)) AS other, moment
        FROM (SELECT namespace, id, {moment} AS moment, unnest(map_entries(xdm."identityMap")) AS space
              FROM {table} WHERE len(flatten(map_values(xdm."identityMap"))) > 1)"""
