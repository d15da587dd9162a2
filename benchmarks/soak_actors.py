"""Who is at work in a soak: an owner at the console, and the door through which respondents come."""

import contextlib
import re
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from flask import Flask

from benchmarks.journey_wave import Person
from benchmarks.soak_world import PROGRAMME
from tests.web.console_world import sign_in

_TOKEN: Final = re.compile(r'name="csrf_token"\s+value="([^"]+)"')
_PEOPLE: Final = re.compile(r'name="people"[^>]*value="(\d+)"')
_PAGES: Final = (
    *("", "/relationships", "/people", "/waves", "/mail", "/jobs", "/members", "/results"),
    *("/search?q=buyer", "/people?q=person", "/relationships?sort=-buyer", "/rules", "/imports"),
)
_OF_WAVE: Final = ("", "/people", "/reminders", "/coverage", "/coverage/silent")
_BREATH_SECONDS: Final = 0.1
_SLOWEST_SECONDS: Final = 60


@dataclass
class Owner:
    """Signed in; goes from page to page, presses buttons; notes how long each took and what went wrong."""

    app: Flask
    url: str
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)
    wave: str = ""
    """The one whose pages are looked at."""

    def __post_init__(self) -> None:
        cookie = sign_in(self.app, PROGRAMME).get_cookie("session")
        if cookie is None:
            raise ValueError("Signing in gave no cookie.")
        self._cookie = cookie.value

    def browser(self) -> httpx.Client:
        """Return a browser of their own for a thread: a client is not shared between them."""
        # a server may close a connection that idles just as it is used again; browsers then repeat
        fresh = httpx.Limits(max_keepalive_connections=0)
        client = httpx.Client(base_url=self.url, timeout=_SLOWEST_SECONDS, limits=fresh)
        # with its host, or the one that carries the form's token would stand beside it
        client.cookies.set("session", self._cookie, domain="127.0.0.1")
        return client

    def look_around(self, is_over: threading.Event) -> None:
        """Open one page after another."""
        with self.browser() as browser:
            while not is_over.is_set():
                for page in self._pages():
                    with contextlib.suppress(httpx.TransportError):  # it is noted as wrong
                        self._timed(browser, "GET console", "GET", page)
                    if is_over.wait(_BREATH_SECONDS):
                        return

    def press(self, kind: str, page: str, target: str, form: dict[str, str] | None = None) -> None:
        """Open a page and press its button; it must lead on."""
        with self.browser() as browser:
            shown = self._timed(browser, "GET console", "GET", page).text
            token, people = _TOKEN.search(shown), _PEOPLE.search(shown)
            sent = {"csrf_token": token[1] if token else "", **(form or {})}
            if people:
                sent["people"] = people[1]
            self._timed(browser, f"POST {kind}", "POST", target, data=sent)

    def _pages(self) -> Iterator[str]:
        yield from (f"/p/{PROGRAMME}{page}" for page in _PAGES)
        if self.wave:
            yield from (f"/p/{PROGRAMME}/waves/{self.wave}{page}" for page in _OF_WAVE)

    def _timed(
        self,
        browser: httpx.Client,
        kind: str,
        method: str,
        path: str,
        **sent: Any,  # noqa: ANN401 as httpx takes it
    ) -> httpx.Response:
        started = time.perf_counter()
        try:
            response = browser.request(method, path, **sent)
        except httpx.TransportError as error:
            self.wrong.append(f"{method} {path} got no answer: {error!r}")
            raise
        self.times[kind].append((time.perf_counter() - started) * 1000)
        expected = httpx.codes.OK if method == "GET" else httpx.codes.SEE_OTHER
        if response.status_code != expected:
            self.wrong.append(f"{method} {path} gave {response.status_code}")
        return response


@dataclass
class Door:
    """Lets people in one after another, so many a second; those who ask next wait here."""

    a_second: float
    _waiting: list[Person] = field(default_factory=list)
    _known: threading.Condition = field(default_factory=threading.Condition)
    _is_closed: bool = False

    def let_in(self, people: Sequence[Person]) -> None:
        """Let these answer, too."""
        with self._known:
            self._waiting += people
            self._known.notify_all()

    def close(self) -> None:
        """Let nobody in any more."""
        with self._known:
            self._is_closed = True
            self._known.notify_all()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield journeys as ``benchmarks.respondents`` takes them."""
        while True:
            with self._known:
                self._known.wait_for(lambda: self._waiting or self._is_closed)
                if self._is_closed:
                    return
                person = self._waiting.pop(0)
            yield {"link": person.link, "variant": person.variant}
            time.sleep(1 / self.a_second)
