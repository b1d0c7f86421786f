"""JupyterLab in a real browser, started once; an absent browser skips, or fails where one is required."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec

import pytest

REQUIRED = "SEGTOOLKIT_REQUIRE_BROWSER"
_PATIENCE_MS = 30_000
_MISSING = {
    "playwright": "the package playwright: pip install -e '.[browser]'",
    "jupyterlab": "the package jupyterlab: pip install -e '.[browser]'",
}


def browser_path() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


def _lacking() -> list[str]:
    lacking = [what for name, what in _MISSING.items() if find_spec(name) is None]
    return (
        lacking
        if browser_path()
        else [*lacking, "chromium on the PATH: apt install chromium"]
    )


def _told() -> str | None:
    lacking = _lacking()
    return f"a browser test needs {'; '.join(lacking)}" if lacking else None


def pytest_configure():
    if os.environ.get(REQUIRED) and (told := _told()):
        raise pytest.UsageError(told)


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    if told := _told():
        pytest.skip(told)
    from playwright.sync_api import expect, sync_playwright

    from tests.browser.lab import CHROMIUM, TOKEN, running_lab
    from tests.browser.page import Lab

    expect.set_options(timeout=_PATIENCE_MS)
    home = tmp_path_factory.mktemp("lab")
    with running_lab(home) as (address, folder), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=CHROMIUM)
        page = browser.new_page(viewport={"width": 1200, "height": 1000})
        page.set_default_timeout(_PATIENCE_MS)
        opened = Lab(page, folder)
        page.on("request", lambda request: opened.requests.append(request.url))
        page.goto(f"{address}lab?token={TOKEN}")
        page.wait_for_function("window.jupyterapp !== undefined", timeout=60_000)
        page.evaluate("async () => { await window.jupyterapp.restored; }")
        yield opened
        browser.close()
