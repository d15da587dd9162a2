import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, Playwright, expect, sync_playwright
from werkzeug.serving import make_server

CHROMIUM = Path("/usr/bin/chromium")
# a busy machine makes no page wrong; as long as Playwright waits for everything else
expect.set_options(timeout=30_000)
STAND_STILL = "window.setInterval = () => 0"
"""What keeps a page from renewing itself while a test, or axe, looks at it."""


@dataclass(frozen=True, slots=True)
class Server:
    """The application behind a real socket."""

    app: Flask
    url: str


@pytest.fixture
def server(app: Flask) -> Iterator[Server]:
    running = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield Server(app, f"http://127.0.0.1:{running.server_port}")
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing. Install it: apt-get install -y chromium")
    # tests may run as root, where chromium's own sandbox cannot
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    yield browser
    browser.close()


def follow(target: Locator) -> None:
    """Click what leads to another page; wait until that page is whole and its scripts have run.

    A click alone returns while the browser still waits for the server, or as soon as the first
    bytes are there: whatever looks at the page then may see the old one, half of the new, or none.
    """
    with target.page.expect_navigation():
        target.click()


@contextmanager
def browsing(
    chromium: Browser,
    server: Server,
    *,
    width: int = 390,
    script: bool = True,
    dark: bool = False,
    renews: bool = False,
) -> Iterator[Page]:
    """Open a window; at its end nothing may have been blocked, broken or asked of another host."""
    context = chromium.new_context(
        base_url=server.url,
        viewport={"width": width, "height": 844},
        java_script_enabled=script,
        color_scheme="dark" if dark else "light",
        locale="en-GB",
    )
    if not renews:
        context.add_init_script(STAND_STILL)
    page = context.new_page()
    complaints: list[str] = []
    # a page that answers 4xx on purpose is also reported as a failed resource
    page.on(
        "console",
        lambda said: (
            complaints.append(said.text)
            if said.type in {"error", "warning"} and "Failed to load resource" not in said.text
            else None
        ),
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith(server.url) else complaints.append(request.url)
        ),
    )
    page.on(
        "response",
        lambda reply: (
            complaints.append(f"{reply.status}: {reply.url}") if reply.status >= 500 else None
        ),
    )
    yield page
    context.close()
    assert complaints == []
