"""What the anonymity contract of a questionnaire means for its waves: one place that says so."""

from collections.abc import Sequence

from surveyapp.errors import WaveStateError
from surveyapp.models.definitions import QuestionnaireVersion
from surveyapp.models.waves import Wave, WaveState
from surveyapp.questionnaires.definition import Anonymity, Item, Questionnaire, Scored
from surveyapp.services import definitions


def of_version(version: QuestionnaireVersion) -> Anonymity:
    """Return the promise a published questionnaire makes."""
    return definitions.load(version, "").anonymity


def of_wave(wave: Wave) -> Anonymity:
    """Return the promise made to a wave's people; its questionnaire must be loaded."""
    return of_version(wave.questionnaire_version)


def keeps_pairs(wave: Wave) -> bool:
    """Tell whether one person's answers may be compared between waves or questionnaires."""
    return of_wave(wave) is not Anonymity.ANONYMOUS


def keeps_corrections(questionnaire: Questionnaire) -> bool:
    """Tell whether somebody may change what they have sent; said before the start."""
    return not has_anonymous_part(questionnaire)


def shows_names(anonymity: Anonymity) -> bool:
    """Tell whether a page may say of one person what they answered, or whether they did."""
    return anonymity is Anonymity.IDENTIFIED


def may_be_scored_open(wave: Wave) -> bool:
    """Tell whether results may be looked at while people still answer."""
    return of_wave(wave) is Anonymity.IDENTIFIED


def has_anonymous_part(questionnaire: Questionnaire) -> bool:
    """Tell whether answers are severed from people at the close, all or those to some items."""
    return questionnaire.anonymity is Anonymity.ANONYMOUS or bool(anonymous_items(questionnaire))


def anonymous_items(questionnaire: Questionnaire) -> Sequence[Item]:
    """Return the items that are anonymous while the questionnaire is not."""
    if questionnaire.anonymity is Anonymity.ANONYMOUS:
        return ()
    return [item for _, item in questionnaire.items() if item.anonymity is Anonymity.ANONYMOUS]


def unkept(questionnaire: Questionnaire) -> str:
    """Say why a promise could not be kept; empty when it can.

    A score of an identified person that rests on an anonymous answer too would give it away.
    """
    scored = [
        item.id
        for item in anonymous_items(questionnaire)
        if isinstance(item, Scored) and item.dimension
    ]
    if not scored:
        return ""
    return (
        f"{questionnaire.id} promises anonymity for {', '.join(scored)} and scores it with answers"
        " that keep their name: the score would give it away. Make the whole questionnaire"
        " anonymous, or leave the dimension out."
    )


def is_severed(wave: Wave) -> bool:
    """Tell whether a wave's people can no longer be told by whether they answered."""
    return wave.severed_at is not None and of_wave(wave) is Anonymity.ANONYMOUS


def require_scorable(wave: Wave) -> None:
    """Refuse to score what the contract does not let anybody see yet.

    Raises
    ------
    WaveStateError
        The wave makes a promise and is open, or its anonymous answers are not severed yet.
    """
    if wave.state is not WaveState.CLOSED and not may_be_scored_open(wave):
        raise WaveStateError(
            f"Wave {wave.slug} is {wave.state} and {of_wave(wave)}: it is scored after it closes."
        )
    if of_wave(wave) is Anonymity.ANONYMOUS and wave.severed_at is None:
        raise WaveStateError(
            f"The answers of wave {wave.slug} are not severed from people yet. A worker does that"
            " first, then they are scored."
        )
