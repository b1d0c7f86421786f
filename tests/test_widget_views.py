"""The views, used as a page uses them, without a page and without a kernel."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from dataclasses import replace

import httpx
import ipywidgets
import pytest

import segtoolkit as sg
from segtoolkit import wire
from segtoolkit.client import Client
from segtoolkit.errors import ConfigError, JobFailed
from segtoolkit.local import SegmentService, Store
from segtoolkit.models import Estimate, JobProgress, JobStatus
from segtoolkit.roads.local import _client_of
from segtoolkit.widgets import AudienceSizer, JobBrowser, JobMonitor, standing
from segtoolkit.widgets.standing import Place
from segtoolkit.widgets.states.sizing import Answer
from tests.fakes import FakeService, connected, record, refusal
from tests.local.sample_service import IN_US, PEOPLE, SLOW, SlowEngine
from tests.test_groups import Shop

HOSTILE = "<img src=x onerror=alert(1)>"
DRAWN = "&lt;img src=x onerror=alert(1)&gt;"


def all_of(widget) -> list[ipywidgets.Widget]:
    children = [
        found for child in getattr(widget, "children", ()) for found in all_of(child)
    ]
    return [widget, *children]


def control(view, description: str):
    """Return the control that the user sees under that name."""
    (found,) = [
        widget
        for widget in all_of(view.root)
        if getattr(widget, "description", None) == description
    ]
    return found


def entered(widget, **state) -> None:
    """Send what a page sends when the user changes *widget*."""
    message = {"method": "update", "state": state, "buffer_paths": []}
    widget._handle_msg({"content": {"data": message}, "buffers": []})


def is_visible(widget) -> bool:
    return widget.layout.display != "none"


@pytest.fixture(scope="module")
def client():
    with connected_to_people() as client:
        yield client


@pytest.fixture(scope="module")
def history():
    """Return a client with twelve jobs, every other one of two segments."""
    with connected_to_people() as client:
        client.definitions.put("us", 'homeAddress.country = "US"')
        client.definitions.put("rich", "loyalty.points > 500")
        for number in range(12):
            client.run(["us", "rich"] if number % 2 else ["us"])
        yield client


def connected_to_people() -> Client:
    people = [
        {
            "_id": f"p{n}",
            "homeAddress": {"country": ["US", "CA", "MX"][n % 3]},
            "loyalty": {"points": n * 10},
            "identityMap": {"Email": [{"id": f"{n}@example.com"}]},
        }
        for n in range(60)
    ]
    return sg.connect_local(profiles=people, progress="off")


# Monitor


def monitored(*answers, **options) -> tuple[JobMonitor, FakeService]:
    service = FakeService(jobs={"job-1": list(answers)})
    job = connected(service).submit("gold")
    return JobMonitor(job, clock=service.clock, start=False, **options), service


def ticked(monitor: JobMonitor, clock) -> None:
    while (pause_s := monitor.tick()) is not None:
        clock.sleep(pause_s)


def test_card_follows_the_job():
    monitor, service = monitored("QUEUED", "PROCESSING", "SUCCEEDED")

    first = monitor.static_html()
    ticked(monitor, service.clock)

    assert "○</span> QUEUED" in first
    assert "✓</span> SUCCEEDED" in monitor.static_html()
    assert repr(monitor) == "<JobMonitor JobGroup 1 job · 1 SUCCEEDED · 100%>"


def test_a_click_asks_before_it_cancels():
    monitor, service = monitored("PROCESSING")

    control(monitor, "Cancel…").click()
    asked = is_visible(monitor._question), "DELETE" in service.methods()
    control(monitor, "Yes, cancel it").click()

    assert asked == (True, False)
    assert "DELETE" in service.methods()
    assert not is_visible(monitor._question)


def test_a_click_keeps_the_job():
    monitor, service = monitored("PROCESSING")
    control(monitor, "Cancel…").click()

    control(monitor, "No, keep it").click()

    assert not is_visible(monitor._question)
    assert "DELETE" not in service.methods()


def test_a_click_opens_the_result():
    monitor, _ = monitored("SUCCEEDED")

    control(monitor, "Open result").click()

    assert "<b>Result</b> of job " in monitor.static_html()
    assert monitor.open().metrics.total_profiles == 5_000


def test_what_fails_after_a_click_is_shown_inside():
    monitor, service = monitored("PROCESSING")
    service.routes["DELETE /segment/jobs/job-1"] = lambda _: refusal(403, HOSTILE)

    control(monitor, "Cancel…").click()
    control(monitor, "Yes, cancel it").click()

    assert 'role="alert"' in monitor.static_html()
    assert DRAWN in monitor.static_html()


def test_the_method_raises_what_the_button_shows():
    monitor, _ = monitored("FAILED")

    with pytest.raises(JobFailed):
        monitor.open()


def test_jobs_are_chosen_when_there_are_several():
    shop = Shop(a=5, b=50)
    monitor = JobMonitor(shop.submit("a", "b"), clock=shop.service.clock, start=False)
    choice = control(monitor, "Job")

    entered(choice, index=1)
    control(monitor, "Cancel…").click()

    assert is_visible(choice)
    assert "Cancel job b?" in monitor._asked.value


def test_a_job_that_runs_is_chosen_before_one_that_ended():
    shop = Shop(a=5, b=50)
    group = shop.submit("a", "b")
    shop.service.clock.sleep(10)

    monitor = JobMonitor(group.refresh(), clock=shop.service.clock, start=False)

    assert control(monitor, "Job").value == "b"


def test_the_chosen_job_can_be_chosen_whatever_becomes_of_the_others():
    shop = Shop(**{f"s{n}": 100 for n in range(60)}, first=1)
    monitor = JobMonitor(
        shop.submit("first", *[f"s{n}" for n in range(60)]),
        clock=shop.service.clock,
        start=False,
    )

    shop.service.clock.sleep(5)
    monitor.tick()

    assert control(monitor, "Job").value == "first"
    assert "SUCCEEDED" in dict(map(reversed, control(monitor, "Job").options))["first"]


def test_a_state_unknown_to_us_is_told_in_the_card():
    monitor, _ = monitored("QUEUED", "PAUSED")

    monitor.tick()

    assert "?</span> PAUSED" in monitor.static_html()
    assert "&#39;PAUSED&#39;, which segtoolkit does not know" in monitor.static_html()


def test_progress_is_told_until_the_job_has_ended():
    monitor, _ = monitored("PROCESSING")
    job = monitor.group.jobs[0]
    job.record = replace(job.record, progress=JobProgress(done=1, total=2))
    during = monitor.static_html()

    job.record = replace(job.record, status=JobStatus.SUCCEEDED)

    assert "1 of 2 tests" in during
    assert "1 of 2 tests" not in monitor.static_html()


def test_one_job_needs_no_choice():
    assert not is_visible(control(monitored("QUEUED")[0], "Job"))


def test_segments_that_were_refused_are_told():
    shop = Shop(a=5)
    shop.refusals["b"] = [refusal(400, f"no such segment {HOSTILE}")]
    monitor = JobMonitor(shop.submit("a", "b"), clock=shop.service.clock, start=False)

    assert f"b: no such segment {DRAWN}" in monitor.static_html()


def test_nothing_to_watch_is_refused():
    with pytest.raises(ConfigError, match="there is no job to watch"):
        JobMonitor([])


@pytest.mark.parametrize("given", [object(), "job-1", [object()]])
def test_what_is_no_job_is_not_watched(given):
    with pytest.raises(ConfigError, match="is not a job; watch jobs, such as"):
        JobMonitor(given)


def test_jobs_of_several_clients_are_watched_apart():
    jobs = [connected(FakeService(jobs={"job-1": ["QUEUED"]})).submit("a") for _ in "ab"]
    jobs[1].record = record("job-2")

    with pytest.raises(ConfigError, match="these jobs are of several clients"):
        JobMonitor(jobs, start=False)


def test_thread_ends_with_the_last_job(client):
    definition = client.definitions.put("us", 'homeAddress.country = "US"')

    monitor = client.submit(definition).watch()
    ended = threading.Event()
    monitor._on_draw = lambda: None if monitor.is_looking else ended.set()

    assert ended.wait(20) or not monitor.is_looking
    assert "SUCCEEDED" in monitor.static_text()


def test_errors_in_the_thread_are_shown_and_end_it():
    def broken() -> None:
        raise LookupError(HOSTILE)

    monitor, _ = monitored("QUEUED")
    monitor.group.refresh = broken

    assert monitor.tick() is None
    assert f"LookupError: {DRAWN}" in monitor.static_html()


def test_a_group_is_watched_as_a_whole():
    shop = Shop(a=1, b=1)

    monitor = shop.submit("a", "b").watch()
    monitor.close()

    assert [job.id for job in monitor.group.jobs] == ["a", "b"]


# Who stands where


class Standing:
    """Something that can be retired."""

    def __init__(self) -> None:
        self.is_retired = False

    def retire(self) -> None:
        self.is_retired = True


@pytest.mark.parametrize(
    ("earlier", "later", "is_retired"),
    [
        (Place("jobs-1"), Place("jobs-1"), True),
        (Place("jobs-1"), Place("jobs-2"), False),
        (Place("jobs-3", "cell-1", "run-1"), Place("jobs-4", "cell-1", "run-2"), True),
        (Place("jobs-5", "cell-2", "run-1"), Place("jobs-6", "cell-2", "run-1"), False),
        (Place("jobs-7", "cell-3", "run-1"), Place("jobs-8", "cell-4", "run-2"), False),
    ],
)
def test_a_view_retires_what_stood_in_its_place(earlier, later, is_retired):
    first, second = Standing(), Standing()

    standing.take(earlier, first)
    standing.take(later, second)

    assert (first.is_retired, second.is_retired) == (is_retired, False)


def test_watching_a_job_again_stops_the_first_watch():
    job = connected(FakeService(jobs={"job-1": ["PROCESSING"]})).submit("gold")

    first, second = JobMonitor(job, start=True), JobMonitor(job, start=True)
    looking = first.is_looking, second.is_looking
    second.close()

    assert looking == (False, True)
    assert "a newer view of these jobs took over" in first.static_html()


def test_a_closed_view_draws_no_more():
    monitor, service = monitored("QUEUED", "SUCCEEDED")
    monitor.close()

    ticked(monitor, service.clock)

    assert all(widget.comm is None for widget in all_of(monitor.root))


# Browser


@pytest.fixture
def browser(history):
    return JobBrowser(history, page_size=5)


def test_first_page_is_listed_newest_first(browser, history):
    assert [job.id for job in browser.jobs] == [job.id for job in history.list(limit=5)]
    assert repr(browser) == "<JobBrowser jobs 1 to 5, and more>"


def test_clicks_turn_pages(browser):
    for _ in range(2):
        control(browser, "Next ▶").click()
    last = browser.static_text(), control(browser, "Next ▶").disabled
    control(browser, "◀ Back").click()

    assert last == ("JobBrowser jobs 11 to 12 of 12", True)
    assert browser.static_text() == "JobBrowser jobs 6 to 10 of 12"


def test_a_segment_filters_the_list(browser):
    entered(control(browser, "Segment"), value="rich")

    assert browser.static_text() == "JobBrowser jobs 1 to 5, and more"
    assert all("rich" in job.segment_ids for job in browser.jobs)


@pytest.mark.parametrize(
    ("name", "state", "extent"),
    [
        ("State", {"index": 6}, "no jobs match the filters"),
        ("Created", {"index": 1}, "jobs 1 to 5, and more"),
        ("Source", {"value": "nobody"}, "no jobs match the filters"),
        ("Sort by", {"index": 2}, "jobs 1 to 5 of 12"),
    ],
)
def test_controls_filter_and_sort(browser, name, state, extent):
    entered(control(browser, name), **state)

    assert browser.static_text() == f"JobBrowser {extent}"


def test_the_method_takes_more_than_the_lists_offer(browser):
    browser.filter(since="3d", status="succeeded")

    assert browser.static_text() == "JobBrowser jobs 1 to 5, and more"
    assert control(browser, "Created").value is None


def test_two_boxes_compare_two_jobs(browser):
    first, second = browser.jobs[:2]
    for job in (first, second):
        entered(control(browser, job.id[:8]), value=True)

    control(browser, "Compare").click()
    frame = browser.compare()

    assert browser.selection == (first, second)
    assert frame.loc[
        frame.segment_id == "us", ["before", "after", "change"]
    ].to_numpy().tolist() == [[20, 20, 0]]
    assert '<th scope="col"' in browser.static_html()
    assert "growth" in browser.static_html()


def test_one_box_cannot_be_compared(browser):
    entered(control(browser, browser.jobs[0].id[:8]), value=True)

    assert control(browser, "Compare").disabled


def test_frame_is_of_the_chosen_jobs_or_of_the_page(browser):
    page = browser.to_frame()
    browser.choose(browser.jobs[3])

    assert page.job_id.tolist() == [job.id for job in browser.jobs]
    assert browser.to_frame().job_id.tolist() == [browser.jobs[3].id]
    assert list(page.columns) == list(sg.frames.SCHEMAS["jobs"])


def test_what_is_not_on_the_page_cannot_be_chosen_by_id(browser):
    with pytest.raises(ConfigError, match="no job 'nope' on this page"):
        browser.choose("nope")


def test_a_listing_that_fails_is_shown_inside():
    service = FakeService(routes={"GET /segment/jobs": lambda _: refusal(403, HOSTILE)})

    browser = JobBrowser(connected(service))

    assert DRAWN in browser.static_html()
    assert browser.jobs == ()


def test_no_jobs_are_no_fault():
    service = FakeService(
        routes={"GET /segment/jobs": lambda _: httpx.Response(200, json={"children": []})}
    )

    assert JobBrowser(connected(service)).static_text() == "JobBrowser no jobs"


def test_hostile_names_are_drawn_and_not_run():
    body = wire.job_to_json(record(HOSTILE, "FAILED", [HOSTILE]))
    service = FakeService(
        routes={
            "GET /segment/jobs": lambda _: httpx.Response(200, json={"children": [body]})
        }
    )

    browser = JobBrowser(connected(service))
    browser.to_frame()

    assert HOSTILE not in browser.static_html()
    assert DRAWN in browser.static_html()


# Sizer


def typed(sizer: AudienceSizer, text: str) -> None:
    entered(control(sizer, "PQL"), value=text)


def test_typing_sizes_the_audience(client):
    sizer = AudienceSizer(client)

    typed(sizer, 'homeAddress.country = "US"')

    assert sizer.wait().size == 20
    assert sizer.value == 'homeAddress.country = "US"'
    assert "20 of 60 profiles = 33.33%" in sizer.static_html()
    assert "Email" in sizer.static_html()


def test_typing_points_at_what_is_wrong(client):
    sizer = AudienceSizer(client)

    typed(sizer, 'homeAddress.contry = "US"')

    assert sizer.wait() is None
    assert sizer.fault == (
        "there is no field `contry`; did you mean `country`? (line 1, column 13)\n"
        '  homeAddress.contry = "US"\n'
        "              ^"
    )
    assert control(sizer, "Save").disabled


def test_a_wrong_text_can_be_mended(client):
    sizer = AudienceSizer(client, "homeAddress.country =")

    typed(sizer, 'homeAddress.country = "CA"')

    assert sizer.wait().size == 20
    assert sizer.fault is None


def test_likely_mistakes_are_noted_in_the_view(client):
    sizer = AudienceSizer(client, "homeAddress.country != null")

    sizer.wait()

    assert "Note: " in sizer.static_html()
    assert "nothing compares with null" in sizer.static_html()


def test_an_answer_that_comes_late_is_dropped():
    """The first text's answer comes after the second was typed."""
    asked, typed_again = threading.Event(), threading.Event()
    sizes = {"a = 1": 1, "a = 12": 12}
    texts: list[str] = []

    def preview(request: httpx.Request) -> httpx.Response:
        texts.append(wire.preview_request_from_json(json.loads(request.content)))
        asked.set()
        assert typed_again.wait(20)
        return httpx.Response(200, json={"previewId": "p", "state": "RESULT_READY"})

    def estimate(_: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, json=wire.estimate_to_json(Estimate(size=sizes[texts[-1]], total=100))
        )

    service = FakeService(routes={"POST /preview": preview, "GET /estimate/p": estimate})
    sizer = AudienceSizer(connected(service), "a = 1")
    drawn = []
    assert asked.wait(20)

    sizer.value = "a = 12"
    sizer.draw = lambda: drawn.append(sizer.estimate and sizer.estimate.size)
    typed_again.set()

    assert sizer.wait().size == 12
    assert texts == ["a = 1", "a = 12"]
    assert 1 not in drawn


