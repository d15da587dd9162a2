"""F5: whoever only opens links changes nothing: browsers, prefetchers, mail scanners, by GET and HEAD.

Every link of every mail in the outbox (headers too), everything those pages link to, and every page a
signed-in programme owner and a respondent who pressed Start can reach by links, files that were handed in
among them, is opened in each manner. After each address all tables, the outbox and the stored files must be as before.
Run: ``python -m benchmarks.f5_link_openers [--quick]``.
"""

import email
import email.policy
import hashlib
import html
import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx
from sqlalchemy import select

from benchmarks import every_kind
from benchmarks.stage import Browser, Outcome, Stage, is_acknowledged, main, wait_until
from surveyapp.clock import utcnow
from surveyapp.extensions import reading, transaction
from surveyapp.models.results import ScoreRun
from surveyapp.reports import packs
from surveyapp.services import jobs, results, scorecards
from tests.questionnaires.feature import all_together
from tests.services.scored import closed_wave, relationship_of
from tests.web.console_world import sign_in
from tests.web.world import Invited, dump, open_wave

_SCANNER: Final = "Mozilla/5.0 (compatible; LinkScanner/1.0; +mail security)"
MANNERS: Final[tuple[tuple[str, dict[str, str]], ...]] = (
    ("GET", {}),
    ("HEAD", {}),
    ("OPTIONS", {}),
    ("GET", {"Purpose": "prefetch"}),
    ("GET", {"Sec-Purpose": "prefetch;prerender", "Sec-Fetch-Dest": "document"}),
    ("GET", {"X-Moz": "prefetch"}),
    ("GET", {"User-Agent": _SCANNER}),
    ("HEAD", {"User-Agent": _SCANNER}),
    ("GET", {"User-Agent": "GoogleImageProxy", "Accept": "image/*"}),
)
"""How programs open links that no person has chosen."""
_HREF: Final = re.compile(r'\bhref="([^"#]+)')
_URL: Final = re.compile(r"https?://[^\s<>\"')]+")
_PROGRAMMES: Final = ("kestrin", "harbour")
"""One with an open wave, one with scores and a document."""
_FIRST: Final = {"kestrin": ["/p/kestrin/waves/autumn/files"], "harbour": []}
"""Pages deep inside that a quick run would not reach."""
_PAGES: Final = (
    *every_kind.SECTIONS,
    *("review", "contract", "stopped", "overview", "sent"),
)
_BUYERS: Final = {f"Buyer {number}": [(4, 4, 4), (3, 2, 3), (2, 2, 1)] for number in range(3)}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody's browser, and where they begin."""

    name: str
    client: httpx.Client
    starts: list[str]


def play(stage: Stage, pages: int) -> Outcome:
    """Open everything that can be reached, up to so many pages for each visitor."""
    [tomas, ines] = open_wave(stage.app, "Tomas Vey", "Ines Roth", definition=all_together())
    closed_wave(_BUYERS, slug=_PROGRAMMES[1], settings={"anonymity": "identified"})
    stage.start_pages(workers=2)
    _let_worker_finish(stage)
    _ask_document()
    _let_worker_finish(stage)
    outcome = Outcome()
    mailed = sorted(_links_in_mails(stage.home / "outbox"))
    answering = Browser(stage.url)
    _answer(answering, ines, every_kind.SECTIONS[:-1])
    sending = Browser(stage.url)
    _answer(sending, tomas, every_kind.SECTIONS)
    form = {"page_token": sending.token(tomas.at("review"))}
    outcome.check(is_acknowledged(sending.post(tomas.at("submit"), form)), "it was not sent")
    visitors = [
        Visitor("stranger", httpx.Client(base_url=stage.url, timeout=30), [*mailed, "/"]),
        Visitor("respondent", answering.http, [ines.at(page) for page in _PAGES]),
        *(
            Visitor(f"owner of {slug}", _owner(stage, slug), [*_FIRST[slug], "/"])
            for slug in _PROGRAMMES
        ),
    ]
    for visitor in visitors:
        opened, files = _open_everything(stage, visitor, pages, outcome)
        outcome.detail[visitor.name.replace(" ", "_") + "_pages"] = opened
        outcome.detail[visitor.name.replace(" ", "_") + "_files"] = files
    outcome.detail["links_in_mails"] = len(mailed)
    for who in ("respondent", "owner_of_kestrin"):
        outcome.check(outcome.detail[f"{who}_files"] != 0, f"{who} has opened no file")
    outcome.check(any(tomas.token in link for link in mailed), "no mail holds a personal link")
    outcome.wrong += stage.faults()
    return outcome


