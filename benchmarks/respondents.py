"""People who answer a whole questionnaire over HTTP, many at once: a process of its own, light on the processor.

It is told on its standard input what to do, and says on its standard output how long each request took.
Each client has one thread and does one journey after another: the link, Start, each page opened and sent,
the review, Send, the receipt. A journey has a connection of its own, as a person's browser has.
Run by the programs that measure: ``python -m benchmarks.respondents``.
"""

import json
import re
import socket
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

_PAGE_TOKEN: Final = re.compile(rb'name="page_token" value="([^"]+)"')
_STATUS: Final = re.compile(rb"HTTP/1\.1 (\d{3})")
_LENGTH: Final = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_LOCATION: Final = re.compile(rb"\r\nlocation: ([^\r]+)", re.IGNORECASE)
_COOKIE: Final = re.compile(rb"\r\nset-cookie: (answering=[^;]+)", re.IGNORECASE)
_CLOSES: Final = re.compile(rb"\r\nconnection: close", re.IGNORECASE)
_OK, _SEE_OTHER = 200, 303
_PIECE: Final = 1 << 18


class WrongAnswer(Exception):
    """A page was not what a respondent must get."""


@dataclass
class Connection:
    """One browser's connection to the pages; opened again when the server closed it."""

    port: int
    cookie: str = ""
    _open: socket.socket | None = None

    def ask(self, method: str, path: str, form: str = "") -> tuple[int, bytes, bytes]:
        """Send a request; return status, head and body."""
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
        if self.cookie:
            head += f"Cookie: {self.cookie}\r\n"
        if method == "POST":
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n"
        if self._open is None:
            self._open = socket.create_connection(("127.0.0.1", self.port), timeout=60)
            self._open.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open.sendall(f"{head}\r\n{form}".encode())
        came = self._until(b"", lambda so_far: b"\r\n\r\n" in so_far)
        top, _, body = came.partition(b"\r\n\r\n")
        length = int(_found(_LENGTH, top))
        body = self._until(body, lambda so_far: len(so_far) >= length)
        if _CLOSES.search(top):
            self.close()
        if cookie := _COOKIE.search(top):
            self.cookie = cookie[1].decode()
        return int(_found(_STATUS, top)), top, body

    def close(self) -> None:
        """Hang up."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _until(self, came: bytes, is_whole: Any) -> bytes:  # noqa: ANN401 a question to bytes
        while not is_whole(came):
            if self._open is None or not (piece := self._open.recv(_PIECE)):
                raise WrongAnswer("the connection ended in the middle of a page")
            came += piece
        return came


@dataclass
class Load:
    """What is to be done, and what was found."""

    port: int
    journeys: Iterator[dict[str, Any]]
    forms: list[dict[str, str]]
    """What is typed on each section's page, by variant."""
    turn: threading.Lock = field(default_factory=threading.Lock)
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)

    def answer(self) -> None:
        """Do journeys until none is left."""
        while True:
            with self.turn:
                journey = next(self.journeys, None)
            if journey is None or self.wrong:
                return
            connection = Connection(self.port)
            try:
                self._travel(connection, journey["link"], self.forms[journey["variant"]])
            except (OSError, WrongAnswer) as error:
                self.wrong.append(f"{journey['link']}: {error}")
            finally:
                connection.close()

    def _travel(self, connection: Connection, link: str, forms: dict[str, str]) -> None:
        self._get(connection, "GET link", link)
        at = self._post(connection, "POST start", link, "")
        while not at.endswith("/review"):
            path = at.partition("#")[0]
            section = path.rpartition("/")[2].partition("?")[0]
            page = self._get(connection, "GET section", path)
            form = f"page_token={_token(page)}&action=continue&{forms[section]}"
            at = self._post(connection, "POST section", path.partition("?")[0], form)
        page = self._get(connection, "GET review", at)
        target = f"{at.removesuffix('review')}submit"
        at = self._post(connection, "POST submit", target, f"page_token={_token(page)}")
        self._get(connection, "GET receipt", at)

    def _get(self, connection: Connection, kind: str, path: str) -> bytes:
        status, _, body = self._timed(connection, kind, "GET", path)
        if status != _OK:
            raise WrongAnswer(f"{kind} gave {status}")
        return body

    def _post(self, connection: Connection, kind: str, path: str, form: str) -> str:
        status, top, body = self._timed(connection, kind, "POST", path, form)
        if status != _SEE_OTHER:
            raise WrongAnswer(f"{kind} gave {status}: {body[:300]!r}")
        return _found(_LOCATION, top).decode()

    def _timed(self, connection: Connection, kind: str, *request: str) -> tuple[int, bytes, bytes]:
        started = time.perf_counter()
        got = connection.ask(*request)
        self.times[kind].append(round((time.perf_counter() - started) * 1000, 2))
        return got


def _found(pattern: re.Pattern[bytes], text: bytes) -> bytes:
    match = pattern.search(text)
    if match is None:
        raise WrongAnswer(f"there is no {pattern.pattern!r}")
    return match[1]


def _token(page: bytes) -> str:
    return quote(_found(_PAGE_TOKEN, page).decode(), safe="")


def main() -> None:
    """Do what standard input asks for; say what came of it."""
    asked = json.load(sys.stdin)
    load = Load(asked["port"], iter(asked["journeys"]), asked["forms"])
    clients = [threading.Thread(target=load.answer) for _ in range(asked["clients"])]
    wall, processor = time.perf_counter(), time.process_time()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    said = {
        "seconds": time.perf_counter() - wall,
        "cpu_s": time.process_time() - processor,
        "times": load.times,
        "wrong": load.wrong,
    }
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