def test_a_sample_answers_first_where_there_are_many_profiles(client):
    sizer = AudienceSizer(client, budget=15)
    client.size("loyalty.points >= 300", budget=15)  # draws the sample
    seen = []
    draw = sizer._draw
    sizer._draw = lambda: (
        seen.append(sizer.estimate and sizer.estimate.rows_read),
        draw(),
    )

    typed(sizer, "loyalty.points >= 300")
    sizer.wait()

    assert list(dict.fromkeys(rows for rows in seen if rows)) == [15, 60]
    assert sizer.estimate.size == 30


def test_few_profiles_are_all_looked_at_at_once(client):
    sizer = AudienceSizer(client, 'homeAddress.country = "US"', budget=16)

    assert sizer.wait().rows_read == 60
    assert not client.local.prepare_sample(16)


def test_counting_really_ends_when_it_is_overtaken():
    """DuckDB would be busy with the first text for days."""
    service = SegmentService(Store.open(None), SlowEngine())
    with _client_of(service, None, None, None) as client:
        client.local.load_profiles(PEOPLE, name="people", progress="off")
        sizer = AudienceSizer(client, SLOW)
        while not service.runs.under_way():
            time.sleep(0.01)

        sizer.value = IN_US

        assert sizer.wait().size == 2
        assert not service.runs.under_way()


