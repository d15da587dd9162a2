"""A little Markdown: what it makes of a text, and that it never loses or adds a word."""

from hypothesis import given
from hypothesis import strategies as st

from surveyapp.delivery import prose
from surveyapp.delivery.prose import Block, Words


def test_paragraphs_lists_and_bold_words_are_told_apart() -> None:
    text = "You asked for **one** contact.\nYou have it:\n- Lena Maurer\n* from **May** on\n\nThank you."
    assert prose.parse(text) == [
        Block(
            [
                [Words("You asked for "), Words("one", is_bold=True), Words(" contact.")],
                [Words("You have it:")],
            ]
        ),
        Block(
            [
                [Words("Lena Maurer")],
                [Words("from "), Words("May", is_bold=True), Words(" on")],
            ],
            is_list=True,
        ),
        Block([[Words("Thank you.")]]),
    ]
    assert prose.plain(text) == [
        "You asked for one contact.\nYou have it:",
        "- Lena Maurer\n- from May on",
        "Thank you.",
    ]


def test_what_is_no_mark_stays_as_it_was_typed() -> None:
    for text in ("2 ** 3 and **", "-5 degrees", "<b>{name}</b> [x](http://y)", "a*b*c", "****"):
        assert prose.plain(text) == [text]
    assert prose.parse(" \n \n") == []


@given(st.text(alphabet="ab *-\n<{", max_size=60))
def test_no_letter_is_lost_but_marks_and_spaces(text: str) -> None:
    def letters(said: str) -> str:
        return "".join(each for each in said if each in "ab<{")

    assert letters("".join(prose.plain(text))) == letters(text)
