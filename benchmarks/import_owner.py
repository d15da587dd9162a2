"""A programme owner at the import pages, for the programs that send what nobody should."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import httpx
from flask import Flask
from sqlalchemy import func, select

from surveyapp.extensions import reading, transaction
from surveyapp.models.accounts import Contact, Organisation, Relationship, Stakeholder
from tests.factories import make_programme
from tests.web.console_world import sign_in

KINDS: Final = (Organisation, Relationship, Contact, Stakeholder)
_TOKEN: Final = re.compile(r'name="csrf_token"\s+value="([^"]+)"')
_SELECT: Final = re.compile(r'<select[^>]*?name="([^"]+)".*?>(.*?)</select>', re.DOTALL)
_OPTION: Final = re.compile(r'<option([^>]*)value="([^"]*)"')
_PROGRAMME: Final = "kestrin"


class Owner:
    """Signed in, follows no redirect, keeps what every answer's status was."""

    def __init__(self, app: Flask, url: str) -> None:
        with transaction() as session:
            make_programme(session, slug=_PROGRAMME)
        cookie = sign_in(app, _PROGRAMME).get_cookie("session")
        if cookie is None:
            raise ValueError("Signing in gave no cookie.")
        self.http = httpx.Client(base_url=url, timeout=120, trust_env=False)
        # with its host, or the one that carries the form's token would stand beside it
        self.http.cookies.set("session", cookie.value, domain="127.0.0.1")
        self.path = f"/p/{_PROGRAMME}/imports"
        self.token = _TOKEN.findall(self.http.get(self.path).text)[0]

    def post(self, path: str, form: Mapping[str, str] | None = None) -> httpx.Response:
        """Send a form with the token."""
        return self.http.post(path, data={"csrf_token": self.token, **(form or {})})

    def upload(self, files: Sequence[tuple[str, bytes]]) -> httpx.Response:
        """Send files."""
        sent = [("files", (name, data)) for name, data in files]
        return self.http.post(self.path, data={"csrf_token": self.token}, files=sent)

    def close(self) -> None:
        """Let go of the connections."""
        self.http.close()


def offered(html: str) -> dict[str, tuple[str, list[str]]]:
    """What each select of a page is set to, and what else it offers."""
    found = {}
    for name, inside in _SELECT.findall(html):
        options = _OPTION.findall(inside)
        chosen = next((value for kept, value in options if "selected" in kept), "")
        found[name] = (chosen, [value for _kept, value in options])
    return found


def row_counts() -> tuple[int, ...]:
    """Count the rows of the four kinds."""
    with reading() as session:
        return tuple(session.scalar(select(func.count()).select_from(kind)) or 0 for kind in KINDS)
