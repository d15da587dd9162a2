"""F2: Send is pressed twice at the same moment; the answers are delivered once, both get the receipt.

Each try is a person of its own, who answers every kind of item, hands in a file, opens the review page and clicks twice, on two
connections, at two web processes. Run: ``python -m benchmarks.f2_double_submit [--quick]``.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

from sqlalchemy import func, select

from benchmarks import every_kind
from benchmarks.stage import Browser, Outcome, Stage, is_acknowledged, main
from surveyapp.extensions import reading
from surveyapp.models.invitations import Assignment
from surveyapp.models.responses import Response
from tests.questionnaires.feature import all_together
from tests.web.world import Invited, open_wave, sent

AT_ONCE = 3
"""People who click at the same time."""


def play(stage: Stage, tries: int) -> Outcome:
    """Let everybody answer and click twice; then count what was delivered."""
    names = (f"Person {number}" for number in range(tries))
    people = open_wave(stage.app, *names, definition=all_together())
    stage.start_pages(workers=2)
    outcome = Outcome(tries=tries)
    with ThreadPoolExecutor(AT_ONCE) as hands:
        for sentences in hands.map(partial(_click_twice, stage), people, range(tries)):
            outcome.wrong += sentences
    with reading() as session:
        delivered = dict(
            session.execute(
                select(Assignment.slug, func.count(Response.id))
                .outerjoin(Response, Response.assignment_id == Assignment.id)
                .group_by(Assignment.slug)
            ).all()
        )
    for number, person in enumerate(people):
        times = delivered[person.slug]
        outcome.check(times == 1, f"{person.slug} was delivered {times} times")
        _check_words(stage, person, number, outcome)
    outcome.wrong += stage.faults()
    return outcome


def _check_words(stage: Stage, person: Invited, number: int, outcome: Outcome) -> None:
    """What was delivered is what was typed, the file whole."""
    for answers in sent(stage.app, person.slug):
        for section in every_kind.SECTIONS:
            wanted = every_kind.page(section, number).stored
            is_there = every_kind.is_stored(answers, wanted)
            outcome.check(is_there, f"{person.slug}: {section} was delivered as {answers}")
        is_whole = every_kind.has_bytes(person.slug, answers)
        outcome.check(is_whole, f"{person.slug}: the file is not there")


def _click_twice(stage: Stage, person: Invited, number: int) -> list[str]:
    first, second = Browser(stage.url), Browser(stage.url)
    first.begin(person.link)
    for section in every_kind.SECTIONS:
        path, page = person.at(section), every_kind.page(section, number)
        first.save(path, first.token(path), page.files, **page.typed)
    form = {"page_token": first.token(person.at("review"))}
    second.http.cookies = first.http.cookies
    start = Barrier(2)

    def click(browser: Browser) -> str:
        start.wait()
        found = browser.post(person.at("submit"), form)
        receipt = found.headers.get("location", "")
        is_right = is_acknowledged(found) and receipt == person.at("sent")
        return "" if is_right else f"{person.slug}: a click got {found.status_code} {receipt}"

    with ThreadPoolExecutor(2) as clicks:
        said = list(clicks.map(click, (first, second)))
    shown = first.http.get(person.at("sent")).status_code
    first.close()
    second.close()
    said.append("" if shown == 200 else f"{person.slug}: the receipt gave {shown}")
    return [sentence for sentence in said if sentence]


if __name__ == "__main__":
    main("F2", "wrong deliveries", play, tries=500, quick=70, description=__doc__ or "")
