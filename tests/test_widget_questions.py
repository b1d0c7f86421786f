"""What a sizer asks for as one types: of a sample first, of all then, and nothing that is overtaken."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import httpx
import pytest

from segtoolkit import wire
from segtoolkit.errors import StoreError
from segtoolkit.jobs import Clock, Polling
from segtoolkit.models import Estimate
from segtoolkit.testing import FakeClock
from segtoolkit.widgets import AudienceSizer
from segtoolkit.widgets.questions import Questions
from segtoolkit.widgets.states.sizing import SizerState
from tests.fakes import FakeService, connected

ROUGH = Estimate(size=1_200, total=10_000, rows_read=100, rows_matched=12)
EXACT = Estimate(size=1_234, total=10_000, rows_read=10_000, rows_matched=1_234)
RUNNING = Estimate(size=None, state="RUNNING")


class Local:
    """The local data of a client, as far as a sizer needs it; *samples* says when there is one."""

    def __init__(self, samples: list[bool]) -> None:
        self.samples = samples

    def prepare_sample(self, size: int) -> bool:
        assert size == 100
        return self.samples.pop(0) if len(self.samples) > 1 else self.samples[0]

    def fields(self) -> dict[str, str]:
        return {}

    def values(self, _: str) -> dict[str, int]:
        return {}


class Sizes:
    """A service that is told when to answer; *asked* is each text, and of whom it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.answers = {"sample": [ROUGH], "all": [EXACT]}
        self.on_look = lambda text, whom: None
        self.service = FakeService(routes={"POST /preview": self._begin})

    def hold(self, held: str, of_whom: str) -> tuple[threading.Event, threading.Event]:
        """Return what tells that *held* is looked at, and what lets that look have its answer."""
        looking, answered = threading.Event(), threading.Event()

        def look(text: str, whom: str) -> None:
            if (text, whom) == (held, of_whom):
                looking.set()
                assert answered.wait(20)

        self.on_look = look
        return looking, answered

    def _begin(self, request: httpx.Request) -> httpx.Response:
        text = wire.preview_request_from_json(json.loads(request.content))
        whom = "sample" if wire.BUDGET_HEADER in request.headers else "all"
        self.asked.append((text, whom))
        name = f"p{len(self.asked)}"
        left = list(self.answers[whom])

        def look(_: httpx.Request) -> httpx.Response:
            self.on_look(text, whom)
            estimate = left.pop(0) if len(left) > 1 else left[0]
            return httpx.Response(200, json=wire.estimate_to_json(estimate))

        self.service.routes[f"GET /estimate/{name}"] = look
        self.service.routes[f"DELETE /preview/{name}"] = lambda _: httpx.Response(200)
        return httpx.Response(201, json={"previewId": name, "state": "RUNNING"})

    def ended(self) -> list[str]:
        return [call.path for call in self.service.calls if call.method == "DELETE"]


class Asker:
    """Questions about one text at a time, and the lines that were shown meanwhile."""

    def __init__(
        self,
        sizes: Sizes,
        samples: list[bool],
        budget: int | None = 100,
        **options: Clock | Polling,
    ) -> None:
        self.state = SizerState()
        self.shown: list[str] = []
        local = Local(samples)
        client = connected(sizes.service, local=local, **options)
        self.questions = Questions(
            client, local, self.state, budget=budget, on_answer=self._show
        )
        self.questions.join(20)

    def type(self, text: str) -> None:
        self.questions.ask(self.state.take(text), text)

    def _show(self) -> None:
        current = self.state.current
        self.shown.append(self.state.fault if current is None else current.line)


@pytest.fixture
def sizes() -> Sizes:
    return Sizes()


def test_a_sample_answers_first_and_all_profiles_then(sizes):
    asker = Asker(sizes, [True])

    asker.type("a = 1")
    asker.questions.join(20)

    assert sizes.asked == [("a = 1", "sample"), ("a = 1", "all")]
    rough, exact = asker.shown
    assert rough == (
        "about 1,200 of 10,000 profiles = 12.00%, between 701 and 1,977 at 95%,"
        " from a sample of 100"
    )
    assert exact == "1,234 of 10,000 profiles = 12.34%"
    assert not asker.state.is_asking


