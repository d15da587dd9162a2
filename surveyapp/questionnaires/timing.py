"""How long an item takes: what the promised minutes are held against, and shared out by."""

from typing import Final

from surveyapp.questionnaires.items import Date, File, Item, LongText, Number, Ranking, ShortText

SECONDS_A_TICK: Final = 7
SECONDS_A_FIGURE: Final = 15
SECONDS_A_TEXT: Final = 40


def seconds(item: Item) -> int:
    """Say how long a quick reader takes to answer this."""
    match item:
        case LongText() | File():
            return SECONDS_A_TEXT
        case Number() | Date() | ShortText():
            return SECONDS_A_FIGURE
        case Ranking():
            return SECONDS_A_TICK * item.most
        case _:
            return SECONDS_A_TICK * len(item.answer_ids)
