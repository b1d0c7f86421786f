"""The views as a user has them: in JupyterLab, in a browser, with a kernel, and without one afterwards."""

from __future__ import annotations

import re

import pytest

expect = pytest.importorskip("playwright.sync_api").expect

CLIENT = """
import segtoolkit as sg
people = [
    {
        "_id": f"p{n}",
        "homeAddress": {"country": ["US", "CA", "MX"][n % 3]},
        "loyalty": {"points": n},
        "identityMap": {"Email": [{"id": f"{n}@example.com"}]},
    }
    for n in range(3_000)
]
client = sg.connect_local(profiles=people, progress="off")
"""

SIZER = "sizer = sg.widgets.AudienceSizer(client); sizer"
SIZER_OF_A_SAMPLE = """
client.size("true", budget=300)  # draws the sample
sizer = sg.widgets.AudienceSizer(client, budget=300)
held = []
sizer._questions._counting.put = held.append
sizer
"""

# A service of scripted answers: its job goes on until somebody lets it end, or cancels it.
SCRIPTED = """
from tests.fakes import FakeService, connected
from segtoolkit.jobs import SystemClock
service = FakeService(jobs={"job-1": ["QUEUED"]})
client = connected(service, clock=SystemClock())
job = client.submit("gold")
monitor = job.watch()
monitor
"""


@pytest.fixture(scope="module")
def kernels():
    """Return the names of the notebooks that are open, by their cells; a kernel takes seconds to start."""
    return dict[tuple[str, ...], str]()


@pytest.fixture
def notebook(lab, kernels):
    """Return a function that runs all cells of a notebook, opened if it is not yet, and gives the page."""

    def run(*cells: str):
        if cells not in kernels:
            kernels[cells] = f"notebook-{len(kernels)}.ipynb"
            lab.write(kernels[cells], *cells)
        lab.open(kernels[cells])
        lab.run()
        assert errors(lab) == []
        return lab

    return run


def errors(lab) -> list[str]:
    """Return what went wrong in cells, and whatever was written to stderr."""
    outputs = [output for cell in lab.outputs() for output in cell]
    raised = [o["evalue"] for o in outputs if o["output_type"] == "error"]
    return raised + [o["text"] for o in outputs if o.get("name") == "stderr"]


def test_monitor_follows_a_job_to_its_end(notebook):
    lab = notebook(SCRIPTED)
    card = lab.card("monitor")
    expect(card).to_contain_text("QUEUED")

    lab.ask("service.jobs.update({'job-1': ['PROCESSING']})")
    expect(card).to_contain_text("PROCESSING")
    lab.ask("service.jobs.update({'job-1': ['SUCCEEDED']})")

    expect(card.get_by_role("rowheader")).to_have_text("job-1")
    expect(card).to_contain_text("SUCCEEDED")
    expect(card.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "100")
    assert lab.ask("monitor.is_looking") == "False"


def test_clock_of_the_monitor_goes_on_while_a_cell_runs(notebook):
    """The thread sets what is shown; the cell has the kernel."""
    lab = notebook(SCRIPTED, "import time; time.sleep(4)")

    assert int(lab.ask("len(service.times('GET'))")) >= 2


def test_cancel_cancels_once_it_is_confirmed(notebook):
    lab = notebook(SCRIPTED)
    controls = lab.view("monitor")

    controls.get_by_role("button", name="Cancel…").click()
    question = controls.get_by_text("Cancel job job-1?")
    expect(question).to_be_visible()
    assert lab.ask("'DELETE' in service.methods()") == "False"
    controls.get_by_role("button", name="Yes, cancel it").click()

    expect(lab.card("monitor")).to_contain_text("CANCELLED")
    expect(question).to_be_hidden()
    assert lab.ask("service.methods().count('DELETE')") == "1"


def test_result_opens(notebook):
    lab = notebook(SCRIPTED)
    lab.ask("service.jobs.update({'job-1': ['SUCCEEDED']})")

    lab.view("monitor").get_by_role("button", name="Open result").click()

    expect(lab.card("monitor")).to_contain_text("1,234")


ANOTHER = SCRIPTED.replace('"job-1"', "__import__('uuid').uuid4().hex")


@pytest.mark.parametrize("cell", [SCRIPTED, ANOTHER], ids=["same job", "another job"])
def test_cell_that_is_run_again_leaves_one_thread(notebook, cell):
    lab = notebook(cell)

    for _ in range(3):
        lab.run_cell(0)
    expect(lab.card("monitor")).to_contain_text("QUEUED")

    looking = (
        "[t.name for t in __import__('threading').enumerate()].count('segtoolkit-view')"
    )
    lab.page.wait_for_timeout(1_500)  # a thread ends at its next tick
    assert lab.ask(looking) == "1"


def test_typing_changes_the_count(notebook):
    lab = notebook(CLIENT, SIZER)
    text, card = lab.view("sizer").get_by_label("PQL"), lab.card("sizer")

    text.press_sequentially('homeAddress.country = "US"')
    expect(card.get_by_role("status")).to_have_text("1,000 of 3,000 profiles = 33.33%")
    text.press_sequentially(" and loyalty.points < 30")

    expect(card.get_by_role("status")).to_have_text("10 of 3,000 profiles = 0.33%")
    expect(card.get_by_role("row", name="Email")).to_contain_text("100.00%")
    assert lab.ask("sizer.estimate.size") == "10"


