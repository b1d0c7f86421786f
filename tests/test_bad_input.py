"""What notebooks and terminals may lack, and jobs may lack or have too much of: each has a decent answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest
from matplotlib.figure import Figure

import segtoolkit as sg
from segtoolkit import frames, plots, wire
from segtoolkit.errors import ConfigError
from segtoolkit.jobs import Job, JobGroup
from segtoolkit.models import JobMetrics, JobRecord, JobSegment, JobStatus
from segtoolkit.widgets import AudienceSizer, JobBrowser, JobMonitor
from segtoolkit.widgets.newest import Newest
from tests import kernels
from tests.cards.reading import Card
from tests.fakes import FakeService, connected, record

ROOT = Path(__file__).parents[1]
HOSTILE = "<img src=x onerror=alert(1)>"

PEOPLE = """
import sys
import segtoolkit as sg
client = sg.connect_local(profiles=[{"_id": str(n), "points": n} for n in range(20)])
client.definitions.put("few", "points < 5")
job = client.submit("few")
"""
SCRIPTED = """
import threading, time
from segtoolkit.jobs import SystemClock
from tests.fakes import FakeService, connected
service = FakeService(jobs={"job-1": ["QUEUED", "PROCESSING", "SUCCEEDED"]})
job = connected(service, clock=SystemClock()).submit("gold")
"""


def ran(*command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHON_COLORS": "0"}
    return subprocess.run(
        [sys.executable, *command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )


# What shows things, or does not


@pytest.mark.parametrize("name", ["ipywidgets", "IPython"])
def test_without_controls_views_name_the_remedy_and_everything_else_works(name):
    code = f"""
import sys
sys.modules[{name!r}] = None
{PEOPLE}
print(job.wait().status)
print(client.size("true"))
for view in (job.watch, lambda: sg.widgets.JobBrowser(client)):
    try:
        view()
    except sg.ConfigError as error:
        print(error)
"""

    said = ran("-c", code).stdout.splitlines()

    remedy = (
        f"live views need {name}: pip install ipywidgets; without it, "
        "wait() shows how a job stands, and to_frame() what jobs there are"
    )
    assert said == ["SUCCEEDED", "20 of 20 profiles = 100.00%", remedy, remedy]


def test_a_process_without_notebook_shows_views_as_lines_and_ends_in_silence():
    """The sizer has just begun to ask, and DuckDB complains of threads that hold something of it."""
    code = f"""
{PEOPLE}
job.wait(progress="off")
print(job.watch())
print(sg.widgets.JobBrowser(client))
print(sg.widgets.AudienceSizer(client, "points < 7"))
"""

    over = ran("-c", code)

    monitor, browser, sizer = over.stdout.splitlines()
    assert monitor == "<JobMonitor JobGroup 1 job · 1 SUCCEEDED · 100%>"
    assert browser == "<JobBrowser jobs 1 to 1 of 1>"
    assert sizer.startswith("<AudienceSizer points < 7: ")
    assert over.stderr == ""


def test_a_terminal_shows_a_view_as_a_line_that_no_thread_writes_again():
    code = f"""
{SCRIPTED}
from IPython.display import display
monitor = job.watch()
display(monitor)
while monitor.is_looking:
    time.sleep(0.05)
