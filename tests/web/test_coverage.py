"""Coverage as the console shows it: to each role what it may see, and no more than was promised."""

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyapp.extensions import db, transaction
from surveyapp.models.accounts import Relationship
from surveyapp.models.mail import OutgoingMail
from surveyapp.models.people import Role
from surveyapp.models.reminders import Reminder, ReminderState
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import coverage_summary
from tests.conftest import Checked, Page
from tests.services import coverage_world
from tests.services.coverage_world import (
    ANSWERED,
    DECIDED,
    DECIDER,
    NOW,
    SILENT,
    Account,
    Person,
    people,
    spread,
)
from tests.web.console_world import make_user, sign_in, token_of
from tests.web.results_world import counted, work

COVERAGE = "/p/kestrin/waves/autumn/coverage"
PAGES = ("", "/silent", "/relationships", "/money", "/days")
MIXED = (
    Account([DECIDER, ANSWERED, *people(4)], name="Larkmead Health", value=11_800_000),
    Account([*people(3, DECIDED), *people(3)], name="Aldermere Foods", value=4_200_000),
    Account(people(5), name="Stavely Marine", value=900_000, currency="USD"),
)
pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def now() -> Iterable[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def survey(app: Flask, *accounts: Account, **kind: Any) -> Wave:
    with app.app_context(), transaction() as session:
        return coverage_world.write(session, accounts or MIXED, **kind)


def signed_in(app: Flask, role: Role = Role.OWNER, email: str = "") -> FlaskClient:
    return sign_in(app, "kestrin", role=role, email=email)


def lead(page: Checked) -> str:
    found = re.search(r'class="lead">([^<]*)<', page.html)
    assert found is not None
    return " ".join(found[1].split())


def test_the_first_page_says_who_has_spoken_and_what_is_missing(app: Flask, page: Page) -> None:
    survey(app)
    shown = page(COVERAGE, through=signed_in(app))
    assert shown.h1 == "Autumn 2026: who has spoken"
    assert lead(shown) == (
        "4 of 17 people have answered. In one relationship worth EUR 11.8 million a year no"
        " decider has."
    )
    assert (
        "Open until 23 October, day 14 of 19. 3 relationships, buyer side, identified. Figures of 18"
        " October 2026, 09:10 UTC." in shown.text
    )
    assert "opened" not in shown.text.replace("be opened", "")


@pytest.mark.parametrize(
    ("accounts", "said"),
    [
        ([Account(people(3), value=5)], "None of 3 people has answered yet."),
        ([Account([DECIDED, ANSWERED])], "All 2 people have answered."),
        ([Account([ANSWERED])], "The one person asked has answered."),
        ([Account([SILENT])], "The one person asked has not answered yet."),
        (
            [Account([ANSWERED, SILENT]), Account([SILENT], value=7_000)],
            "1 of 3 people have answered. In one relationship worth EUR 7 thousand a year nobody has.",
        ),
        (
            [Account([ANSWERED, SILENT]), Account([ANSWERED, SILENT])],
            "2 of 4 people have answered. Somebody has in every relationship.",
        ),
        (
            [
                Account([DECIDER, ANSWERED], value=2_500_000),
                Account([DECIDER, ANSWERED], value=1_000_000, currency="USD"),
                Account([DECIDER, ANSWERED]),
            ],
            "3 of 6 people have answered. In three relationships worth EUR 2.5 million and"  # noqa: ISC004 one sentence
            " USD 1 million a year no decider has.",
        ),
    ],
)
def test_the_headline_follows_from_the_numbers(
    app: Flask, page: Page, accounts: list[Account], said: str
) -> None:
    survey(app, *accounts)
    assert lead(page(COVERAGE, through=signed_in(app))) == said


def test_steps_name_who_was_lost_on_the_way(app: Flask, page: Page) -> None:
    begun, saved = Person(started=True), Person(saved=True)
    survey(app, Account([*people(3), begun, saved, ANSWERED, Person(mail=None)]))
    text = page(COVERAGE, through=signed_in(app)).text
    assert "On the frozen list" in text
    for lost in ("1 waiting", "3 not started", "1 saved nothing", "1 part-way"):
        assert lost in text


def test_silent_relationships_come_with_what_is_seen_and_a_next_step(
    app: Flask, page: Page
) -> None:
    survey(app, reminders={7.0: ReminderState.DONE})
    text = page(f"{COVERAGE}/silent", through=signed_in(app)).text
    assert text.index("Larkmead Health") < text.index("Stavely Marine")
    assert "Aldermere Foods" not in text
    assert "mail went to all, nobody has started Ask for another contact" in text
    assert "Call the sponsor" in text


def test_lists_filter_sort_and_keep_both(app: Flask, page: Page) -> None:
    accounts = [
        Account(
            [DECIDER, ANSWERED] if number % 2 else [DECIDED],
            name=f"Customer {number:02}",
            value=number,
            segment=f"Segment {number % 3}",
        )
        for number in range(1, 56)
    ]
    survey(app, *accounts)
    through = signed_in(app)
    first = page(f"{COVERAGE}/relationships?sort=name", through=through)
    assert "1 to 50 of 55" in first.text
    assert "Customer 51" in page(first.link("Next"), through=through).text
    narrowed = page(f"{COVERAGE}/relationships?segment=Segment+1&heard=silent", through=through)
    assert "10 in all" in narrowed.text
    assert "segment=Segment+1" in narrowed.link("Answered")
    nothing = page(
        f"{COVERAGE}/silent?segment=Segment+9&page=seven&sort=-nonsense", through=through
    )
    assert "28 in all" in nothing.text, "what is not offered narrows nothing"
    empty = page(f"{COVERAGE}/silent?heard=nobody", through=through)
    assert "No silent relationship fits the filter." in empty.text


def test_money_is_shown_by_what_is_chosen(app: Flask, page: Page) -> None:
    survey(
        app,
        Account([DECIDED], value=2_000_000, region="North"),
        Account([SILENT], value=1_500_000, region="South"),
        Account([SILENT], region=""),
    )
    text = page(f"{COVERAGE}/money?by=region", through=signed_in(app)).text
    for cell in ("North EUR 1 EUR 2 million", "South EUR 1 EUR 1.5 million", "without one"):
        assert cell in text


def test_the_numbers_of_the_chart_stand_in_a_table(app: Flask, page: Page) -> None:
    survey(app, Account(spread(100, 40)), reminders={15.0: ReminderState.PLANNED})
    through = signed_in(app)
    first = page(COVERAGE, through=through)
    assert "We are 80% sure" in first.text
    table = page(first.link("The numbers day by day"), through=through).text
    assert "18 October 2026" in table
    assert "20 October 2026" in table
    assert "reminder planned" in table


def test_early_on_no_number_is_expected(app: Flask, page: Page) -> None:
    survey(app, Account(spread(30, 15)))
    first = page(COVERAGE, through=signed_in(app))
    assert "Too early to tell" in first.text
    assert "We expect" not in first.text


@pytest.mark.parametrize("anonymity", ["identified", "confidential"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_asks_as_often_for_many_as_for_few(
    app: Flask, page: Page, path: str, anonymity: str
) -> None:
    sizes = []
    for slug, many in (("few", 24), ("many", 60)):
        with app.app_context(), transaction() as session:
            coverage_world.write(
                session,
                [
                    Account([DECIDER, ANSWERED, *people(2)], value=number + 1)
                    for number in range(many)
                ],
                slug=slug,
                anonymity=anonymity,
            )
        through = sign_in(app, slug)
        page(f"/p/{slug}/waves/autumn/coverage{path}", through=through)
        with counted(app) as statements:
            page(f"/p/{slug}/waves/autumn/coverage{path}", through=through)
        sizes.append(len(statements))
    assert sizes[0] == sizes[1] <= 36, sizes


@pytest.mark.parametrize("path", PAGES)
def test_a_promise_holds_on_every_page(app: Flask, page: Page, path: str) -> None:
    survey(
        app,
        Account([ANSWERED, SILENT], name="Two"),
        Account([ANSWERED, *people(3)], name="Four"),
        Account([*people(3, DECIDER), *people(6, ANSWERED)], name="Nine"),
        anonymity="confidential",
    )
    through = signed_in(app)
    shown = page(f"{COVERAGE}{path}", through=through)
    assert "Zelda" not in shown.text, "nobody is named"
    for word in ("Part-way", "part-way", "Saved a section", "then silent"):
        assert word not in shown.text
    if path == "/relationships":
        assert "Two not recorded not shown: fewer than 3 asked" in shown.text
        assert "Four not recorded not shown: it would give away another" in shown.text
        assert "6 of 9" in shown.text
    if path == "/silent":
        assert "1 in all" in shown.text


def test_no_name_stands_on_any_page_even_where_nothing_is_promised(app: Flask, page: Page) -> None:
    survey(app)
    for path in PAGES:
        assert "Zelda" not in page(f"{COVERAGE}{path}", through=signed_in(app)).text


def test_few_people_in_all_show_no_answer(app: Flask, page: Page) -> None:
    survey(app, Account([ANSWERED, SILENT]), anonymity="confidential")
    through = signed_in(app)
    shown = page(COVERAGE, through=through)
    assert lead(shown) == "Fewer than 3 people are asked. How many have answered is not shown."
    assert "1 of 2" not in shown.text
    preview = page(shown.link("Preview a reminder"), through=through)
    assert "How many would get it is not shown." in preview.text


def test_the_export_guards_formulas_and_the_promise(app: Flask) -> None:
    survey(
        app,
        Account([ANSWERED, SILENT], name='=HYPERLINK("x")', value=3),
        Account(people(4), name="@Four", value=2),
        Account([DECIDED, ANSWERED, *people(5)], name="Seven, and more", value=1),
        anonymity="confidential",
    )
    response = signed_in(app).get(f"{COVERAGE}/relationships.csv")
    assert response.mimetype == "text/csv"
    assert 'filename="coverage-autumn.csv"' in response.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(response.data.decode("utf-8-sig"))))
    assert [(row["buyer"], row["answered"], row["silent"]) for row in rows] == [
        ('\'=HYPERLINK("x")', "not shown", "not shown"),
        ("'@Four", "not shown", "not shown"),
        ("Seven, and more", "2", "not shown"),
    ]


def test_a_manager_sees_own_numbers_and_nobody_else_s_name(app: Flask, page: Page) -> None:
    wave = survey(app)
    make_user(app, "manager@example.com")
    with app.app_context(), transaction() as session:
        coverage_world.make_manager(session, wave, "manager@example.com", of="Aldermere Foods")
    through = signed_in(app, Role.RELATIONSHIP_MANAGER, "manager@example.com")
    assert lead(page(COVERAGE, through=through)).startswith("3 of 6 people have answered.")
    for path in PAGES:
        text = page(f"{COVERAGE}{path}", through=through).text
        assert "Larkmead" not in text
        assert "USD" not in text
        assert "11.8" not in text
    exported = through.get(f"{COVERAGE}/relationships.csv").get_data(as_text=True)
    assert "Aldermere" in exported
    assert "Larkmead" not in exported


def test_a_manager_without_relationships_reads_why_nothing_is_there(app: Flask, page: Page) -> None:
    survey(app)
    through = signed_in(app, Role.RELATIONSHIP_MANAGER)
    assert lead(page(COVERAGE, through=through)) == "Nobody is asked about your relationships."
    for path in PAGES:
        page(f"{COVERAGE}{path}", through=through)


def test_only_who_may_launch_may_remind(app: Flask, page: Page) -> None:
    survey(app)
    reader = signed_in(app, Role.ANALYST)
    assert "emind" not in page(COVERAGE, through=reader).text.replace("Reminders", "").replace(
        "Send a reminder", ""
    )
    page(f"{COVERAGE}/reminder?whom=all", through=reader, status=403)
    page(f"{COVERAGE}", through=signed_in(app, Role.REVIEWER), status=403)
    page(f"{COVERAGE}", through=app.test_client(), status=404)


def test_a_reminder_to_the_silent_is_previewed_then_sent_to_them_alone(
    app: Flask, page: Page
) -> None:
    survey(app)
    through = signed_in(app)
    shown = page(COVERAGE, through=through)
    preview = page(shown.link("Preview a reminder to all silent"), through=through)
    assert lead(preview) == "10 people would get it now."
    assert "have answered 1" in preview.text
    assert "Still open" in preview.text, "the mail's own text"
    assert "Remind 10 people now" in preview.text
    data = preview.as_posted()
    response = through.post(f"{COVERAGE}/reminder", data=data)
    assert (response.status_code, response.location) == (303, COVERAGE)
    assert "The reminders are being written" in page(COVERAGE, through=through).text
    with app.app_context():
        work()
        steps = db.session().scalars(select(OutgoingMail).where(OutgoingMail.step == "reminder-1"))
        assert len(steps.all()) == 10
        [reminder] = db.session().scalars(select(Reminder))
        assert len(reminder.only["relationships"]) == 2


def test_a_reminder_reaches_a_function_or_a_relationship(app: Flask, page: Page) -> None:
    survey(app)
    through = signed_in(app)
    with app.app_context():
        large = db.session().scalars(
            select(Relationship.id).order_by(Relationship.annual_value.desc()).limit(1)
        )
        key = large.one()
    one = page(f"{COVERAGE}/reminder?whom=relationship&relationship={key}", through=through)
    assert "To those at Larkmead Health who have not answered." in one.text
    assert lead(one) == "5 people would get it now."
    part = page(f"{COVERAGE}/reminder?whom=function&function=operations", through=through)
    assert lead(part) == "13 people would get it now."


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("whom=nobody", 422),
        ("whom=relationship", 404),
        ("whom=relationship&relationship=x", 404),
        ("whom=relationship&relationship=00000000-0000-4000-8000-000000000000", 404),
        ("whom=function&function=sales", 422),
        ("whom=function&function=astrology", 422),
    ],
)
def test_what_cannot_be_reminded_is_refused(
    app: Flask, page: Page, query: str, status: int
) -> None:
    survey(app)
    through = signed_in(app)
    refused = through.get(f"{COVERAGE}/reminder?{query}")
    assert refused.status_code == status
    token = token_of(through, f"{COVERAGE}/reminder?whom=all")
    sent = through.post(f"{COVERAGE}/reminder?{query}", data={"csrf_token": token})
    assert sent.status_code in {404, 422}
    with app.app_context():
        assert db.session().scalars(select(Reminder)).all() == []