def test_rules_are_put_together(client):
    sizer = AudienceSizer(client)

    sizer.add("homeAddress.country", "=", "US")
    sizer.add("loyalty.points", "≥", "300")

    assert sizer.value == 'homeAddress.country = "US" and loyalty.points >= 300'
    assert control(sizer, "PQL").value == sizer.value
    assert sizer.wait().size == 10


def test_rules_are_picked(client):
    sizer = AudienceSizer(client)
    sizer._picker._asking.join(20)
    offered = control(sizer, "Field").options, sizer._picker._offered.options

    entered(sizer._picker._offered, index=1)
    control(sizer, "Add").click()

    assert offered[0] == ("homeAddress.country", "loyalty.points", "_id")
    assert [label for label, _ in offered[1]] == ["CA · 20", "MX · 20", "US · 20"]
    assert sizer.value == 'homeAddress.country = "MX"'


def test_a_value_that_does_not_fit_is_told_in_the_view(client):
    sizer = AudienceSizer(client)
    entered(control(sizer, "Field"), index=1)
    sizer._picker._asking.join(20)

    entered(sizer._picker._operator, index=2)
    entered(sizer._picker._typed, value="many")
    control(sizer, "Add").click()

    assert "&#39;many&#39; is not a number" in sizer.static_html()
    assert sizer.value == ""


