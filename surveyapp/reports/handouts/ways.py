"""How each kind of question is answered, in words."""

from babel.numbers import format_decimal

from surveyapp.questionnaires.definition import (
    Assured,
    Calculated,
    Date,
    File,
    Grid,
    Item,
    LongText,
    MultipleChoice,
    Number,
    Option,
    Ranking,
    Rating,
    Recommendation,
    ShortText,
    SingleChoice,
)
from surveyapp.reports.words import Words


def of_option(option: Option, words: Words) -> str:
    """Say what can be chosen, and what is asked of whoever chooses it."""
    if not option.say:
        return option.label
    return words.say("%(label)s (then: %(asked)s)", label=option.label, asked=option.say)


def of_item(item: Item, words: Words) -> str:  # noqa: C901, PLR0911  # one case a kind
    """Say how an item is answered."""
    say = words.say
    match item:
        case Grid():
            return say("In each line, choose a point of the scale.")
        case Rating() | Recommendation():
            return say("Choose a point of the scale.")
        case SingleChoice() | Assured():
            return say("Choose one.")
        case MultipleChoice():
            return say("Choose as many as apply.")
        case Ranking():
            if item.most < len(item.options):
                return say("Give the first %(places)s places.", places=item.most)
            return say("Put these in order, the first one first.")
        case Number():
            return _number(item, words)
        case Date():
            return say("A date.")
        case File():
            return say("A file of at most %(most)s MB.", most=item.largest)
        case ShortText():
            return say("In a few words.")
        case LongText() | Calculated():
            return say("In your own words.")


def _number(item: Number, words: Words) -> str:
    low, high = (
        "" if end is None else format_decimal(end, locale=words.locale, decimal_quantization=False)
        for end in (item.min, item.max)
    )
    unit = f" {item.unit}" if item.unit else ""
    if low and high:
        return words.say("A number from %(low)s to %(high)s.", low=low, high=high + unit)
    if low:
        return words.say("A number of at least %(low)s.", low=low + unit)
    if high:
        return words.say("A number of at most %(high)s.", high=high + unit)
    return (
        words.say("A number (%(unit)s).", unit=item.unit) if item.unit else words.say("A number.")
    )
