"""What the views know, without a page, a kernel or a thread."""

from __future__ import annotations

from itertools import pairwise

import pytest

from segtoolkit.errors import BadRequest, ConfigError, JobCancelled, JobFailed, PQLError
from segtoolkit.jobs import Member
from segtoolkit.jobs.group import JobGroup
from segtoolkit.models import Estimate, Expression, SegmentDefinition
from segtoolkit.widgets.states.browsing import SORTS, BrowserState, Filters
from segtoolkit.widgets.states.monitoring import MonitorState
from segtoolkit.widgets.states.picking import PickerState, clause, joined
from segtoolkit.widgets.states.sizing import Answer, SizerState
from tests.fakes import START, FakeService, connected, record, refusal
from tests.test_groups import Shop

# Monitoring


def monitored(*answers, **options) -> tuple[MonitorState, FakeService]:
    service = FakeService(jobs={"job-1": list(answers)})
    job = connected(service).submit("gold")
    group = JobGroup([Member(job.segment_ids, job)], job.poller)
    defaults = {"clock": service.clock, "most_s": 86_400.0}
    return MonitorState(group, **{**defaults, **options}), service


def ticked(state: MonitorState, clock) -> list[str]:
    """Tick until the end; return the state after every tick."""
    seen = []
    while True:
        pause_s = state.tick()
        seen.append(str(state.group.jobs[0].status))
        if pause_s is None:
            return seen
        clock.sleep(pause_s)


def test_monitor_follows_a_job_to_its_end():
    state, service = monitored("QUEUED", "PROCESSING", "SUCCEEDED")

    assert ticked(state, service.clock) == ["PROCESSING", "SUCCEEDED"]


def test_monitor_does_not_ask_at_every_tick():
    """The clock on the screen goes on; the service is asked ever less often."""
    state, service = monitored("PROCESSING")

    for _ in range(60):
        service.clock.sleep(state.tick())

    asked = service.times("GET")
    pauses = [later - earlier for earlier, later in pairwise(asked)]
    assert len(asked) < 12
    assert pauses == sorted(pauses)


def test_monitor_asks_once_for_all_jobs():
    shop = Shop(a=100, b=100, c=100)
    group = shop.submit("a", "b", "c")
    shop.service.calls.clear()

    MonitorState(group, shop.service.clock, 60.0).tick()

    assert shop.service.methods() == ["POST"]


def test_monitor_shows_an_outage_and_outlives_it():
    state, service = monitored("QUEUED", refusal(503, "down <now>"), "SUCCEEDED")

    service.clock.sleep(state.tick())
    told = state.problem
    ticked(state, service.clock)

    assert "down <now>" in told
    assert state.problem == ""


def test_monitor_heeds_the_time_the_service_asks_for():
    state, service = monitored("QUEUED", refusal(503, retry_after="30"), "SUCCEEDED")

    ticked(state, service.clock)

    assert service.times("GET")[1] >= 30


def test_monitor_stops_looking_after_its_time_and_says_so():
    state, service = monitored("PROCESSING", most_s=5.0)

    ticked(state, service.clock)

    assert service.clock.elapsed_s == 5.0
    assert state.news == "stopped looking after 5s; the jobs live on"


def test_cancelling_needs_an_answer_to_a_question():
    state, service = monitored("PROCESSING")

    state.ask_to_cancel()
    asked = state.asked
    state.keep()

    assert (asked, state.asked) == ("job-1", None)
    assert "DELETE" not in service.methods()


def test_cancelling_is_seen_at_the_next_tick():
    state, service = monitored("PROCESSING")
    state.tick()

    assert state.cancel() is True

    assert ticked(state, service.clock)[-1] == "CANCELLED"
    assert state.news == "job job-1 is being cancelled"


def test_nobody_is_asked_whether_to_cancel_what_has_ended():
    state, service = monitored("SUCCEEDED")

    state.ask_to_cancel()

    assert state.asked is None
    assert state.cancel() is False
    assert "DELETE" not in service.methods()


def test_a_job_that_runs_cannot_be_opened():
    with pytest.raises(
        ConfigError, match="job job-1 is PROCESSING and has found nothing yet"
    ):
        monitored("PROCESSING")[0].open()