def test_size_of_a_sample_is_shown_until_all_are_counted(notebook):
    lab = notebook(CLIENT, SIZER_OF_A_SAMPLE)
    status = lab.card("sizer").get_by_role("status")

    lab.view("sizer").get_by_label("PQL").fill('homeAddress.country = "US"')
    expect(status).to_have_text(
        re.compile(r"about .* at 95%, from a sample of 300 · counting all …")
    )
    lab.ask("held.pop()()")

    expect(status).to_have_text("1,000 of 3,000 profiles = 33.33%")


def test_typing_a_mistake_points_at_it(notebook):
    lab = notebook(CLIENT, SIZER)

    lab.view("sizer").get_by_label("PQL").fill('homeAddress.contry = "US"')

    alert = lab.card("sizer").get_by_role("alert")
    expect(alert).to_contain_text("did you mean `country`?")
    shown = alert.inner_text().splitlines()
    assert shown[1].index("contry") == shown[2].index("^")


def test_sizing_does_not_wait_for_a_cell(notebook):
    """Answers come from a thread, also when the kernel has something else to do."""
    lab = notebook(CLIENT, SIZER)

    lab.ask("setattr(sizer, 'value', 'loyalty.points >= 2_000'.replace('_', ''))")

    expect(lab.card("sizer").get_by_role("status")).to_have_text(
        re.compile("1,000 of 3,000")
    )


def test_rule_is_picked_and_saved_and_submitted(notebook):
    lab = notebook(CLIENT, SIZER)
    controls, card = lab.view("sizer"), lab.card("sizer")
    value = controls.get_by_role("combobox", name="Value")

    expect(value.locator("option")).to_have_count(3)
    value.select_option("US · 1,000")
    controls.get_by_role("button", name="Add").click()
    expect(controls.get_by_label("PQL")).to_have_value('homeAddress.country = "US"')
    controls.get_by_label("Name").fill("americans")
    expect(card.get_by_role("status").first).to_contain_text("1,000 of 3,000")
    controls.get_by_role("button", name="Submit").click()

    expect(card).to_contain_text("1 job · 1 SUCCEEDED")
    assert (
        lab.ask("sizer.job.result().metrics.segmented_profile_counter")
        == "{'americans': 1000}"
    )


WATCH = """
client.submit(client.definitions.put("us", 'homeAddress.country = "US"')).watch()
"""
RUNS = """
client.definitions.put("us", 'homeAddress.country = "US"')
client.definitions.put("rich", "loyalty.points > 500")
for number in range(12):
    client.run(["us", "rich"] if number % 2 else ["us"])
browser = sg.widgets.JobBrowser(client, page_size=5)
browser
"""


MANY = """
monitor = sg.widgets.JobMonitor(client.list())
monitor
"""
HISTORY = CLIENT, RUNS, MANY


@pytest.mark.parametrize(
    ("label", "chosen", "shown"),
    [
        ("State", "FAILED", "no jobs match the filters"),
        ("Created", "last hour", "jobs 1 to 5, and more"),
        ("Sort by", "longest", "jobs 1 to 5 of 12"),
    ],
)
def test_browser_filters_and_sorts(notebook, label, chosen, shown):
    lab = notebook(*HISTORY)

    lab.view("browser").get_by_label(label).select_option(chosen)

    expect(lab.card("browser")).to_contain_text(shown)


def test_browser_filters_by_source(notebook):
    lab = notebook(*HISTORY)
    source = lab.view("browser").get_by_label("Source")

    source.fill("nobody")
    source.press("Enter")

    expect(lab.card("browser")).to_contain_text("no jobs match the filters")


def test_browser_is_used_with_the_keyboard_alone(notebook):
    lab = notebook(*HISTORY)
    browser, card = lab.view("browser"), lab.card("browser")

    browser.get_by_label("Sort by").focus()
    lab.page.keyboard.press("Tab")
    lab.page.keyboard.press("Space")
    expect(card).to_contain_text("1 chosen")
    button = browser.get_by_role("button", name="To frame")
    for _ in range(10):
        if not button.evaluate("button => button === document.activeElement"):
            lab.page.keyboard.press("Tab")
    lab.page.keyboard.press("Enter")

    expect(card).to_contain_text("1 job; to_frame() returns them")


def test_monitor_lists_many_jobs_and_opens_the_one_that_is_selected(notebook):
    lab = notebook(*HISTORY)
    controls, card = lab.view("monitor"), lab.card("monitor")

    expect(card).to_contain_text("12 jobs · 12 SUCCEEDED · 100%")
    expect(card.get_by_role("rowheader")).to_have_count(12)
    controls.get_by_label("Job").select_option(index=1)
    controls.get_by_role("button", name="Open result").click()

    expect(card).to_contain_text(
        "Result of job " + lab.ask("list(client.list())[1].id")[1:9]
    )