def test_away_from_the_data_fields_are_those_of_a_schema():
    schema = {"properties": {"age": {"type": "integer"}, "tags": {"type": "array"}}}

    sizer = AudienceSizer(connected(FakeService()), schema=schema)

    assert control(sizer, "Field").options == ("age",)
    assert not is_visible(sizer._picker._offered)


def test_without_fields_there_is_no_picker():
    assert not is_visible(AudienceSizer(connected(FakeService()))._picker.root)


def test_a_click_saves_the_definition(client):
    sizer = AudienceSizer(client, 'homeAddress.country = "US"')
    sizer.wait()
    entered(control(sizer, "Name"), value="americans")

    control(sizer, "Save").click()

    assert client.definitions.get("americans").expression.value == sizer.value
    assert "saved as &#39;americans&#39;" in sizer.static_html()


def test_a_definition_needs_a_name(client):
    sizer = AudienceSizer(client, 'homeAddress.country = "US"')
    sizer.wait()

    control(sizer, "Save").click()

    assert "a definition needs a name" in sizer.static_html()
    with pytest.raises(ConfigError, match="a definition needs a name"):
        sizer.save()


def test_a_click_submits_a_job_and_watches_it(client):
    sizer = AudienceSizer(client, 'homeAddress.country = "US"')
    sizer.wait()
    entered(control(sizer, "Name"), value="americans")

    control(sizer, "Submit").click()
    result = sizer.job.result()
    sizer._monitor.tick()

    assert result.metrics.segmented_profile_counter == {"americans": 20}
    assert "SUCCEEDED" in sizer.static_html()


