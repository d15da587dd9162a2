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
    names how many answered. Silent deciders are added, then what fell since the last wave by more
    than chance explains, or where nothing did the coldest climate.
    """
    subject, within = _subject(card, numbers)
    if card.standing == "silent":
        return _nobody(card, numbers)
    if card.standing == "unscored":
        return _nothing_to_score(card, numbers)
    if card.standing == "suppressed":
        return numbers.say(
            "Answers from fewer than %(minimum)s people are kept confidential, so %(buyer)s has no "
            "score here.",
            minimum=card.method.minimum_answers,
            buyer=within,
        )
    deciders = _deciders(card, numbers)
    if card.call == "at risk":
        chance = cold_chance(card, numbers)
        finding = numbers.say("%(buyer)s is at risk: %(chance)s", buyer=subject, chance=chance)
    elif card.call == "not at risk":
        is_open = card.label == "wide open"
        level = numbers.say("its level is wide open") if is_open else label(card, numbers)
        finding = numbers.say("%(buyer)s is not at risk: %(level)s", buyer=subject, level=level)
    else:
        finding = numbers.say(
            "We cannot tell yet whether %(buyer)s is at risk: %(answered)s",
            buyer=within,
            answered=_answered(card, numbers),
        )
    return f"{finding}{deciders}.{_fallen(card, numbers) or _coldest(card, numbers)}"


def _subject(card: ScorecardContext, numbers: Numbers) -> tuple[str, str]:
    """Name what the headline is about, to begin a sentence with and to stand within one."""
    if card.subject == "buyer":
        return short_name(card.buyer), short_name(card.buyer)
    name = short_name(card.supplier)
    return (
        numbers.say("The relationship with %(name)s", name=name),
        numbers.say("the relationship with %(name)s", name=name),
    )


def cold_chance(card: ScorecardContext, numbers: Numbers) -> str:
    """The chance of the two lower levels, in words."""
    cold = sum(card.chances[:2]) if card.chances else 0.0
    return numbers.say(
        "%(chance)s that it is no warmer than %(level)s",
        chance=numbers.chance(cold),
        level=numbers.term(card.levels.names[1]),
    )


def label(card: ScorecardContext, numbers: Numbers) -> str:
    """The level in the reader's words: one name, or two neighbours and the nearer one."""
    pair, _, nearer = card.label.partition(", nearer ")
    names = pair.split(" or ")
    if len(names) != 2 or not nearer:  # noqa: PLR2004  # two neighbours
        return numbers.term(card.label)
    return numbers.say(
        "%(low)s or %(high)s, nearer %(nearer)s",
        low=numbers.term(names[0]),
        high=numbers.term(names[1]),
        nearer=numbers.term(nearer),
    )


def _fallen(card: ScorecardContext, numbers: Numbers) -> str:
    """Name the one or two dimensions that fell most, by more than chance explains."""
    fell = [
        (row.change.size, numbers.term(row.label))
        for row in card.climate
        if row.change and row.change.is_beyond_chance and row.change.size < 0
    ]
    names = [name for _, name in sorted(fell)[:_MOST_COLD]]
    if not names:
        return ""
    listed = numbers.listed(names)
    return " " + numbers.say_count(
        "%(names)s fell, more than chance explains.",
        "%(names)s fell more than chance explains.",
        len(names),
        names=listed,
    )


def _coldest(card: ScorecardContext, numbers: Numbers) -> str:
    """Name the one or two coldest dimensions whose whole bar lies below the reference."""
    cold = [row for row in card.climate if against_reference(row) == "colder"]
    cold.sort(key=lambda row: row.score.value if row.score else 0.0)
    if not cold:
        return ""
    names = numbers.listed([numbers.term(row.label) for row in cold[:_MOST_COLD]])
    return " " + numbers.say("It is coldest on %(names)s.", names=names)


def short_name(name: str, longest: int = _LONGEST_NAME) -> str:
    """A name for a headline: long ones end in an ellipsis, the full name stands above it."""
    if len(name) <= longest:
        return name
    kept = name[: longest - 1]
    return kept[: kept.rfind(" ")].rstrip(" ,;") + "…" if " " in kept else kept + "…"


def _nobody(card: ScorecardContext, numbers: Numbers) -> str:
    buyer = short_name(card.buyer)
    if card.invited == 0:
        return numbers.say("Nobody at %(buyer)s has been asked, so there is no score.", buyer=buyer)
    return numbers.say_count(
        "Nobody at %(buyer)s has answered yet: one person was asked.",
        "Nobody at %(buyer)s has answered yet: %(count)s people were asked.",
        card.invited,
        buyer=buyer,
        count=numbers.count(card.invited),
    )


def _nothing_to_score(card: ScorecardContext, numbers: Numbers) -> str:
    """Say who answered without an answer that counts, so that it does not read as silence."""
    buyer = short_name(card.buyer)
    if card.invited == card.answered == 1:
        return numbers.say(
            "The one person asked at %(buyer)s answered, but nothing that can be scored.",
            buyer=buyer,
        )
    return numbers.say(
        "%(answered)s of %(invited)s people at %(buyer)s answered, but nothing that can be scored.",
        answered=numbers.count(card.answered),
        invited=numbers.count(card.invited),
        buyer=buyer,
    )