@pytest.mark.parametrize(
    ("status", "error"), [("FAILED", JobFailed), ("CANCELLED", JobCancelled)]
)
def test_opening_a_job_that_found_nothing_says_why(status, error):
    state, _ = monitored(status)

    with pytest.raises(error):
        state.open()

    assert state.opened is state.job()


def test_other_jobs_are_not_the_monitors():
    with pytest.raises(ConfigError, match="no job 'job-2' is watched here"):
        monitored("QUEUED")[0].select("job-2")


def test_of_many_jobs_the_failed_and_the_active_are_listed():
    shop = Shop(**{f"s{n}": 1 for n in range(30)}, late=100)
    shop.ends["s29"] = "FAILED"
    group = shop.submit(*[f"s{n}" for n in range(30)], "late")
    shop.service.clock.sleep(5)
    state = MonitorState(group, shop.service.clock, 60.0)
    state.tick()

    listed = [job.id for job in state.rows()]

    assert len(listed) == 20
    assert {"s29", "late"} <= set(listed)
    assert listed == sorted(listed, key=[job.id for job in group.jobs].index)


# Browsing


def browsing(
    number: int, page_size: int = 10
) -> tuple[BrowserState, list[dict], list[int]]:
    """Return a state over *number* jobs, what it listed, and how many jobs it read."""
    service = FakeService(jobs={f"job-{n}": ["QUEUED"] for n in range(number)})
    client = connected(service)
    asked, read = [], [0]

    def list_jobs(**filters):
        asked.append(filters)
        for n in range(number):
            read[0] += 1
            yield client._handle(record(f"job-{n:04}", ["SUCCEEDED", "FAILED"][n % 2]))

    state = BrowserState(list_jobs, page_size)
    state.filter(Filters())
    return state, asked, read


def test_pages_are_read_as_far_as_they_are_turned():
    state, _, read = browsing(5_000)
    first = read[0]

    state.turn(1)

    assert (first, read[0]) == (11, 21)
    assert [job.id for job in state.jobs] == [f"job-{n:04}" for n in range(10, 20)]
    assert state.extent == "jobs 11 to 20, and more"


@pytest.mark.parametrize(
    ("number", "pages", "page", "shown", "extent"),
    [
        (0, 1, 0, 0, "no jobs"),
        (7, 3, 0, 7, "jobs 1 to 7 of 7"),
        (10, 1, 0, 10, "jobs 1 to 10 of 10"),
        (25, 9, 2, 5, "jobs 21 to 25 of 25"),
        (25, -4, 0, 10, "jobs 1 to 10, and more"),
    ],
)
def test_pages_end_where_the_jobs_do(number, pages, page, shown, extent):
    state, _, _ = browsing(number)

    state.turn(pages)

    assert (state.page, len(state.jobs), state.extent) == (page, shown, extent)


@pytest.mark.parametrize("sort", [name for name, key in SORTS.items() if key])
def test_to_sort_jobs_no_more_than_a_thousand_are_read(sort):
    state, _, read = browsing(5_000)
    before = read[0]

    state.filter(Filters(sort=sort))

    assert read[0] - before == 1_000
    assert state.extent == "jobs 1 to 10 of the newest 1,000"


def test_jobs_are_sorted_by_their_states():
    state, _, _ = browsing(4)

    state.filter(Filters(sort="state"))

    assert [str(job.status) for job in state.jobs] == ["FAILED"] * 2 + ["SUCCEEDED"] * 2


def test_filters_are_the_arguments_of_a_listing():
    state, asked, _ = browsing(1)

    state.filter(Filters(status="FAILED", since="7d", segment="gold", source="api"))

    assert asked[-1] == {
        "status": "FAILED",
        "since": "7d",
        "property": ["segments~segmentId==gold", "source==api"],
    }


def test_unknown_order_names_the_known_ones():
    with pytest.raises(ConfigError, match="cannot sort by 'size'; by newest, oldest"):
        browsing(1)[0].filter(Filters(sort="size"))


def test_chosen_jobs_stay_chosen_on_other_pages():
    state, _, _ = browsing(20)
    first = state.jobs[0]
    state.choose(first, is_chosen=True)

    state.turn(1)
    state.choose(state.jobs[0], is_chosen=True)

    assert list(state.chosen) == ["job-0000", "job-0010"]
    assert state.pair() == (first, state.jobs[0])


