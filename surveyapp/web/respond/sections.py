"""One section a page: show it, take it, and lose nothing that was typed."""

from flask import redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.errors import NotFound, WaveStateError
from surveyapp.extensions import state, transaction
from surveyapp.questionnaires import rules
from surveyapp.services import responses, uploads
from surveyapp.services.responses import Answering, StalePage
from surveyapp.web.forms.fields import PREFIX, as_typed
from surveyapp.web.forms.questionnaire import SectionForm, Typed
from surveyapp.web.guards import public
from surveyapp.web.respond import (
    addresses,
    cookies,
    holding,
    late_pages,
    page_tokens,
    progress,
    receiving,
    section_page,
    switching,
)
from surveyapp.web.respond.addresses import blueprint
from surveyapp.web.respond.page_tokens import BadPageToken, PageToken
from surveyapp.web.respond.section_page import Remark
from surveyapp.web.respond.states import (
    LinkNeeded,
    answering_again,
    answering_or_refusal,
    answering_whatever,
)

_KEY = "the browser's pass for this assignment is the key"


@blueprint.get("/<slug>/<section_id>")
@public(_KEY)
def show_section(slug: str, section_id: str) -> str:
    """Show a section as it stands, or as it was sent when a page of it is kept."""
    answering = answering_or_refusal(slug)
    shown = _shown_now(answering, section_id)
    if held := holding.newest(answering, section_id):
        return holding.show(answering, section_id, held, shown=shown)
    form = SectionForm(
        answering.questionnaire,
        answering.questionnaire.section(section_id),
        answering.answers,
        answering.sources,
        shown=shown,
        files=answering.files,
    )
    new = shown & set(request.args.getlist("new"))
    return section_page.render(answering, form, remark=Remark(new=frozenset(new)))


@blueprint.post("/<slug>/<section_id>")
@public("the form's signed token is the key to keep a page, the browser's pass to save it")
def save_section(slug: str, section_id: str) -> Response | tuple[str, int]:
    """Save a section, or show it again with what was typed and what to do."""
    receiving.allow_files(slug, section_id)
    signed = request.form.get(page_tokens.FIELD, "")
    try:
        token = page_tokens.read(signed, slug=slug, section_id=section_id)
    except BadPageToken:
        return _show_unchecked(slug, section_id)
    token = page_tokens.with_also(token, request.form.getlist(page_tokens.ALSO))
    if not cookies.is_let_in(slug):
        found = holding.find(token, at=utcnow())
        if late_pages.is_late(found):
            return late_pages.take(found, token, request.form)
        return holding.hold(token, request.form)
    answering = answering_whatever(slug)
    return _put_aside(answering, token) or _take(answering, token)


def _put_aside(answering: Answering, token: PageToken) -> Response | tuple[str, int] | None:
    """Deal with a page that cannot be saved now, whatever it says; None: it can."""
    if late_pages.is_late(answering):
        return late_pages.take(answering, token, request.form)
    return holding.hold(token, request.form) if answering.status == "paused" else None


def _take(answering: Answering, token: PageToken) -> Response | tuple[str, int]:
    """Save what was typed, or show it again with what is wrong or what stands there meanwhile."""
    slug = token.slug
    if language := switching.asked_for(answering):
        switching.keep(answering, language)
        answering = answering_again(slug)
    typed, refused = receiving.receive(answering, token)
    # what was kept just now is one of the files that an answer may name
    answering = answering_again(slug) if typed != request.form else answering
    form = _form(answering, token, typed)
    receiving.refuse(form, refused)
    is_stopping = request.form.get("action") == "stop"
    if not (is_stopping or language):
        form.require()
    if problems := form.problems():
        return section_page.render(answering, form.with_brought_up(), problems=problems), 422
    here = addresses.section(answering, token.section_id)
    if language and not section_page.differences(form, answering.answers):
        return redirect(here, 303)
    try:
        _save(answering, token, form)
    except StalePage as stale:
        return _show_stale(slug, token, stale, typed)
    except WaveStateError:
        # closed, paused or sent from elsewhere since the first look
        if put_aside := _put_aside(answering_whatever(slug), token):
            return put_aside
        raise
    target = here if language else _after(answering, form, is_stopping=is_stopping)
    return cookies.let_in(redirect(target, 303), slug)


def _save(answering: Answering, token: PageToken, form: SectionForm) -> None:
    """Save a page that is being left by its button."""
    files = [item.id for item in receiving.files_of(form.section)]
    with transaction() as session:
        saved = responses.save_section(
            session,
            token.slug,
            token.section_id,
            form.answers(),
            version=token.version,
            at=utcnow(),
            files=files,
            page=token.opened,
        )
    uploads.erase(state().store, answering.assignment.id, saved.gone)


def _after(answering: Answering, form: SectionForm, *, is_stopping: bool) -> str:
    if is_stopping:
        return url_for("respond.show_stopped", slug=answering.assignment.slug)
    if new := [item.id for item in form.brought_up()]:
        return addresses.section(answering, form.section.id, new=new)
    following = rules.next_on(form.path, answering.questionnaire, form.section.id)
    return addresses.section(answering, following.id) if following else addresses.review(answering)


def _shown_now(answering: Answering, section_id: str) -> frozenset[str]:
    """Return the ids of the section's items on the path. Raises NotFound when it is not on it."""
    items = [
        item.id
        for page in progress.path_of(answering).pages
        if page.section.id == section_id
        for item in page.items
    ]
    if not items:
        raise NotFound("There is no such section.")
    return frozenset(items)


def _form(answering: Answering, token: PageToken, typed: Typed) -> SectionForm:
    return SectionForm(
        answering.questionnaire,
        answering.questionnaire.section(token.section_id),
        answering.answers,
        answering.sources,
        shown=token.shown,
        typed=typed,
        files=answering.files,
    )


def _show_stale(slug: str, token: PageToken, stale: StalePage, typed: Typed) -> tuple[str, int]:
    """Show what was typed beside what another window saved meanwhile."""
    answering = answering_again(slug)
    # what only the other window changed is shown as it is now
    shown: Typed = MultiDict(typed)
    for answer_id in stale.elsewhere:
        again = as_typed(stale.current.get(answer_id))
        shown.setlist(PREFIX + answer_id, again if isinstance(again, list) else [again])
    form = _form(answering, token, shown).with_brought_up()
    stands = section_page.differences(form, answering.answers)
    remark = Remark(why="stale", at=stale.saved_at, stands=stands)
    return section_page.render(answering, form, remark=remark), 409


def _show_unchecked(slug: str, section_id: str) -> Response | tuple[str, int]:
    """Show the page again when its token is missing, foreign or too old: nothing was saved."""
    if not cookies.is_let_in(slug):
        raise LinkNeeded("Open your link again.")
    answering = answering_whatever(slug)
    shown = _shown_now(answering, section_id)
    token = PageToken(slug, section_id, 0, shown)
    token = page_tokens.with_also(token, request.form.getlist(page_tokens.ALSO))
    if put_aside := _put_aside(answering, token):
        return put_aside
    form = _form(answering, token, request.form).with_brought_up()
    # the page may be older than what another device saved since: that must not go unseen
    is_saved = section_id in answering.saved
    stands = section_page.differences(form, answering.answers) if is_saved else None
    return section_page.render(answering, form, remark=Remark(why="unchecked", stands=stands)), 400