@pytest.mark.parametrize(("budget", "has_sample"), [(100, False), (None, True)])
def test_without_a_sample_all_profiles_are_asked_for_at_once(sizes, budget, has_sample):
    asker = Asker(sizes, [has_sample], budget=budget)

    asker.type("a = 1")
    asker.questions.join(20)

    assert sizes.asked == [("a = 1", "all")]
    assert asker.shown == ["1,234 of 10,000 profiles = 12.34%"]


def test_a_sample_that_is_drawn_meanwhile_is_asked_from_then_on(sizes):
    asker = Asker(sizes, [False, False, True])  # first when the sizer is made

    for text in ("a = 1", "a = 2"):
        asker.type(text)
        asker.questions.join(20)

    assert [whom for _, whom in sizes.asked] == ["all", "sample", "all"]


def test_a_sample_of_everybody_is_the_last_word(sizes):
    """The data shrank, or is merged anew: the service has looked at all profiles."""
    sizes.answers["sample"] = [EXACT]
    asker = Asker(sizes, [True])

    asker.type("a = 1")
    asker.questions.join(20)

    assert sizes.asked == [("a = 1", "sample")]
    assert asker.shown == ["1,234 of 10,000 profiles = 12.34%"]


@pytest.mark.parametrize("late", ["sample", "all"])
def test_an_answer_of_either_kind_to_an_earlier_text_is_dropped(sizes, late):
    asker, (looking, overtaken) = Asker(sizes, [True]), sizes.hold("a = 1", late)

    asker.type("a = 1")
    assert looking.wait(20)
    asker.shown.clear()
    asker.type("a = 12")
    overtaken.set()
    asker.questions.join(20)

    assert [line.startswith("about") for line in asker.shown] == [True, False]
    assert asker.state.current.text == "a = 12"


@pytest.mark.parametrize("busy", ["sample", "all"])
def test_what_is_overtaken_is_given_up(sizes, busy):
    asker, (looking, overtaken) = Asker(sizes, [True]), sizes.hold("a = 1", busy)
    answers = sizes.answers[busy]
    sizes.answers[busy] = [RUNNING]

    asker.type("a = 1")
    assert looking.wait(20)
    sizes.answers[busy] = answers
    asker.type("a = 12")
    overtaken.set()
    asker.questions.join(20)

    assert sizes.ended() == [f"/preview/p{sizes.asked.index(('a = 1', busy)) + 1}"]
    assert asker.shown[-1] == "1,234 of 10,000 profiles = 12.34%"


def test_what_is_overtaken_is_given_up_before_the_next_look(sizes):
    """Of a platform the next look may be 20 s away."""
    looking, overtaken = threading.Event(), threading.Event()

    class Resting(FakeClock):
        def sleep(self, seconds: float) -> None:
            looking.set()
            assert overtaken.wait(20)
            super().sleep(seconds)

    sizes.answers["all"] = [RUNNING, EXACT]
    asker = Asker(sizes, [False], clock=Resting(), polling=Polling(first=20))
    asker.type("a = 1")
    assert looking.wait(20)
    asker.type("a = 12")
    overtaken.set()
    asker.questions.join(20)

    looks = [call.path for call in sizes.service.calls if call.method == "GET"]
    assert looks.count("/estimate/p1") == 1
    assert sizes.ended() == ["/preview/p1"]


def test_a_sample_does_not_wait_until_all_are_counted(sizes):
    asker, counting, answered = Asker(sizes, [True]), threading.Event(), threading.Event()

    def look(text: str, whom: str) -> None:
        if (text, whom) == ("a = 1", "all"):
            counting.set()
            assert answered.wait(20)
        if (text, whom) == ("a = 12", "all"):
            assert answered.is_set()

    def show() -> None:
        if asker.state.current is not None and asker.state.current.text == "a = 12":
            answered.set()

    sizes.on_look = look
    asker.questions._on_answer = show
    asker.type("a = 1")
    assert counting.wait(20)
    asker.type("a = 12")

    assert answered.wait(20)
    asker.questions.join(20)
    assert not asker.state.current.is_rough