def test_browser_filters_turns_chooses_and_compares(notebook):
    lab = notebook(*HISTORY)
    controls, card = lab.view("browser"), lab.card("browser")
    expect(card.get_by_role("rowheader")).to_have_count(5)

    controls.get_by_role("button", name="Next ▶").click()
    expect(card).to_contain_text("jobs 6 to 10")
    controls.get_by_label("Segment").fill("rich")
    controls.get_by_label("Segment").press("Enter")
    expect(card).to_contain_text("jobs 1 to 5, and more")
    boxes = controls.get_by_role("checkbox")
    boxes.nth(0).check()
    boxes.nth(1).check()
    expect(card).to_contain_text("2 chosen")
    controls.get_by_role("button", name="Compare").click()

    expect(card.get_by_role("rowheader", name="rich", exact=True)).to_be_visible()
    expect(card).to_contain_text("2,499")
    expect(card).to_contain_text("profiles: before in ")
    assert lab.ask("[len(job.segment_ids) for job in browser.selection]") == "[2, 2]"


def test_saved_notebook_shows_how_things_stood(notebook, kernels, lab):
    """There is no kernel for the controls any more; the cards are HTML."""
    cells = CLIENT, SIZER, WATCH
    notebook(*cells)
    lab.view("sizer").get_by_label("PQL").fill("loyalty.points < 30")
    expect(lab.card("sizer").get_by_role("status")).to_have_text(
        "30 of 3,000 profiles = 1.00%"
    )
    expect(lab.card("monitor")).to_contain_text("SUCCEEDED")

    lab.save()
    lab.close()
    lab.open(kernels[cells])

    expect(lab.card("sizer")).to_contain_text("loyalty.points < 30")
    expect(lab.card("sizer")).to_contain_text("30 of 3,000 profiles = 1.00%")
    expect(lab.card("monitor")).to_contain_text("SUCCEEDED")
    complaints = lab.page.get_by_text("model not found")
    expect(complaints).to_have_count(2)
    expect(complaints.first).to_be_hidden()


def test_a_notebook_that_is_not_trusted_shows_how_things_stood(notebook, lab):
    """Nobody's outputs run here, so JupyterLab cleans what it shows of them."""
    cells = CLIENT, SIZER, WATCH, "'written elsewhere'"
    notebook(*cells)
    lab.view("sizer").get_by_label("PQL").fill("loyalty.pints < 30")
    expect(lab.card("sizer").get_by_role("alert")).to_be_visible()
    expect(lab.card("monitor")).to_contain_text("SUCCEEDED")

    lab.write_outputs("untrusted.ipynb", *cells)
    lab.close()
    lab.open("untrusted.ipynb")

    assert not lab.is_trusted()
    expect(lab.card("monitor")).to_contain_text("SUCCEEDED")
    shown = lab.card("sizer").inner_text().splitlines()
    (caret,) = [line for line in shown if line.strip() == "^"]
    assert caret.index("^") == shown[shown.index(caret) - 1].index("pints")
    expect(lab.page.get_by_text("model not found").first).to_be_hidden()


def test_hostile_names_are_shown_and_do_not_run(notebook):
    hostile = '<img src=x onerror="window.broken = true">'

    lab = notebook(SCRIPTED.replace('"gold"', repr(hostile)))

    expect(lab.card("monitor")).to_contain_text(hostile)
    assert lab.page.evaluate("window.broken === undefined")


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_cards_can_be_read_in_every_theme(notebook, theme):
    """Text has at least the contrast that WCAG asks for, 4.5 to 1."""
    lab = notebook(*HISTORY)
    lab.view("browser").get_by_role("button", name="To frame").click()
    expect(lab.card("browser")).to_contain_text("5 jobs; to_frame() returns them")
    lab.view("monitor").get_by_role("button", name="Open result").click()
    expect(lab.card("monitor")).to_contain_text("Result of job")

    lab.theme(theme)
    dark = lab.page.locator("body[data-jp-theme-light=false]")
    expect(dark).to_have_count(1 if "Dark" in theme else 0)

    assert min(lab.contrasts("browser") + lab.contrasts("monitor")) >= 4.5


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
@pytest.mark.parametrize("text", ["loyalty.points < 30", "loyalty.pints < 30"])
def test_answers_and_mistakes_can_be_read_in_every_theme(notebook, theme, text):
    lab = notebook(CLIENT, SIZER)
    lab.view("sizer").get_by_label("PQL").fill(text)
    expect(lab.card("sizer")).to_contain_text(re.compile("= 1.00%|did you mean"))

    lab.theme(theme)
    dark = lab.page.locator("body[data-jp-theme-light=false]")
    expect(dark).to_have_count(1 if "Dark" in theme else 0)

    assert min(lab.contrasts("sizer")) >= 4.5


def test_nothing_comes_from_elsewhere(lab):
    """All pages of these tests were made of what this machine has."""
    assert lab.requests
    foreign = [
        url
        for url in lab.requests
        if not re.match(r"(https?|wss?)://127\.0\.0\.1:|data:|blob:", url)
    ]
    assert foreign == []