"""

    flags = ["--simple-prompt", "--no-banner", "--colors=NoColor", "--quick"]
    over = ran("-m", "IPython", *flags, "-c", code)

    (line,) = over.stdout.splitlines()
    assert line.startswith("JobMonitor JobGroup 1 job · 1 ")
    assert over.stderr == ""


def test_a_view_whose_page_closed_its_controls_goes_on_and_prints_nothing():
    with kernels.started() as kernel:
        kernel.run(f"{SCRIPTED}service.jobs['job-1'] = ['QUEUED']; monitor = job.watch()")
        kernel.run("monitor")
        kernel.close_comms()
        kernel.run("service.jobs['job-1'] = ['PROCESSING', 'SUCCEEDED']")

        shown = kernel.run("while monitor.is_looking: time.sleep(0.05)")

        assert (shown.streams, shown.error) == ("", None)
        (ended,) = kernel.run("monitor.static_text()").texts
        assert "1 SUCCEEDED" in ended


def test_a_monitor_that_can_no_longer_be_shown_stops_looking_in_silence(capfd):
    """An exception that left the thread would fail this test as a warning."""
    client = connected(FakeService(jobs={"job-1": ["QUEUED"]}))

    def gone() -> None:
        if threading.current_thread() is not threading.main_thread():
            raise OSError("the socket is closed")

    monitor = JobMonitor(client.submit("gold"), on_draw=gone)
    monitor._ticker.join(10)

    assert not monitor.is_looking
    assert capfd.readouterr() == ("", "")


def test_a_question_that_fails_is_not_the_last_one():
    asked = []

    def gone() -> None:
        raise OSError("the socket is closed")

    newest = Newest(0.0)
    newest.put(gone)
    assert newest.join(10)
    newest.put(lambda: asked.append("again"))
    assert newest.join(10)

    assert asked == ["again"]


WAITS = """
import struct, sys, termios
from fcntl import ioctl
from tests.test_groups import Shop
for columns in (80, 40, 0):
    ioctl(2, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    Shop().submit("gold", "<b>" + "long" * 30).wait(progress="auto")
"""


def test_a_line_of_progress_fits_a_terminal_of_any_width():
    """A terminal that does not know its width is taken for one of 80 columns; stdout is none here."""
    ours, theirs = pytest.importorskip("pty").openpty()
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    subprocess.run(
        [sys.executable, "-c", WAITS],
        env={**environment, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        timeout=60,
        check=True,
    )
    os.close(theirs)

    waits = [wait.split("\r") for wait in read_all(ours).split("\n") if wait.strip()]

    widths = [max(map(len, lines)) for lines in waits]
    assert [width < room for width, room in zip(widths, (80, 40, 80), strict=True)] == 3 * [
        True
    ]
    ends = [next(line for line in reversed(lines) if line) for lines in waits]
    assert all(end.startswith("100%|") for end in ends)
    assert all("<JobGroup 2 jobs" in end for end in ends)


def read_all(descriptor: int) -> str:
    read = b""
    try:
        while more := os.read(descriptor, 65_536):
            read += more
    except OSError:
        pass  # how a terminal ends whose other side is closed
    os.close(descriptor)
    return read.decode()


# What a listing, or a job, does not have


def listed(records: list[JobRecord], **options):
    """Return a client whose service has these jobs, and the sizes of the answers it gave."""
    read: list[int] = []

    def page(request: httpx.Request) -> httpx.Response:
        start = int(request.url.params.get("start", 0))
        some = records[start : start + int(request.url.params.get("limit", 100))]
        read.append(len(some))
        body = {
            "children": [wire.job_to_json(job) for job in some],
            "page": {"totalCount": len(records), "limit": 100},
        }
        return httpx.Response(200, json=body)

    def bulk(request: httpx.Request) -> httpx.Response:
        ids = wire.bulk_request_from_json(json.loads(request.content))
        known = {job.id: job for job in records}
        return httpx.Response(207, json=wire.bulk_to_json({i: known[i] for i in ids}))

    routes = {"GET /segment/jobs": page, "POST /segment/jobs/bulk-get": bulk}
    return connected(FakeService(routes=routes), **options), read


def drawn(plot, source) -> str:
    """Return what a plot says of *source*, in words."""
    return plots.alt_text(plot(source, ax=Figure().subplots()))


def test_an_empty_listing_makes_empty_frames_with_all_columns():
    client, _ = listed([])

    assert client.list().to_frame().dtypes.equals(frames.jobs_frame([]).dtypes)
    assert client.list().history().dtypes.equals(frames.history_frame([]).dtypes)
    assert repr(client.list().group()) == "<JobGroup 0 jobs>"


def test_an_empty_listing_is_said_to_be_empty():
    client, _ = listed([])

    assert repr(JobBrowser(client)) == "<JobBrowser no jobs>"
    assert Card(client.group([])._repr_html_()).text.startswith("0 jobs")
    assert "no jobs" in drawn(plots.status_timeline, client.list())
    assert "no jobs" in drawn(plots.size_history, client.list())
    with pytest.raises(ConfigError, match="there is no job to watch"):
        JobMonitor(client.list())


def test_a_listing_that_failed_is_not_said_to_be_empty():
    service = FakeService(routes={"GET /segment/jobs": lambda _: httpx.Response(403)})

    assert repr(JobBrowser(connected(service))) == "<JobBrowser jobs unknown>"


@pytest.fixture
def uncounted() -> Job:
    """Return a job that succeeded, of which the service has no metrics."""
    gold = (JobSegment(segment_id="gold"),)
    known = JobRecord(id="job-1", status=JobStatus.SUCCEEDED, segments=gold)
    return connected(FakeService(jobs={"job-1": [known]})).submit("gold")


def test_a_job_without_metrics_has_a_result_of_unknown_sizes(uncounted):
    result = uncounted.result()

    assert repr(result) == "<JobResult job-1 · gold unknown>"
    assert Card(result._repr_html_()).text.count("unknown") == 2
    assert result.to_frame()["profiles"].isna().all()
    assert result.timing()["duration"].isna().all()
    assert result.by_namespace().empty
    assert result.by_status().empty


def test_jobs_without_metrics_are_compared_as_unknown(uncounted):
    compared = frames.comparison_frame(uncounted.record, uncounted.record)

    assert compared.drop(columns="segment_id").isna().all(axis=None)


@pytest.mark.parametrize(
    ("plot", "said"),
    [
        (plots.namespace_counts, "no counts by namespace"),
        (plots.status_counts, "no counts by status"),
    ],
)
def test_plots_of_a_job_without_metrics_say_that_there_are_none(uncounted, plot, said):
    assert said in drawn(plot, uncounted.result())


def test_the_view_of_a_job_without_metrics_opens_its_unknown_sizes(uncounted):
    monitor = JobMonitor(uncounted, start=False)

    monitor.open()

    assert "unknown" in Card(str(monitor.static_html())).text


# What there is too much of


def test_a_thousand_namespaces_are_all_in_the_frame():
    many = {f"N{n}": n for n in range(1_000)}
    metrics = JobMetrics(
        segmented_profile_counter={"gold": 1_000},
        segmented_profile_by_namespace_counter={"gold": many},
    )
    job = JobRecord(id="job-1", status=JobStatus.SUCCEEDED, metrics=metrics)

    assert len(frames.by_namespace_frame(job)) == 1_000
    assert "other" in drawn(plots.namespace_counts, frames.by_namespace_frame(job))


@pytest.fixture(scope="module")
def thousands():
    """Return five thousand jobs, a third of them failed, and a third at work."""
    states = ["SUCCEEDED", "FAILED", "PROCESSING"]
    return [record(f"job-{n:04}", states[n % 3], ["gold"]) for n in range(5_000)]


def test_of_a_listing_of_thousands_as_much_is_read_as_is_looked_at(thousands):
    client, read = listed(thousands)

    browser = JobBrowser(client)
    assert (repr(browser), sum(read)) == ("<JobBrowser jobs 1 to 10, and more>", 100)
    browser.turn(20)
    assert repr(browser) == "<JobBrowser jobs 201 to 210, and more>"
    # One page more than these jobs fill: how a service counts its pages has to be found out.
    assert sum(read) <= 400
    browser.filter(sort="longest")
    assert repr(browser) == "<JobBrowser jobs 1 to 10 of the newest 1,000>"
    assert sum(read) <= 400 + 1_100


@pytest.fixture(scope="module")
def group(thousands) -> JobGroup:
    client, _ = listed(thousands)
    return client.list().group()


def test_a_group_of_thousands_is_told_in_a_few_lines(group):
    assert repr(group) == (
        "<JobGroup 5,000 jobs · 1,666 PROCESSING · 1,667 FAILED · 1,667 SUCCEEDED · 66%>"
    )
    assert Card(group._repr_html_()).text.endswith("and 4,990 more in .to_frame()")
    assert len(group.to_frame()) == 5_000


def test_a_view_of_thousands_shows_a_few_and_says_how_many(group):
    monitor = JobMonitor(group, start=False)
    monitor.tick()

    text = Card(str(monitor.static_html())).text
    assert text.count("✕ FAILED") == 19  # the selected one is shown as well
    assert "and 4,980 more in .group.to_frame()" in text
    assert monitor._state.problem == ""


# What would be markup


@pytest.fixture(scope="module")
def hostile():
    people = [{"_id": HOSTILE, "name": HOSTILE, "identityMap": {HOSTILE: [{"id": "1"}]}}]
    with sg.connect_local(profiles=people, progress="off") as client:
        yield client


@pytest.mark.parametrize(
    "text",
    [f'name = "{HOSTILE}"', f'nome = "{HOSTILE}"', f"name = {HOSTILE}"],
    ids=["sized", "unknown field", "no PQL"],
)
def test_markup_in_texts_namespaces_and_errors_is_shown_by_the_sizer(hostile, text):
    sizer = AudienceSizer(hostile, text)
    sizer.wait()

    html = str(sizer.static_html())
    assert "<img" not in html
    assert HOSTILE in Card(html).text


def test_markup_in_values_to_pick_from_is_shown_as_it_is(hostile):
    sizer = AudienceSizer(hostile)
    sizer._picker._asking.join(10)
    sizer.add("name", "=", HOSTILE)
    sizer.wait()

    assert sizer.value == f'name = "{HOSTILE}"'
    assert sizer.estimate.size == 1


def test_markup_in_names_is_drawn_and_told_as_it_is():
    metrics = JobMetrics(
        segmented_profile_counter={HOSTILE: 2},
        segmented_profile_by_namespace_counter={HOSTILE: {HOSTILE: 1}},
    )
    segments = (JobSegment(segment_id=HOSTILE),)
    job = JobRecord(
        id="job-1", status=JobStatus.SUCCEEDED, segments=segments, metrics=metrics
    )

    assert HOSTILE in drawn(plots.namespace_counts, frames.by_namespace_frame(job))
