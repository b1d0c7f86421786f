"""The picture of the README: a notebook of two cells in JupyterLab.

python -m tests.browser.picture writes notebooks/segtoolkit.png; it needs the extra [browser] and chromium.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests.browser.conftest import browser_path
from tests.browser.lab import CHROMIUM, ROOT, TOKEN, running_lab
from tests.browser.page import Lab

PICTURE = ROOT / "notebooks" / "segtoolkit.png"
WIDTH, HEIGHT = 1000, 1_040
CELLS = (
    """\
import segtoolkit as sg

files = sg.samples.write("people", profiles=200_000)
client = sg.connect_local(profiles=files.profiles, events=files.events, progress="off")
sg.widgets.AudienceSizer(client)""",
    """\
for name in ("repeat-buyers", "left-a-cart", "reachable-lapsed"):
    client.definitions.put(name, sg.samples.SEGMENTS[name])
result = client.run(["repeat-buyers", "left-a-cart", "reachable-lapsed"], as_of=sg.samples.AS_OF)
ax = sg.plots.namespace_counts(result)""",
)
# No cell is marked as the current one.
_TO_TOP = """() => { document.activeElement.blur();
    window.jupyterapp.shell.currentWidget.content.activeCellIndex = 0; }"""
TYPED = 'homeAddress.country = "US" and loyalty.points > 500'


def main() -> None:
    """Run the cells, type into the sizer, and take the picture."""
    with (
        tempfile.TemporaryDirectory() as home,
        running_lab(Path(home)) as (address, folder),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=browser_path(), args=CHROMIUM)
        page = browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=1.5
        )
        lab = Lab(page, folder)
        lab.write("audiences.ipynb", *CELLS)
        page.goto(f"{address}doc/tree/audiences.ipynb?token={TOKEN}")
        page.wait_for_function("window.jupyterapp !== undefined", timeout=60_000)
        lab.open("audiences.ipynb")
        lab.run()
        page.evaluate(_TO_TOP)
        lab.view("sizer").get_by_label("PQL").fill(TYPED)
        expect(lab.card("sizer").get_by_role("status")).to_contain_text(" = ")
        page.wait_for_timeout(1_000)  # what follows the numbers
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