def _answered(card: ScorecardContext, numbers: Numbers) -> str:
    if card.seq is not None and card.invited == 0:
        return numbers.say("%(count)s answered", count=numbers.count(card.seq.n))
    if card.invited == card.answered == 1:
        return numbers.say("one person was asked and answered")
    return numbers.say(
        "%(answered)s of %(invited)s answered",
        answered=numbers.count(card.answered),
        invited=numbers.count(card.invited),
    )


def _deciders(card: ScorecardContext, numbers: Numbers) -> str:
    """Name silent deciders: asked, and none answered."""
    answered, asked = card.deciders
    if asked == 0 or answered > 0:
        return ""
    return numbers.say_count(
        ", and its decider has not answered",
        ", and none of its %(count)s deciders has answered",
        asked,
        count=asked,
    )


def certainty(card: ScorecardContext, numbers: Numbers) -> str:
    """How well SEQ is known, for example "We are 90% sure it lies between 40 and 54."."""
    if card.seq is None:
        return ""
    return numbers.say(
        "We are %(sure)s sure it lies between %(low)s and %(high)s.",
        sure=numbers.percent(card.method.confidence),
        low=numbers.score(card.seq.low),
        high=numbers.score(card.seq.high),
    )


def call(card: ScorecardContext, numbers: Numbers) -> str:
    """The call as a sentence; nothing is said without answers that may be shown."""
    return numbers.say("No score") if card.call is None else _capital(numbers.term(card.call))


def level(card: ScorecardContext, numbers: Numbers) -> str:
    """The level in words, by the rule that names one level, two neighbours or none."""
    if card.standing != "shown":
        return _capital(why_no_bar(card.standing, card.method.minimum_answers, numbers))
    if card.label == "wide open":
        return numbers.say("Wide open: no two neighbouring levels reach 80 in 100")
    return _capital(label(card, numbers))


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def why_no_bar(standing: str, minimum: int, numbers: Numbers) -> str:
    """What stands in the place of a bar."""
    match standing:
        case "suppressed":
            return numbers.say("not shown: fewer than %(minimum)s answers", minimum=minimum)
        case "unscored":
            return numbers.say("no answers that can be scored")
        case _:
            return numbers.say("no answers yet")


def anchor(card: ScorecardContext, numbers: Numbers) -> str:
    """The absolute anchor beside the relative score."""
    if card.below_midpoint is None:
        return ""
    return numbers.say(
        "Without any comparison: %(chance)s that true attitude is below the middle of the scale.",
        chance=numbers.chance(card.below_midpoint),
    )


def against_reference(row: ClimateRow) -> str:
    """Colder or warmer than the reference when the whole bar lies on one side of its mean."""
    if row.score is None:
        return ""
    if row.score.high < row.reference:
        return "colder"
    if row.score.low > row.reference:
        return "warmer"
    return "no difference we can tell"


def climate_finding(card: ScorecardContext, numbers: Numbers) -> str:
    """Which dimensions differ from the reference; up to three by name, else how many."""
    shown = [row for row in card.climate if row.score is not None]
    if not shown:
        standings = {row.standing for row in card.climate}
        if "suppressed" in standings:
            return numbers.say("Climate: too few answers to show")
        standing = "unscored" if "unscored" in standings else "silent"
        why = why_no_bar(standing, card.method.minimum_answers, numbers)
        return numbers.say("Climate: %(finding)s", finding=why)
    colder, warmer = (_names(shown, word, numbers) for word in ("colder", "warmer"))
    told = [
        numbers.say_count("%(names)s is colder", "%(names)s are colder", colder[0], names=colder[1])
        if colder[0]
        else "",
        numbers.say_count("%(names)s is warmer", "%(names)s are warmer", warmer[0], names=warmer[1])
        if warmer[0]
        else "",
    ]
    if not any(told):
        return numbers.say("Climate: no difference from the reference that we can tell")
    finding = "; ".join(part for part in told if part)
    return numbers.say("Climate: %(finding)s than the reference", finding=finding)


def _names(shown: list[ClimateRow], word: str, numbers: Numbers) -> tuple[int, str]:
    """How many differ, and their names or their number."""
    names = [numbers.term(row.label) for row in shown if against_reference(row) == word]
    if len(names) <= _MOST_NAMED:
        return len(names), numbers.listed(names)
    told = numbers.say("%(count)s of %(all)s dimensions", count=len(names), all=len(shown))
    return len(names), told


def silent_deciders(card: ScorecardContext, numbers: Numbers) -> str:
    """Say whose part is filled in when deciders were asked and none answered."""
    answered, asked = card.deciders
    if asked == 0 or answered > 0 or card.seq is None:
        return ""
    return numbers.say_count(
        "The decider is silent; that part is filled from the reference set and their colleagues' "
        "answers.",
        "All %(count)s deciders are silent; their part is filled from the reference set and their "
        "colleagues' answers.",
        asked,
        count=asked,
    )
