"""The sentences of a scorecard, made from its numbers by the rules stated at each function.

The voice is active and short: what we know, then how well we know it.
"""

from typing import Final

from surveyapp.reports.context import ClimateRow, ScorecardContext
from surveyapp.reports.numbers import Numbers

ASSUMED = "Assumed, not estimated: too few answers to tell people from relationships."
_MOST_NAMED: Final = 3
_MOST_COLD: Final = 2
_LONGEST_NAME: Final = 48


def headline(card: ScorecardContext, numbers: Numbers) -> str:
    """The finding: the call with its chance, who has not spoken, or why there is no score.

    At risk names the chance of the two lower levels; not at risk names the level; cannot tell yet
    names how many answered. Silent deciders and the coldest climate are added.
    """
    buyer = short_name(card.buyer)
    if card.standing == "silent":
        return _nobody(card, numbers)
    if card.standing == "unscored":
        return _nothing_to_score(card, numbers)
    if card.standing == "suppressed":
        kept = f"Answers from fewer than {card.method.minimum_answers} people are kept confidential"
        return f"{kept}, so {buyer} has no score here."
    if card.call == "at risk":
        finding = f"{buyer} is at risk: {cold_chance(card, numbers)}{_deciders(card)}."
    elif card.call == "not at risk":
        level = "its level is wide open" if card.label == "wide open" else card.label
        finding = f"{buyer} is not at risk: {level}{_deciders(card)}."
    else:
        answered = _answered(card, numbers)
        finding = f"We cannot tell yet whether {buyer} is at risk: {answered}{_deciders(card)}."
    return finding + _coldest(card, numbers)


def cold_chance(card: ScorecardContext, numbers: Numbers) -> str:
    """The chance of the two lower levels, in words."""
    cold = sum(card.chances[:2]) if card.chances else 0.0
    return f"{numbers.chance(cold)} that it is no warmer than {card.levels.names[1]}"


def _coldest(card: ScorecardContext, numbers: Numbers) -> str:
    """Name the one or two coldest dimensions whose whole bar lies below the reference."""
    cold = [row for row in card.climate if against_reference(row) == "colder"]
    cold.sort(key=lambda row: row.score.value if row.score else 0.0)
    if not cold:
        return ""
    return f" It is coldest on {numbers.listed([row.label for row in cold[:_MOST_COLD]])}."


def short_name(name: str) -> str:
    """A name for a headline: long ones end in an ellipsis, the full name stands above it."""
    if len(name) <= _LONGEST_NAME:
        return name
    kept = name[: _LONGEST_NAME - 1]
    return kept[: kept.rfind(" ")].rstrip(" ,;") + "…" if " " in kept else kept + "…"


def _nobody(card: ScorecardContext, numbers: Numbers) -> str:
    buyer = short_name(card.buyer)
    if card.invited == 0:
        return f"Nobody at {buyer} has been asked, so there is no score."
    if card.invited == 1:
        return f"Nobody at {buyer} has answered yet: one person was asked."
    asked = numbers.count(card.invited)
    return f"Nobody at {buyer} has answered yet: {asked} people were asked."


def _nothing_to_score(card: ScorecardContext, numbers: Numbers) -> str:
    """Say who answered without an answer that counts, so that it does not read as silence."""
    buyer = short_name(card.buyer)
    if card.invited == card.answered == 1:
        return f"The one person asked at {buyer} answered, but nothing that can be scored."
    answered = f"{numbers.count(card.answered)} of {numbers.count(card.invited)} people"
    return f"{answered} at {buyer} answered, but nothing that can be scored."


def _answered(card: ScorecardContext, numbers: Numbers) -> str:
    if card.seq is not None and card.invited == 0:
        return f"{numbers.count(card.seq.n)} answered"
    if card.invited == card.answered == 1:
        return "one person was asked and answered"
    return f"{numbers.count(card.answered)} of {numbers.count(card.invited)} answered"


