"""Customers who answer as people do: open the mail, follow its link, fill in forms, send."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx

from examples.abc.answers import Customer
from examples.abc.forms import Form, find_forms
from examples.stage import CannotPlay

_PAGES = 30
"""No questionnaire is longer; a page that leads back to itself must not go on for ever."""


class Stuck(CannotPlay):
    """The pages did not lead where a respondent expects."""


def play(
    customers: Iterable[Customer], links: dict[str, str], *, at_once: int, done: Callable[[], None]
) -> None:
    """Let every customer answer, several at once; the first who gets stuck stops the play."""
    browsers = _Browsers()

    def answer(customer: Customer) -> None:
        with browsers.one() as browser:
            Respondent(browser, customer).answer(links[customer.email])
        done()

    with ThreadPoolExecutor(at_once) as pool:
        futures = [pool.submit(answer, customer) for customer in customers]
        try:
            for future in futures:
                future.result()
        finally:
            pool.shutdown(cancel_futures=True)
    browsers.close()


class _Browsers:
    """One browser for each thread, its cookies forgotten between people."""

    def __init__(self) -> None:
        self._own = threading.local()
        self._all: list[httpx.Client] = []

    @contextmanager
    def one(self) -> Iterator[httpx.Client]:
        if not hasattr(self._own, "browser"):
            # a lost connection is tried again; a page that takes a minute is broken
            transport = httpx.HTTPTransport(retries=2)
            self._own.browser = httpx.Client(transport=transport, timeout=60, follow_redirects=True)
            self._all.append(self._own.browser)
        yield self._own.browser
        self._own.browser.cookies.clear()

    def close(self) -> None:
        for browser in self._all:
            browser.close()


class Respondent:
    """One customer in front of a browser."""

    def __init__(self, browser: httpx.Client, customer: Customer) -> None:
        self.browser = browser
        self.customer = customer
        self.left = dict(customer.ratings)
        """Answers not given yet."""

    def answer(self, link: str) -> None:
        """Go from the link in the mail to the receipt."""
        page = self._get(link)
        page = self._post(page, self._form(page))
        for _ in range(_PAGES):
            form = self._form(page)
            if not any(name.startswith("q_") for name in form.values | form.choices):
                break
            self._fill(form)
            page = self._post(page, form, button="continue")
        if self.left:
            raise Stuck(f"Customer {self.customer.number} met no question for {sorted(self.left)}.")
        page = self._post(page, self._form(page))
        if not page.url.path.endswith("/sent"):
            raise Stuck(f"Customer {self.customer.number} sent, and came to {page.url.path}.")

    def _fill(self, form: Form) -> None:
        for name in form.choices:
            item = name.removeprefix("q_")
            if item in self.left:
                form.tick(name, str(self.left.pop(item)))

    def _form(self, page: httpx.Response) -> Form:
        posting = [form for form in find_forms(page.text) if form.method == "post"]
        if not posting:
            raise Stuck(
                f"Customer {self.customer.number} found nothing to send on {page.url.path}."
            )
        return posting[-1]

    def _get(self, url: str) -> httpx.Response:
        return self._checked(self.browser.get(url))

    def _post(self, page: httpx.Response, form: Form, *, button: str = "") -> httpx.Response:
        target = page.url.join(form.action)
        return self._checked(self.browser.post(target, data=form.press(button)))

    def _checked(self, page: httpx.Response) -> httpx.Response:
        if page.status_code != httpx.codes.OK:
            raise Stuck(
                f"Customer {self.customer.number} got {page.status_code} at {page.url.path}."
            )
        return page