def test_what_was_saved_is_submitted_without_being_saved_again(client):
    sizer = AudienceSizer(client, 'homeAddress.country = "US"')
    first = sizer.save("americans")

    sizer.submit()

    assert client.definitions.get("americans").updated_at == first.updated_at


def test_now_may_be_another_instant_for_what_is_sized_and_submitted(client):
    day = "2026-01-01T00:00:00Z"
    sizer = AudienceSizer(client, "now occurs on date(2026, 1, 1)", as_of=day)

    assert sizer.wait().share == 1
    job = sizer.submit("new year")

    assert job.result().to_frame()["share"].tolist() == [1]


def test_a_thousand_namespaces_are_told_in_a_few_lines():
    many = Estimate(size=9, total=10, by_namespace={f"N{n}": 1 for n in range(1_000)})
    sizer = AudienceSizer(connected(FakeService()))
    ticket = sizer._state.take("a = 1")

    sizer._state.take_answer(ticket, Answer(text="a = 1", estimate=many))

    assert sizer.static_html().count("<tr>") == 11
    assert "and 990 more in .by_namespace" in sizer.static_html()


def test_what_is_typed_while_another_thread_draws_is_not_lost(client):
    sizer = AudienceSizer(client)
    drawing, typed_meanwhile = threading.Event(), threading.Event()
    draw = sizer._draw

    def slowly() -> None:
        if threading.current_thread() is drawer:
            drawing.set()
            assert typed_meanwhile.wait(20)
        draw()

    sizer._draw = slowly
    drawer = threading.Thread(target=sizer.draw)
    typing = threading.Thread(target=typed, args=(sizer, "loyalty.points < 50"))
    drawer.start()
    assert drawing.wait(20)
    typing.start()
    while control(sizer, "PQL").value == "":
        typing.join(0.01)
    typed_meanwhile.set()
    for thread in (drawer, typing):
        thread.join(20)

    assert sizer.value == "loyalty.points < 50"


# Outputs


def test_importing_the_views_brings_in_neither_pandas_nor_duckdb():
    heavy = ("pandas", "duckdb", "matplotlib")
    code = (
        f"import segtoolkit.widgets, sys; print([m for m in {heavy} if m in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("kind", [JobMonitor, JobBrowser, AudienceSizer])
def test_a_view_has_html_and_text_without_controls(kind, client):
    client.run(client.definitions.put("us", 'homeAddress.country = "US"'))
    view = (
        JobMonitor(client.list(limit=1), start=False)
        if kind is JobMonitor
        else kind(client)
    )

    assert "<script" not in view._repr_html_()
    assert view._repr_html_().startswith('<div class="segtoolkit-card')
    assert repr(view).startswith(f"<{kind.__name__}")
