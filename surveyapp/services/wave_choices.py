"""What an owner may choose from when drafting a wave: questionnaires, views, kinds of relationships."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyapp.errors import Invalid
from surveyapp.models.accounts import Relationship
from surveyapp.models.definitions import QuestionnaireVersion
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import View, Wave
from surveyapp.questionnaires import catalogue
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.loading import canonical_json, from_canonical_json, sha256
from surveyapp.questionnaires.wording import locales
from surveyapp.services import contract, definitions


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A questionnaire that can be asked."""

    questionnaire: Questionnaire
    published: QuestionnaireVersion | None
    """None: in the library only; drafting a wave publishes it."""
    is_changed_since: bool = False
    """Whether the library now holds other content under this id and version."""

    @property
    def views(self) -> tuple[View, ...]:
        """Who may look at whom in it."""
        return tuple(View(view) for view in self.questionnaire.views)

    @property
    def languages(self) -> list[str]:
        """In which it can be answered, the one it was written in first."""
        return locales(self.questionnaire)

    def key(self, view: View) -> str:
        """Name the questionnaire and view as one choice of a form."""
        return f"{self.questionnaire.id}/{self.questionnaire.version}/{view.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """Every questionnaire, and which cannot be asked, with the reason."""

    choices: Sequence[Choice]
    refused: Sequence[str]

    def find(self, key: str) -> tuple[Choice, View] | None:
        """Return what ``Choice.key`` named; None for what is not offered."""
        for choice in self.choices:
            for view in choice.views:
                if choice.key(view) == key:
                    return choice, view
        return None

    def require(self, key: str) -> tuple[Choice, View]:
        """Return what ``Choice.key`` named. Raises Invalid for what is not offered."""
        found = self.find(key)
        if found is None:
            raise Invalid("Choose what is asked, and of whom.")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """The values that relationships of a programme have; empty text stands for those without one."""

    segments: tuple[str, ...]
    product_lines: tuple[str, ...]
    service_teams: tuple[str, ...]
    regions: tuple[str, ...]
    currencies: tuple[str, ...]


def library(session: Session, programme: Programme, *, folders: Iterable[Path]) -> Library:
    """List what can be asked: the newest of the library, then older versions the programme published."""
    entries = catalogue.entries(extra=folders)
    published = {
        (version.questionnaire_id, version.version): version
        for version in session.scalars(
            select(QuestionnaireVersion)
            .where(QuestionnaireVersion.programme_id == programme.id)
            .order_by(QuestionnaireVersion.questionnaire_id, QuestionnaireVersion.version.desc())
        )
    }
    broken = [
        f"{entry.id} in the library has problems. See them with: surveyapp questionnaires check"
        for entry in entries
        if entry.questionnaire is None
    ]
    choices = [
        *(_choice(entry.questionnaire, published) for entry in entries if entry.questionnaire),
        *(
            Choice(questionnaire=from_canonical_json(version.canonical_json), published=version)
            for version in published.values()
        ),
    ]
    offered = [each for each in choices if each.questionnaire.purpose == "perception"]
    refusals = [contract.unkept(each.questionnaire) for each in offered]
    return Library(
        choices=[each for each, no in zip(offered, refusals, strict=True) if not no],
        refused=[*broken, *filter(None, refusals)],
    )


def publish(
    session: Session, programme: Programme, choice: Choice, *, by: str, at: datetime
) -> QuestionnaireVersion:
    """Return the frozen version of a choice; one of the library is published now."""
    if choice.published is not None:
        return session.get_one(QuestionnaireVersion, choice.published.id)
    return definitions.publish(session, programme, choice.questionnaire, by=by, at=at)


def as_version(programme: Programme, choice: Choice) -> QuestionnaireVersion:
    """Return the version a choice would have, not stored: for looking before anything is saved."""
    return choice.published or QuestionnaireVersion(
        programme_id=programme.id,
        questionnaire_id=choice.questionnaire.id,
        version=choice.questionnaire.version,
        sha256=sha256(choice.questionnaire),
        canonical_json=canonical_json(choice.questionnaire),
    )


def last_key(session: Session, programme: Programme) -> str:
    """Return what the newest wave asks, as ``Choice.key`` does; empty before the first."""
    last = session.execute(
        select(QuestionnaireVersion.questionnaire_id, QuestionnaireVersion.version, Wave.view)
        .join(Wave, Wave.questionnaire_version_id == QuestionnaireVersion.id)
        .where(Wave.programme_id == programme.id)
        .order_by(Wave.created_at.desc(), Wave.id)
        .limit(1)
    ).first()
    return f"{last.questionnaire_id}/{last.version}/{last.view.value}" if last else ""


def kinds(session: Session, programme: Programme) -> Kinds:
    """Return what a programme's relationships can be told apart by, each value once, sorted."""
    found = session.execute(
        select(
            Relationship.segment,
            Relationship.product_line,
            Relationship.service_team,
            Relationship.region,
            Relationship.currency,
        )
        .where(Relationship.programme_id == programme.id)
        .distinct()
    ).all()
    columns: list[set[str]] = [set(column) for column in zip(*found, strict=True)] or [set()] * 5
    segments, product_lines, service_teams, regions, currencies = map(_told_apart, columns)
    return Kinds(
        segments=segments,
        product_lines=product_lines,
        service_teams=service_teams,
        regions=regions,
        currencies=tuple(each for each in currencies if each),
    )


def _choice(
    questionnaire: Questionnaire, published: dict[tuple[str, int], QuestionnaireVersion]
) -> Choice:
    """Take what the library holds, or what was published under its name before it was changed."""
    version = published.pop((questionnaire.id, questionnaire.version), None)
    if version is not None and version.sha256 != sha256(questionnaire):
        # same id and version, other content: publishing would be refused
        return Choice(
            questionnaire=from_canonical_json(version.canonical_json),
            published=version,
            is_changed_since=True,
        )
    return Choice(questionnaire=questionnaire, published=version)


def _told_apart(values: set[str]) -> tuple[str, ...]:
    """Offer values only where there is something to choose."""
    return tuple(sorted(values, key=str.casefold)) if values != {""} else ()