def test_without_a_word_everybody_is_previewed_and_nobody_reminded(app: Flask, page: Page) -> None:
    survey(app)
    through = signed_in(app)
    assert lead(page(f"{COVERAGE}/reminder", through=through)) == "13 people would get it now."
    token = token_of(through, f"{COVERAGE}/reminder")
    sent = through.post(f"{COVERAGE}/reminder", data={"csrf_token": token})
    assert sent.status_code == 422
    with app.app_context():
        assert db.session().scalars(select(Reminder)).all() == []


def test_a_closed_wave_is_told_and_not_reminded(app: Flask, page: Page) -> None:
    survey(app, state=WaveState.CLOSED)
    through = signed_in(app)
    shown = page(COVERAGE, through=through)
    assert "Closed; answers counted until the end of 23 October 2026." in shown.text
    assert "Preview" not in shown.text
    preview = page(f"{COVERAGE}/reminder?whom=all", through=through)
    assert "The wave takes no answers now" in preview.text
    data = {"whom": "all", "csrf_token": token_of(through, f"{COVERAGE}/reminder?whom=all")}
    assert through.post(f"{COVERAGE}/reminder", data=data).status_code in {400, 409}


def test_before_the_launch_the_page_says_what_comes(app: Flask, page: Page) -> None:
    survey(app)
    with app.app_context(), transaction() as session:
        draft = session.scalars(select(Wave)).one()
        twin = Wave(
            programme_id=draft.programme_id,
            slug="spring",
            name="Spring",
            view=draft.view,
            questionnaire_version_id=draft.questionnaire_version_id,
            closes_at=draft.closes_at,
            created_at=draft.created_at,
        )
        session.add(twin)
    through = signed_in(app)
    for path in PAGES:
        shown = page(f"/p/kestrin/waves/spring/coverage{path}", through=through)
    shown = page("/p/kestrin/waves/spring/coverage", through=through)
    assert lead(shown) == "Nobody has been asked yet."
    page("/p/kestrin/waves/winter/coverage", through=through, status=404)


def test_figures_of_a_large_wave_serve_for_a_minute_and_say_of_when_they_are(
    app: Flask, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey(app)
    through = signed_in(app)
    monkeypatch.setattr(coverage_summary, "LARGE", 10)
    with time_machine.travel(NOW, tick=False) as clock:
        with counted(app) as first:
            page(COVERAGE, through=through)
        clock.shift(59)
        with counted(app) as second:
            kept = page(COVERAGE, through=through)
        assert "09:10 UTC" in kept.text
        assert len(second) < len(first) / 2
        clock.shift(62)
        assert "09:12 UTC" in page(COVERAGE, through=through).text
        analyst = page(COVERAGE, through=signed_in(app, Role.ANALYST))
    assert "Preview reminder" not in analyst.text, "what an owner was shown is not shown to others"
