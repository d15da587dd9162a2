"""One section as a page: its form, how far the respondent is, and what must be said beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import render_template

from surveyapp.questionnaires import rules
from surveyapp.questionnaires.answers import Value
from surveyapp.questionnaires.page_rules import page_rules
from surveyapp.services import merging
from surveyapp.services.responses import Answering
from surveyapp.services.submissions import Entry
from surveyapp.web.forms.questionnaire import Problem, SectionForm
from surveyapp.web.respond import addresses, cookies, page_tokens, switching, terms
from surveyapp.web.respond.blocks import blocks
from surveyapp.web.respond.progress import path_of, progress
from surveyapp.web.respond.words import in_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What a page shown again must say: why, and what is stored where it differs."""

    why: str = ""
    """"held", "stale" or "unchecked"; empty when nothing is special."""
    at: datetime | None = None
    stands: Mapping[str, str] | None = None
    """Answers stored now, in words, by answer id."""
    new: frozenset[str] = frozenset()
    """Ids of items that an answer on this page brought up."""


PLAIN = Remark()


def render(
    answering: Answering,
    form: SectionForm,
    *,
    remark: Remark = PLAIN,
    problems: list[Problem] | None = None,
) -> str:
    """Render the page with a fresh token for what is on it."""
    section_id = form.section.id
    saved = answering.saved.get(section_id)
    previous = rules.previous_on(path_of(answering), answering.questionnaire, section_id)
    client_rules = page_rules(
        answering.questionnaire, form.section, path_of(answering).answers, answering.sources
    )
    whole = form.with_waiting() if client_rules else form
    waiting = whole.shown - form.shown
    return render_template(
        "respond/section.html",
        **frame(answering),
        section=form.section,
        blocks=blocks(whole, waiting),
        client_rules=client_rules,
        progress=progress(answering, section_id),
        page_token=page_tokens.make(
            answering.assignment.slug,
            section_id,
            version=saved.version if saved else 0,
            shown=form.shown,
            base=merging.marks(form.answer_ids(), answering.answers),
        ),
        back=addresses.section(answering, previous.id) if previous else None,
        problems=problems or [],
        about={
            "remark": remark,
            "stands": remark.stands or {},
            "new": remark.new | waiting,
            **_required(answering, form),
        },
    )


def _assisted(answering: Answering) -> Entry | None:
    """Return who puts the answers in, where it is not the person themselves."""
    entry = cookies.entry(answering.assignment.slug)
    return entry if entry.by else None


def frame(answering: Answering) -> dict[str, object]:
    """What every page of an assignment is rendered with."""
    return {
        "answering": answering,
        "asker": answering.programme.asker,
        "data_note": answering.programme.data_note,
        "names": answering.names,
        "terms": terms.of(answering.wave, answering.programme, answering.questionnaire),
        "slug": answering.assignment.slug,
        "assisted": _assisted(answering),
        "content_language": answering.questionnaire.language,
        "languages": switching.choices(answering),
        "language_page": switching.page(),
    }


def differences(form: SectionForm, stored: Mapping[str, Value]) -> dict[str, str]:
    """Say in words what is stored where the page says something else; empty means nothing stored."""
    typed = form.answers()
    return {
        field.unit.id: in_words(field.unit, stored[field.unit.id])
        if field.unit.id in stored
        else ""
        for field in form
        if field.errors or typed.get(field.unit.id) != stored.get(field.unit.id)
    }


def _required(answering: Answering, form: SectionForm) -> dict[str, object]:
    """Tell which of the page's questions must be answered, and whether that is all, some or none."""
    items = form.items()
    required = {
        item.id for item in items if rules.is_required(path_of(answering), item, answering.sources)
    }
    how = "none" if not required else "all" if len(required) == len(items) else "some"
    return {"required": required, "how_required": how}
