"""F11: tokens of links and sessions.

128 bits or more, only a hash stored, absent from log and Referer, and limited per account and address
without locking out an office behind one address.

Run: ``python -m benchmarks.f11_tokens [--quick]``.
"""

import base64
import re
import secrets

from benchmarks.stage import Browser, Outcome, Stage, main
from surveyapp.clock import utcnow
from surveyapp.extensions import transaction
from surveyapp.services import sessions, users
from tests.web.console_world import PASSWORD, make_user, sign_in
from tests.web.world import dump, open_wave

_FEWEST_BITS = 128
_TOO_MANY = 429
_CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


def play(stage: Stage, tries: int) -> Outcome:
    """Make tokens, use them, look for them where they must not be, and guess."""
    outcome = Outcome()
    people = open_wave(stage.app, *(f"Person {number}" for number in range(tries)))
    make_user(stage.app, "owner@kestrin.example", password=True)
    make_user(stage.app, "colleague@kestrin.example", password=True)
    sign_in(stage.app, "kestrin", email="owner@kestrin.example")
    tokens = [person.token for person in people]
    with transaction() as session:
        user = users.find(session, "owner@kestrin.example")
        tokens += [sessions.begin(session, user, browser="", at=utcnow())[1] for _ in range(tries)]
    stage.start_pages(workers=1)
    for person in people:
        browser = Browser(stage.url)
        page = browser.http.get(person.link)
        outcome.check(
            page.headers["Referrer-Policy"] == "no-referrer", "the start page sends a Referer"
        )
        browser.begin(person.link)
        browser.close()
    stored = repr(dump(stage.app))
    said = stage.log.read_text(encoding="utf-8")
    for token in tokens:
        outcome.tries += 1
        bits = len(base64.urlsafe_b64decode(token + "==")) * 8
        outcome.check(bits >= _FEWEST_BITS, f"a token has {bits} bits")
        outcome.check(token not in stored, "a token stands in the database")
        outcome.check(token not in said, "a token stands in the log")
    outcome.check(len(set(tokens)) == len(tokens), "two tokens are the same")
    _guess_links(stage, outcome, known=people[0].link)
    _guess_passwords(stage, outcome)
    return outcome


def _guess_links(stage: Stage, outcome: Outcome, *, known: str) -> None:
    browser = Browser(stage.url)
    statuses = [browser.http.get(f"/r/{secrets.token_urlsafe(32)}").status_code for _ in range(100)]
    outcome.tries += len(statuses)
    outcome.check(statuses[-1] == _TOO_MANY, "guessing links is not limited")
    outcome.check(
        browser.http.get(known).status_code == 200,
        "a guest's guesses keep a colleague behind the same address from answering",
    )


def _guess_passwords(stage: Stage, outcome: Outcome) -> None:
    statuses = [_sign_in(stage, "owner@kestrin.example", "wrong") for _ in range(15)]
    outcome.tries += len(statuses)
    outcome.check(statuses[-1] == _TOO_MANY, "guessing a password is not limited")
    outcome.check(
        _sign_in(stage, "colleague@kestrin.example", PASSWORD) == 303,
        "one person's guesses keep a colleague behind the same address from signing in",
    )


def _sign_in(stage: Stage, email: str, password: str) -> int:
    browser = Browser(stage.url)
    found = _CSRF.search(browser.http.get("/sign-in").text)
    token = found[1] if found else ""
    form = {"csrf_token": token, "email": email, "password": password}
    return browser.post("/sign-in", form).status_code


if __name__ == "__main__":
    main("F11", "things wrong", play, tries=200, quick=30, description=__doc__)