@pytest.mark.parametrize("number", [0, 1, 3])
def test_two_jobs_are_compared_and_no_other_number(number):
    state, _, _ = browsing(5)
    for job in state.jobs[:number]:
        state.choose(job, is_chosen=True)

    with pytest.raises(
        ConfigError, match=f"choose two jobs to compare; {number} are chosen"
    ):
        state.pair()


def test_a_listing_that_broke_off_is_read_anew():
    faults = [BadRequest("no", status_code=400)]
    client = connected(FakeService())

    def list_jobs(**_):
        for n in range(15):
            if n == 12 and faults:
                raise faults.pop()
            yield client._handle(record(f"job-{n:04}"))

    state = BrowserState(list_jobs, 10)
    state.filter(Filters())

    with pytest.raises(BadRequest):
        state.turn(1)
    state.turn(0)

    assert [job.id for job in state.jobs] == [f"job-{n:04}" for n in range(10, 15)]


# Sizing

FIVE = Answer(text="a = 1", estimate=Estimate(size=5, total=10))


def test_text_that_is_no_pql_is_not_asked_about():
    state = SizerState()

    assert state.take("loyalty.points >") is None
    assert state.fault.endswith(
        "(line 1, column 17)\n  loyalty.points >\n                  ^"
    )


@pytest.mark.parametrize("text", ["", "  \n"])
def test_no_text_is_no_fault(text):
    state = SizerState()

    assert state.take(text) is None
    assert (state.fault, state.is_asking) == ("", False)


def test_an_answer_to_an_earlier_text_is_dropped():
    state = SizerState()
    early, late = state.take("a = 1"), state.take("a = 12")

    state.take_answer(early, FIVE)

    assert state.answer is None
    assert state.wants(late)


def test_a_refusal_of_an_earlier_text_is_dropped():
    state = SizerState()
    early, _ = state.take("a = 1"), state.take("a = 12")

    state.take_refusal(early, BadRequest("there is no field `a`", status_code=400))

    assert state.fault == ""


def test_an_answer_is_of_the_text_it_was_asked_for():
    state = SizerState()
    state.take_answer(state.take("a = 1"), FIVE)
    known = state.current

    state.take("a = 12")

    assert known is FIVE
    assert state.current is None
    assert state.answer is FIVE


def test_after_a_rough_answer_a_better_one_is_waited_for():
    state = SizerState()
    ticket = state.take("a = 1")

    state.take_answer(
        ticket, Answer(text="a = 1", estimate=Estimate(size=4), is_rough=True)
    )
    was_asking = state.is_asking
    state.take_answer(ticket, FIVE)

    assert (was_asking, state.is_asking) == (True, False)
    assert state.current is FIVE


def test_a_rough_size_is_told_from_an_exact_one():
    few = Estimate(size=5, total=10, rows_read=4, rows_matched=2)

    rough, exact = (Answer(text="a", estimate=few, is_rough=r).line for r in (True, False))

    assert exact == "5 of 10 profiles = 50.00%, between 2 and 8 at 95%"
    assert rough == f"about {exact}, from a sample of 4"


def test_a_refusal_that_is_overtaken_while_it_is_told_is_dropped():
    state = SizerState()

    class Slow(ConfigError):
        def __str__(self) -> str:
            state.take("a = 2")
            return "the earlier text is wrong"

    state.take_refusal(state.take("a = 1"), Slow())

    assert (state.text, state.fault, state.is_asking) == ("a = 2", "", True)


def test_who_wants_no_answer_any_more_takes_none():
    state = SizerState()
    ticket = state.take("a = 1")

    state.drop()
    state.take_answer(ticket, FIVE)

    assert not state.wants(ticket)
    assert state.answer is None


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            BadRequest("no `a` (line 1)\n  a\n  ^", status_code=400),
            "no `a` (line 1)\n  a\n  ^",
        ),
        (BadRequest("no", status_code=400), "no [HTTP 400]"),
        (PQLError("no", "a", 0), "no (line 1, column 1)\n  a\n  ^"),
        (LookupError("gone"), "LookupError: gone"),
    ],
)
def test_what_is_refused_is_told_without_its_envelope(error, told):
    state = SizerState()

    state.take_refusal(state.take("a"), error)

    assert state.fault == told


def test_a_text_is_saved_until_it_is_changed():
    state = SizerState()
    state.take("a = 1")
    state.definition = SegmentDefinition(
        id="g", name="g", expression=Expression(value="a = 1")
    )
    was_saved = state.is_saved

    state.take("a = 2")

    assert (was_saved, state.is_saved) == (True, False)