def _deciders(card: ScorecardContext) -> str:
    """Name silent deciders: asked, and none answered."""
    answered, asked = card.deciders
    if asked == 0 or answered > 0:
        return ""
    if asked == 1:
        return ", and its decider has not answered"
    return f", and none of its {asked} deciders has answered"


def certainty(card: ScorecardContext, numbers: Numbers) -> str:
    """How well SEQ is known, for example "We are 90% sure it lies between 40 and 54."."""
    if card.seq is None:
        return ""
    sure = numbers.percent(card.method.confidence)
    low, high = numbers.score(card.seq.low), numbers.score(card.seq.high)
    return f"We are {sure} sure it lies between {low} and {high}."


def call(card: ScorecardContext) -> str:
    """The call as a sentence; nothing is said without answers that may be shown."""
    if card.call is None:
        return "No score"
    return f"{card.call[0].upper()}{card.call[1:]}"


def level(card: ScorecardContext) -> str:
    """The level in words, by the rule that names one level, two neighbours or none."""
    if card.standing != "shown":
        why = why_no_bar(card.standing, card.method.minimum_answers)
        return f"{why[0].upper()}{why[1:]}"
    if card.label == "wide open":
        return "Wide open: no two neighbouring levels reach 80 in 100"
    return f"{card.label[0].upper()}{card.label[1:]}"


def not_shown(minimum: int) -> str:
    """Why a number is hidden."""
    return f"not shown: fewer than {minimum} answers"


def why_no_bar(standing: str, minimum: int) -> str:
    """What stands in the place of a bar."""
    match standing:
        case "suppressed":
            return not_shown(minimum)
        case "unscored":
            return "no answers that can be scored"
        case _:
            return "no answers yet"


def anchor(card: ScorecardContext, numbers: Numbers) -> str:
    """The absolute anchor beside the relative score."""
    if card.below_midpoint is None:
        return ""
    chance = numbers.chance(card.below_midpoint)
    return f"Without any comparison: {chance} that true attitude is below the middle of the scale."


def against_reference(row: ClimateRow) -> str:
    """Colder or warmer than the reference when the whole bar lies on one side of its mean."""
    if row.score is None:
        return ""
    if row.score.high < row.reference:
        return "colder"
    if row.score.low > row.reference:
        return "warmer"
    return "no difference we can tell"


def climate_finding(card: ScorecardContext) -> str:
    """Which dimensions differ from the reference; up to three by name, else how many."""
    shown = [row for row in card.climate if row.score is not None]
    if not shown:
        standings = {row.standing for row in card.climate}
        if "suppressed" in standings:
            return "Climate: too few answers to show"
        standing = "unscored" if "unscored" in standings else "silent"
        return f"Climate: {why_no_bar(standing, card.method.minimum_answers)}"
    parts = [
        _differing(
            [row.label for row in shown if against_reference(row) == word], word, shown, card
        )
        for word in ("colder", "warmer")
    ]
    told = [part for part in parts if part]
    if not told:
        return "Climate: no difference from the reference that we can tell"
    return f"Climate: {'; '.join(told)} than the reference"


def _differing(
    labels: list[str], word: str, shown: list[ClimateRow], card: ScorecardContext
) -> str:
    if not labels:
        return ""
    named = Numbers(card.locale).listed(labels)
    if len(labels) > _MOST_NAMED:
        named = f"{len(labels)} of {len(shown)} dimensions"
    return f"{named} {'is' if len(labels) == 1 else 'are'} {word}"


def silent_deciders(card: ScorecardContext) -> str:
    """Say whose part is filled in when deciders were asked and none answered."""
    answered, asked = card.deciders
    if asked == 0 or answered > 0 or card.seq is None:
        return ""
    who = "The decider is silent; that" if asked == 1 else f"All {asked} deciders are silent; their"
    return f"{who} part is filled from the reference set and their colleagues' answers."