def test_texts_that_are_overtaken_do_not_queue_up(sizes):
    """While one is being sized, thirty are typed; only the last is asked for."""
    asker, looking, overtaken = Asker(sizes, [True]), threading.Event(), threading.Event()

    def look(text: str, _: str) -> None:
        if text == "a = 0":
            looking.set()
            assert overtaken.wait(20)

    sizes.on_look = look
    asker.type("a = 0")
    assert looking.wait(20)
    for number in range(1, 31):
        asker.type(f"a = {number}")
    overtaken.set()
    asker.questions.join(20)

    assert sizes.asked == [
        ("a = 0", "sample"),
        ("a = 30", "sample"),
        ("a = 30", "all"),
    ]


@pytest.mark.parametrize("whom", ["sample", "all"])
def test_what_goes_wrong_with_either_question_is_told(sizes, whom):
    sizes.answers[whom] = [replace(RUNNING, state="FAILED", error="out of memory")]
    asker = Asker(sizes, [True])

    asker.type("a = 1")
    asker.questions.join(20)

    assert asker.shown[-1] == "the estimate failed: out of memory"
    assert not asker.state.is_asking


def test_a_store_that_is_closed_is_told_with_the_first_answer(sizes, monkeypatch):
    def closed(*_: object) -> bool:
        raise StoreError("the store is closed; open it again")

    monkeypatch.setattr(Local, "prepare_sample", closed)
    asker = Asker(sizes, [True])
    before = list(asker.shown)

    asker.type("a = 1")
    asker.questions.join(20)

    assert (before, asker.shown) == ([], ["the store is closed; open it again"])


def test_a_closed_sizer_gives_up_what_it_asked_for(sizes):
    looking, closed = threading.Event(), threading.Event()
    sizes.answers["all"] = [RUNNING]

    def look(*_: str) -> None:
        looking.set()
        assert closed.wait(20)

    sizes.on_look = look
    client = connected(sizes.service, local=Local([False]))
    sizer = AudienceSizer(client, "a = 1", budget=100)
    assert looking.wait(20)
    sizer.close()
    closed.set()
    sizer.wait()

    assert sizes.ended() == ["/preview/p1"]


def test_typing_waits_for_nobody(sizes):
    """The thread that types goes on while the service is busy, or the kernel would be blocked."""
    looking, typed_on = threading.Event(), threading.Event()

    def look(*_: str) -> None:
        looking.set()
        assert typed_on.wait(20)

    sizes.on_look = look
    sizer = AudienceSizer(connected(sizes.service, local=Local([True])), budget=100)
    sizer.value = "a = 1"
    assert looking.wait(20)
    sizer.value = "a = 12"
    typed_on.set()

    assert sizer.wait() == replace(EXACT, raw=sizer.estimate.raw)


def test_the_view_tells_a_rough_size_from_an_exact_one(sizes):
    counting, seen = threading.Event(), threading.Event()

    def look(_: str, whom: str) -> None:
        if whom == "all":
            counting.set()
            assert seen.wait(20)

    sizes.on_look = look
    sizer = AudienceSizer(
        connected(sizes.service, local=Local([True])), "a = 1", budget=100
    )
    assert counting.wait(20)
    first, first_text = sizer.static_html(), sizer.static_text()
    seen.set()
    sizer.wait()

    assert "about 1,200 of 10,000 profiles" in first
    assert "from a sample of 100 · counting all …" in first
    assert first_text.startswith("AudienceSizer a = 1: about 1,200 of 10,000")
    assert "about" not in sizer.static_html()
    assert sizer.static_text() == "AudienceSizer a = 1: 1,234 of 10,000 profiles = 12.34%"
