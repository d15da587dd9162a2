"""The three journeys in a row: an owner launches, people answer, an executive opens the scorecard."""

import email
import email.policy
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from pypdf import PdfReader

from surveyapp.app import create_app
from surveyapp.cli import commands
from surveyapp.extensions import db
from tests.web.walker import Walker
from tests.web.world import Invited

Surveyapp = Callable[..., str]
SHEETS = {
    "organisations": "reference,name\nus,Kestrin\na1,Aldermere Foods\nb1,Brook & Sons\nc1,Cask\n",
    "relationships": "buyer,supplier\na1,us\nb1,us\nc1,us\n",
    "contacts": "email,name,organisation\nann@a.example,Ann,a1\nbo@b.example,Bo,b1\n"
    "cy@c.example,Cy,c1\n",
    "stakeholders": "email,buyer,supplier,function,influence\n"
    "ann@a.example,a1,us,procurement,decides\nbo@b.example,b1,us,it,uses\n"
    "cy@c.example,c1,us,finance,uses\n",
}
COLD = {"overall_satisfaction": "1", "would_recommend": "1", "would_repurchase": "2"}
WARM = {"overall_satisfaction": "5", "would_recommend": "4", "would_repurchase": "5"}


@pytest.fixture
def surveyapp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Surveyapp:
    """The command line on a fresh machine."""
    monkeypatch.setenv("SURVEYAPP_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SURVEYAPP_LOG_LEVEL", "WARNING")
    monkeypatch.delenv("SURVEYAPP_DATABASE_URL", raising=False)

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(commands, arguments)
        assert result.exit_code == 0, result.output
        return result.output

    run("database", "upgrade")
    return run


@pytest.fixture
def launched(surveyapp: Surveyapp, tmp_path: Path) -> Surveyapp:
    folder = tmp_path / "accounts"
    folder.mkdir()
    for name, text in SHEETS.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    surveyapp("programmes", "create", "kestrin", "--name", "Kestrin key accounts")
    surveyapp("accounts", "import", "kestrin", str(folder))
    surveyapp(
        *("waves", "create", "kestrin", "autumn", "--name", "Autumn 2026"),
        *("--questionnaire", "annual-customer-survey", "--closes", "2999-04-30"),
    )
    surveyapp("waves", "launch", "kestrin", "autumn")
    surveyapp("worker", "--once")
    return surveyapp


def links(home: Path) -> dict[str, str]:
    """The personal link of everybody who got a mail, by address."""
    found = {}
    for file in sorted((home / "outbox").glob("*.eml")):
        mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        body = mail.get_body(("plain",))
        assert body is not None
        [link] = set(re.findall(r"http://127\.0\.0\.1:8000(/r/[\w-]{43})\b", body.get_content()))
        found[mail["To"].addresses[0].addr_spec] = link
    return found


def answer(app: Flask, link: str, answers: dict[str, str]) -> None:
    """Walk from the mail's link to the receipt through the pages' own forms."""
    walker = Walker(app.test_client())
    at = walker.start(Invited(link.removeprefix("/r/"), ("",)))
    while not at.endswith("/review"):
        page = walker.open(at)
        names = {given.get("name") for _, given in page.fields}
        here = {item: value for item, value in answers.items() if f"q_{item}" in names}
        at = walker.answer(at, **here)
    review = walker.open(at)
    [submit] = [form for form in review.forms if form.endswith("/submit")]
    sent = walker.client.post(submit, data=review.as_posted())
    assert sent.status_code == 303
    assert walker.open(sent.location).h1
    again = walker.open(link).forms
    assert not any(form.endswith("/submit") for form in again), f"sent once: {again}"


def words(pdf: bytes) -> str:
    pages = PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) >= 2
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_from_the_launch_to_the_scorecard_on_paper(launched: Surveyapp, tmp_path: Path) -> None:
    home = tmp_path / "home"
    mailed = links(home)
    assert set(mailed) == {"ann@a.example", "bo@b.example", "cy@c.example"}
    app = create_app()
    answer(app, mailed["ann@a.example"], COLD)
    answer(app, mailed["bo@b.example"], WARM)
    status = launched("waves", "status", "kestrin", "autumn")
    assert "3 asked, 2 submitted" in status
    assert "3 asked about, 1 silent" in status

    launched("waves", "close", "kestrin", "autumn")
    assert app.test_client().get(mailed["cy@c.example"]).status_code == 410
    launched("worker", "--once")
    out = tmp_path / "out"
    launched("waves", "report", "kestrin", "autumn", "--here", "--output", str(out))
    documents = {path.name: words(path.read_bytes()) for path in out.glob("*.pdf")}
    assert len(documents) == 4
    [whole] = [text for name, text in documents.items() if "portfolio" in name]
    for name in ("Aldermere Foods", "Brook & Sons", "Cask"):
        assert name in whole
    [cold] = [text for name, text in documents.items() if name.startswith("Aldermere")]
    [silent] = [text for name, text in documents.items() if name.startswith("Cask")]
    assert "assumed" in cold
    assert "Autumn 2026" in cold
    assert "state/1" in cold
    assert "annual-customer-survey" in cold
    assert "Aldermere Foods" in cold
    assert "Brook" not in cold, "one customer's paper names no other"
    assert "Aldermere Foods is at risk: 94 in 100" in cold
    assert "Nobody at Cask has answered yet: one person was asked." in silent
    assert "No score" in silent

    before = {path.name: path.read_bytes() for path in out.glob("*.pdf")}
    launched("waves", "report", "kestrin", "autumn", "--here", "--output", str(out))
    assert {path.name: path.read_bytes() for path in out.glob("*.pdf")} == before

    with app.app_context():
        run_id = db.session.connection().exec_driver_sql("SELECT id FROM score_run").scalar_one()
        db.session.rollback()
        db.engine.dispose()
    assert "comes out the same" in launched("scores", "replay", run_id)