# Picking


@pytest.mark.parametrize(
    ("field", "kind", "operator", "value", "rule"),
    [
        ("home.city", "string", "=", 'the "Big" one', r'home.city = "the \"Big\" one"'),
        ("home.city", "string", "contains", "ton", 'home.city.contains("ton", false)'),
        ("home.city", "string", "has a value", "", "home.city.isNotNull()"),
        ("odd name.x-y", "string", "≠", "a", '`odd name`.`x-y` != "a"'),
        ("points", "integer", ">", " 1,000 ", "points > 1000"),
        ("points", "number", "≤", "-9.5", "points <= -9.5"),
        ("vip", "boolean", "=", "TRUE", "vip = true"),
        ("joined", "date or time", "before", "2026-01-31", 'joined < "2026-01-31"'),
        (
            "joined",
            "date or time",
            "in the last days",
            "30",
            "joined occurs <= 30 days before now",
        ),
    ],
)
def test_what_is_picked_is_pql(field, kind, operator, value, rule):
    assert clause(field, kind, operator, value) == rule


@pytest.mark.parametrize(
    ("kind", "operator", "value", "wanted"),
    [
        ("integer", ">", "many", "'many' is not a number, such as 500"),
        ("number", "=", "", "'' is not a number, such as 9.5"),
        ("boolean", "=", "yes", "'yes' is not true or false"),
        ("date or time", "before", "soon", "'soon' is not a day, such as 2026-01-31"),
        ("date or time", "in the last days", "-1", "'-1' is not a number of days"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(kind, operator, value, wanted):
    with pytest.raises(ConfigError, match=wanted):
        clause("field", kind, operator, value)


@pytest.mark.parametrize(
    ("text", "joint", "whole"),
    [
        ("", "and", "c = 3"),
        ("a = 1", "instead", "c = 3"),
        ("a = 1", "and", "a = 1 and c = 3"),
        ("a = 1 and b = 2", "and", "a = 1 and b = 2 and c = 3"),
        ("a = 1 or b = 2", "and", "(a = 1 or b = 2) and c = 3"),
        ("a = 1 and b = 2", "or", "a = 1 and b = 2 or c = 3"),
    ],
)
def test_rules_are_joined_with_what_is_there(text, joint, whole):
    assert joined(text, joint, "c = 3") == whole


def test_a_rule_cannot_be_joined_with_what_is_no_pql():
    with pytest.raises(PQLError):
        joined("a =", "and", "c = 3")


def test_values_are_offered_with_how_many_have_them():
    state = PickerState({"country": "string"})

    state.take_counts("country", {"US": 1_234, "CA": 5})

    assert state.offers == (("US · 1,234", "US"), ("CA · 5", "CA"))
    assert state.rule() == 'country = "US"'


def test_values_are_offered_to_be_equal_to_and_typed_to_contain():
    state = PickerState({"country": "string"})
    state.take_counts("country", {"US": 1})

    state.pick_operator("contains")

    assert state.offers == ()


def test_values_of_a_field_that_is_no_longer_picked_are_dropped():
    state = PickerState({"country": "string", "city": "string"})
    state.pick_field("city")

    state.take_counts("country", {"US": 1})

    assert state.offers == ()


@pytest.mark.parametrize(
    ("value", "spelled"),
    [(True, "true"), (1.5, "1.5"), (START, "2026-01-01T00:00:00+00:00")],
)
def test_values_are_spelled_as_they_are_typed(value, spelled):
    kind = {bool: "boolean", float: "number"}.get(type(value), "date or time")
    state = PickerState({"field": kind})

    state.take_counts("field", {value: 1})

    assert state.typed == spelled


def test_fields_of_no_single_value_are_not_offered():
    assert PickerState({"a": "null", "b": "string"}).fields == {"b": "string"}


@pytest.mark.parametrize(
    ("pick", "message"),
    [
        (lambda state: state.pick_field("nope"), "there is no field 'nope' to pick"),
        (lambda state: state.pick_operator("~"), "no operator '~' for a; it is one of '='"),
    ],
)
def test_what_cannot_be_picked_is_named(pick, message):
    with pytest.raises(ConfigError, match=message):
        pick(PickerState({"a": "boolean"}))
