"""Somebody who answers everything a page asks, by the kind of each field, and remembers what they said."""

import hashlib
import io
from dataclasses import dataclass, field
from typing import Any, Literal

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from surveyapp.questionnaires import answers
from surveyapp.questionnaires.answers import Unit
from surveyapp.questionnaires.definition import Questionnaire
from tests.conftest import Checked
from tests.web.walker import main_form

Temper = Literal["cold", "warm"]
PDF = b"%PDF-1.7\nA certificate of "
LINE_BREAK = "\r\n"
"""How browsers send it, whatever was typed."""


@dataclass
class Filler:
    """Answers as one kind of person would: cold takes the first of everything, warm the last."""

    questionnaire: Questionnaire
    temper: Temper
    said: dict[str, Any] = field(default_factory=dict)
    """What was said, by the id of the answer, as it must be stored."""

    def __post_init__(self) -> None:
        self.units = answers.units(self.questionnaire)

    def send(self, client: FlaskClient, page: Checked) -> TestResponse:
        """Fill every field of a page and press "Save and continue"."""
        form: MultiDict[str, object] = MultiDict(page.as_posted())
        form["action"] = "continue"
        for name, fields in self._asked(page).items():
            unit = self.units[name.removeprefix("q_")]
            typed, stored = self.answer(unit, [each.get("value") or "" for each in fields])
            form.setlist(name, typed)
            self.said[unit.id] = stored
        response = client.post(main_form(page), data=form, content_type="multipart/form-data")
        response.request.environ["wsgi.input"].close()
        return response

    def _asked(self, page: Checked) -> dict[str, list[dict[str, str | None]]]:
        # an option's own line stands between the options
        asked: dict[str, list[dict[str, str | None]]] = {}
        for tag, given in page.fields:
            name = given.get("name") or ""
            if tag != "hidden" and name.startswith("q_"):
                asked.setdefault(name, []).append(given)
        return asked

    def answer(  # noqa: PLR0911 one return a kind
        self, unit: Unit, offered: list[str]
    ) -> tuple[list[object], Any]:
        """Return what to type for a question, and what must be stored for it."""
        way_out = unit.escape.code if unit.escape else None
        offered = [each for each in offered if each not in ("", way_out, "remove")]
        match unit.item.kind:
            case "rating" | "grid" | "recommendation":
                point = self._one_of(offered)
                return [point], int(point)
            case "single_choice" | "assured":
                code = self._one_of(offered)
                return [code], code
            case "multiple_choice":
                codes = offered if self.temper == "warm" else offered[:1]
                return list(codes), codes
            case "ranking":
                codes = [option.code for option in unit.options]
                order = (codes if self.temper == "cold" else codes[::-1])[: unit.item.most]
                return [f"{place}:{code}" for place, code in enumerate(order, 1)], order
            case "number":
                return self._number(unit)
            case "date":
                return ["2020-02-29"], "2020-02-29"
            case "short_text":
                words = f"Größe “{unit.id}” 品質 <b>&amp;"[: unit.item.max_length]
                return [words], words
            case "text":
                words = f"Erste Zeile zu {unit.id}.{LINE_BREAK}\u200fשלכם & <i>third</i>"
                return [words], words.replace(LINE_BREAK, "\n")
            case "file":
                content = PDF + unit.id.encode()
                sha256 = hashlib.sha256(content).hexdigest()
                name = f"{unit.id.replace('@', '-')}.pdf"
                return [(io.BytesIO(content), name)], {"name": name, "sha256": sha256}
            case kind:
                raise NotImplementedError(f"Nobody knows how to answer a {kind}.")

    def _one_of(self, offered: list[str]) -> str:
        return offered[-1 if self.temper == "warm" else 0]

    def _number(self, unit: Unit) -> tuple[list[object], float]:
        whole = unit.item.min or 0 if self.temper == "cold" else unit.item.max or 1200
        if unit.item.decimals and unit.item.max is None:
            return [f"{whole},5"], whole + 0.5
        return [f"{whole}"], whole

    def stands(self) -> dict[str, Any]:
        """What must be stored: words of an option count while it is chosen."""
        return {key: value for key, value in self.said.items() if self._counts(key)}

    def _counts(self, answer_id: str) -> bool:
        about = self.units[answer_id].said_with
        if not about or about == "comment":
            return True
        chosen = self.said[answer_id.rpartition(".")[0]]
        return about in chosen if isinstance(chosen, list) else about == chosen
