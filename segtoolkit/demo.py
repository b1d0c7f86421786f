"""The demonstration: made-up people in, one job, its tables and two pictures out."""

from __future__ import annotations

import time
from pathlib import Path

import matplotlib as mpl

from segtoolkit import plots, samples
from segtoolkit.client import Client
from segtoolkit.console import DONE, JOB_FAILED, tell, wait_or_cancel
from segtoolkit.jobs import JobResult
from segtoolkit.roads.local import connect_local
from segtoolkit.tables import result_text


def run_demo(folder: Path, *, profiles: int) -> int:
    """Show the main job in *folder*; return the exit status of the command."""
    mpl.use("Agg")
    folder.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    tell(f"making {profiles:,} profiles and their events in {folder}{'/'} …")
    files = samples.write(folder, profiles=profiles)
    store = folder / "demo.duckdb"
    tell("loading them into a store …")
    with connect_local(
        store, profiles=files.profiles, events=files.events, segments=samples.SEGMENTS
    ) as client:
        for report in client.local.reports:
            tell(report)
        tell(f"ready after {time.perf_counter() - started:.1f} s")
        for name, expression in samples.SEGMENTS.items():
            tell(f"  audience {name}: {expression}")
        job = client.submit(list(samples.SEGMENTS), as_of=samples.AS_OF)
        wait_or_cancel(job)
        if job.status != "SUCCEEDED":
            return JOB_FAILED
        print(f"\n{result_text(job.result())}")
        print("\nPictures")
        for picture in _draw(client, job.result(), folder):
            print(f"  {picture}")
    print(_NEXT.format(store=store))
    return DONE


def _draw(client: Client, result: JobResult, folder: Path) -> list[Path]:
    drawn = []
    for name, axes in (
        ("namespace_counts", plots.namespace_counts(result)),
        ("status_timeline", plots.status_timeline(client.list(limit=20))),
    ):
        drawn.append(folder / f"{name}.png")
        figure = axes.get_figure(root=True)
        assert figure is not None
        figure.savefig(drawn[-1], dpi=150)
    return drawn


_NEXT = """
What next
  Open notebooks/01_quickstart.ipynb, or go on with this store in Python:

    import segtoolkit as sg
    client = sg.connect_local("{store}")
    client.size('homeAddress.country = "US" and loyalty.points > 500')
"""