def _answer(browser: Browser, person: Invited, sections: Iterable[str]) -> None:
    """Press Start and fill in these pages."""
    browser.begin(person.link)
    for number, section in enumerate(sections):
        path, page = person.at(section), every_kind.page(section, number)
        saved = browser.save(path, browser.token(path), page.files, **page.typed)
        if not is_acknowledged(saved):
            raise ValueError(f"{path} gave {saved.status_code}: {saved.text[:300]}")


def _open_everything(
    stage: Stage, visitor: Visitor, most: int, outcome: Outcome
) -> tuple[int, int]:
    """Follow links, opening each address in every manner; return how many there were, and files."""
    waiting, seen = list(visitor.starts), set(visitor.starts)
    before = _everything(stage)
    opened = files = 0
    while waiting and opened < most:
        path = waiting.pop(0)
        opened += 1
        files += "/files/" in path
        for method, headers in MANNERS:
            found = visitor.client.request(method, path, headers=headers)
            outcome.tries += 1
            is_fine = found.status_code < httpx.codes.INTERNAL_SERVER_ERROR
            outcome.check(is_fine, f"{visitor.name}: {method} {path} gave {found.status_code}")
            if method == "GET" and not headers:
                targets = [*_links_on(found), found.headers.get("location", "")]
                for target in filter(None, (_own_path(stage, path, each) for each in targets)):
                    if target not in seen:
                        seen.add(target)
                        # files first: a quick run ends before most of what waits
                        waiting.insert(0 if "/files/" in target else len(waiting), target)
        after = _everything(stage)
        changed = [name for name in after if after[name] != before[name]]
        outcome.check(not changed, f"{visitor.name}: opening {path} changed {', '.join(changed)}")
        before = after
    return opened, files


def _everything(stage: Stage) -> dict[str, object]:
    """Read all tables, and the names and contents of all files."""
    files = {
        folder: sorted(
            (path.name, hashlib.sha256(path.read_bytes()).hexdigest())
            for path in (stage.home / folder).rglob("*")
            if path.is_file()
        )
        for folder in ("outbox", "files")
    }
    return {**dump(stage.app), **files}


def _links_on(response: httpx.Response) -> Iterator[str]:
    if response.headers.get("content-type", "").startswith("text/html"):
        for found in _HREF.findall(response.text):
            yield html.unescape(found)


def _own_path(stage: Stage, page: str, target: str) -> str | None:
    """Return the address of our own that a link leads to; nothing for files that never change."""
    url = urlsplit(urljoin(f"{stage.url}{page}", target))
    if not target or f"{url.scheme}://{url.netloc}" != stage.url or url.path.startswith("/static/"):
        return None
    return f"{url.path}?{url.query}" if url.query else url.path


def _links_in_mails(outbox: Path) -> set[str]:
    """Return the path of every address in the headers and bodies of all mails."""
    found = set()
    for path in outbox.glob("*.eml"):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        texts = [str(value) for value in message.values()]
        texts += [
            html.unescape(str(part.get_content()))
            for part in message.walk()
            if part.get_content_maintype() == "text"
        ]
        for url in (urlsplit(each) for text in texts for each in _URL.findall(text)):
            found.add(f"{url.path}?{url.query}" if url.query else url.path)
    return found


def _owner(stage: Stage, programme: str) -> httpx.Client:
    """A browser in which a programme's owner is signed in."""
    cookie = sign_in(stage.app, programme).get_cookie("session")
    if cookie is None:
        raise LookupError("Signing in gave no cookie.")
    return httpx.Client(base_url=stage.url, timeout=30, cookies={"session": cookie.value})


def _ask_document() -> None:
    with transaction() as session:
        run_id = session.scalars(select(ScoreRun.id)).first()
        scorecards.request(
            session,
            results.run(session, run_id or uuid.uuid4()),
            relationship_of("Buyer 1"),
            pack=packs.find("scorecard"),
            locale="en",
            by="test",
            at=utcnow(),
        )


def _let_worker_finish(stage: Stage) -> None:
    """Run a worker until nothing waits, then end it: only the visitors may change anything."""
    stage.start_worker()
    wait_until(_is_all_done)
    stage.kill("worker")


def _is_all_done() -> bool:
    with reading() as session:
        return not jobs.unfinished(session)


if __name__ == "__main__":
    main("F5", "changes by opening", play, tries=200, quick=20, description=__doc__ or "")
