"""Whatever an author gets wrong, check names the place and the remedy."""

from collections.abc import Callable
from pathlib import Path

import pytest

from surveyapp.questionnaires.checking import check

Edit = Callable[..., Path]


def found(folder: Path) -> list[str]:
    """Problems as "file:line:column: sentence", without the folder."""
    return [str(problem).removeprefix(f"{folder}/") for problem in check(folder)]


# old text, new text, where the problem must point (at ¦; None: at ¦ in the new text), its sentence
Case = tuple[str, str, str | None, str]
SHAPE: dict[str, Case] = {
    "doubled key": (
        "version: 2",
        "version: 2\n¦version: 3",
        None,
        "version stands here a second time; first in line 2. Keep one.",
    ),
    "anchor": ("title: Every kind", "title: ¦&t Every kind", None, "Anchors (&) are not allowed."),
    "alias": ("title: Every kind of item", "title: ¦*t", None, "Aliases (*) are not allowed."),
    "tag": ("version: 2", "version: ¦!!int 2", None, "Tags (!) are not allowed. Remove it"),
    "unclosed quote": (
        "levels: {",
        'levels: ¦"{',
        None,
        "A quote or bracket that was opened is not",
    ),
    "unclosed bracket": (
        "authors: [surveyapp]",
        "authors: [surveyapp",
        "licence¦:",
        "A comma or the",
    ),
    "second colon": (
        "title: Every kind of item",
        "title: Every kind¦: of item",
        None,
        "There is a second colon on this line, or the indentation is off.",
    ),
    "unquoted placeholder": (
        'text: "{them} are honest."',
        "text: {them} ¦are honest.",
        None,
        '{them} and {us} must stand in quotes here: "{them} deliver on time."',
    ),
    "unquoted placeholder in brackets": (
        '{id: fast, text: "{them} are fast."}',
        "{id: fast, text: How fast {them} are.}",
        "{id: fast, text: How fast ¦{them} are.}",
        "{them} and {us} must stand in quotes here",
    ),
    "wrong indentation": (
        "    title: First\n",
        "     title¦: First\n",
        None,
        "There is a second colon on this line, or the indentation is off.",
    ),
    "tab for indentation": ("    title: First\n", "¦\ttitle: First\n", None, "ndent with spaces"),
    "second document": ("scoring:", "¦---\nscoring:", None, "A second document begins here."),
    "unknown key": (
        "title: Every kind of item",
        "¦titel: Every kind of item",
        None,
        "titel is not known here. Did you mean title? Known are anonymity, assured, authors",
    ),
    "missing key": (
        "purpose: perception\n",
        "",
        "¦id: every-kind",
        "purpose is missing here. Add it.",
    ),
    "unknown key of an item": (
        "        short: Honest",
        "        ¦shrt: Honest",
        None,
        "shrt is not known here. Did you mean short? Known are anonymity, comment, dimension",
    ),
    "key of a later version": (
        "        required: true",
        "        ¦weight: 5",
        None,
        "weight is not supported by this version of surveyapp. Remove it.",
    ),
    "missing key of a row": (
        'id: fast, text: "{them} are fast."',
        "id: fast",
        "- ¦{id: fast}",
        "text is missing here. Add it.",
    ),
    "yes for true": (
        "required: true",
        "required: ¦yes",
        None,
        "required must be true or false (yes and no are ordinary words here).",
    ),
    "number in quotes": (
        "version: 2",
        'version: "¦2"',
        None,
        "version must be a whole number, without quotes.",
    ),
    "number that YAML would call octal": (
        "minutes: 3",
        "minutes: ¦010",
        None,
        "must be a whole number",
    ),
    "text that is a number": (
        "licence: CC0-1.0",
        "licence: ¦4",
        None,
        "licence must be a text. Put it in",
    ),
    "not a list": (
        "authors: [surveyapp]",
        "authors: ¦surveyapp",
        None,
        "authors must be a list: lines",
    ),
    "not a block": (
        "levels: {cuts: seed-words}",
        "levels: ¦seed",
        None,
        "levels must be a block of lines",
    ),
    "unknown kind": (
        "kind: rating",
        "kind: ratings",
        "- ¦id: honest",
        "There is no kind ratings. Did you mean rating? Kinds are rating, grid,",
    ),
    "no kind": (
        "        kind: date\n",
        "",
        "- ¦id: since",
        "Say what kind of item this is, for example kind: rating.",
    ),
    "capital in an id": (
        "- id: honest",
        "- id: ¦Honest",
        None,
        "'Honest' cannot be used. An id begins with a small letter and holds only",
    ),
    "underscore in the questionnaire's id": (
        "id: every-kind",
        "id: ¦every_kind",
        None,
        "'every_kind' cannot be used. The id of a questionnaire holds small letters",
    ),
    "unknown purpose": (
        "purpose: perception",
        "purpose: ¦perceptions",
        None,
        "purpose must be 'perception' or 'risk'. Did you mean perception?",
    ),
    "short too long": (
        "short: Honest",
        f"short: ¦{'x' * 41}",
        None,
        "short is 41 characters long; 40 are allowed. Shorten it.",
    ),
    "empty text": ("text: Since when?", "text: '¦'", None, "text is empty. Write something"),
    "no items": (
        "views: [buyer-on-supplier]",
        "views: ¦[]",
        None,
        "views needs at least 1; there are 0.",
    ),
    "points above 1": (
        "points: 1}",
        "points: ¦2}",
        None,
        "points is 2, which is out of range: less than",
    ),
    "expression that does not parse": (
        "visible_if: honest <= 3 or fast <= 3",
        "visible_if: honest <= 3 or ¦= fast",
        None,
        "= cannot stand here. Write == to compare.",
    ),
    "expression in quotes that does not parse": (
        "visible_if: honest <= 3 or fast <= 3",
        'visible_if: "honest <= 3 ¦fast <= 3"',
        None,
        "fast is not expected here. Join conditions with and, or.",
    ),
    "translations in the main file": (
        "scoring:",
        "¦translations: {de: {}}\nscoring:",
        None,
        "Translations stand in files of their own, such as de.yaml. Move them there.",
    ),
    "id inside a scale": (
        "    points: [1, 2, 3, 4, 5]",
        "    ¦id: other\n    points: [1, 2, 3, 4, 5]",
        None,
        "The name before the colon, agree5, is the id. Remove this line.",
    ),
}
MEANING: dict[str, Case] = {
    "doubled id": (
        "id: late, text",
        "id: ¦honest, text",
        None,
        "The id honest is taken already, in line 28. Ids are unique; choose another.",
    ),
    "doubled section": (
        "- id: second\n    title",
        "- id: ¦first\n    title",
        "- id: ¦first\n    title: Second",
        "The id first is taken already, in line 24.",
    ),
    "id that is a word of the language": (
        "- id: since",
        "- id: ¦count",
        None,
        "count is a word of the expression language. Choose another id.",
    ),
    "section named like another page": (
        "- id: second\n    title",
        "- id: ¦review\n    title",
        None,
        "review is the address of another page. Choose another id for the section.",
    ),
    "unknown scale": (
        "kind: grid\n        scale: agree5",
        "kind: grid\n        scale: ¦agree6",
        None,
        "There is no scale agree6. Did you mean agree5?",
    ),
    "unknown dimension": (
        "kind: single_choice\n        dimension: trust",
        "kind: single_choice\n        dimension: ¦trst",
        None,
        "There is no dimension trst. Did you mean trust?",
    ),
    "dimension without items": (
        "  speed: {",
        "  ¦haste: {label: Haste, kind: climate}\n  speed: {",
        None,
        "No item measures haste. Give it an item, or remove it.",
    ),
    "reverse without dimension": (
        "        text: Since when?",
        "        text: Since when?\n      - {id: odd, kind: rating, scale: agree5, text: Odd., reverse: ¦true}",
        None,
        "reverse counts only where the item names its dimension. Add it, or remove reverse.",
    ),
    "points out of order": (
        "[1, 2, 3, 4, 5]",
        "¦[1, 3, 2, 4, 5]",
        None,
        "Points must rise, each one once",
    ),
    "label of no point": (
        "labels: {1: Disagree",
        "labels: {¦0: Disagree",
        None,
        "The label 0 belongs to no point of this scale. Remove it or add the point.",
    ),
    "doubled code": (
        "code: perhaps, label: Perhaps",
        "code: ¦yes, label: Really",
        None,
        "The code yes is used twice. Each option has its own.",
    ),
    "escape like an option": (
        "escape: {code: not_me",
        "escape: {code: ¦perhaps",
        None,
        "The code perhaps is an option too. Give the escape a code of its own.",
    ),
    "choice without two scores": (
        ", points: 0}",
        "}",
        "¦- {code: yes",
        "renew measures trust: give at least two options different points, from 0 (worst) to 1",
    ),
    "min above max": ("min: 0", "min: ¦200", None, "min is larger than max. Swap them."),
    "weights that do not sum to one": (
        "seq: {trust: 1.0}",
        "¦seq: {trust: 0.9}",
        None,
        "The weights of seq add up to 0.9; they must add up to 1.",
    ),
    "climate weight": (
        "seq: {trust: 1.0}",
        "seq: {trust: 0.8, ¦speed: 0.2}",
        None,
        "speed is climate: it informs SEQ and has no weight in it. Remove it.",
    ),
    "weight of an unknown dimension": (
        "seq: {trust: 1.0}",
        "seq: {trust: 0.8, ¦trsut: 0.2}",
        None,
        "There is no dimension trsut. Did you mean trust?",
    ),
    "engagement without weight": (
        "kind: climate",
        "kind: engagement",
        "¦seq: {trust",
        "The engagement dimension speed has no weight in seq. Add it.",
    ),
    "scoring left out": (
        (
            "scoring:\n  method: state/1\n  minimum_answered: 0.5\n  seq: {trust: 1.0}\n"
            "  levels: {cuts: seed-words}\n"
        ),
        "",
        "¦dimensions:",
        "There are dimensions, but scoring is missing. Add it.",
    ),
    "minutes too many": (
        "minutes: 3",
        "minutes: ¦30",
        None,
        "30 minutes is not what the items take",
    ),
    "unknown placeholder": (
        "Would you recommend {them}?",
        "¦Would you recommend {then}?",
        None,
        "then in braces means nothing here. Use {them} or {us}.",
    ),
    "lone brace": (
        "text: Since when?",
        "text: ¦Since when }?",
        None,
        "} in braces means nothing here.",
    ),
    "placeholder in short": (
        "short: Honest",
        'short: "¦{them}"',
        None,
        "short is for charts about any company: leave {them} and {us} out.",
    ),
    "required twice": (
        "        required: true",
        "        required: true\n        ¦required_if: 1 < 2",
        None,
        "The item is required in any case. Remove required or required_if.",
    ),
    "another folder name": (
        "id: every-kind",
        "id: ¦any-kind",
        None,
        "The folder is called every-kind and the questionnaire any-kind. Give both one name.",
    ),
    "stricter item shows a laxer one": (
        '        dimension: trust\n        text: "{them} are honest."',
        '        anonymity: anonymous\n        text: "{them} are honest."',
        "visible_if: ¦honest",
        "honest is anonymous: what it shows or hides would give its answer away.",
    ),
}
BROKEN = SHAPE | MEANING
RULE = "visible_if: honest <= 3 or fast <= 3"
RULES = {
    "contact.fucntion == 'it'": "Nothing called fucntion is known of the contact. Known are side,"
    " function, influence. Did you mean function?",
    'renew == "yes"': "renew is not asked before this. A condition sees only earlier items.",
    "honst <= 3": "There is no item honst. Did you mean honest? Put the code of an option in quotes.",
    "pace <= 3": "pace is a grid. Name one of its rows: fast, late.",
    "honest <= 6": "6 is not on the scale of honest (1 to 5).",
    "honest in [1, 9]": "9 is not on the scale of honest (1 to 5).",
    "honest == 'x'": 'honest == "x" compares a number with a text.',
    "honest": "honest is a number, not a condition. Compare it with something, or ask answered(...).",
    "honest + 1": "honest + 1 is a number, not a condition.",
    "not honest": "honest is a number, not a condition.",
    "(honest > 1) + 1 > 1": "honest > 1 is a condition; a number is needed here.",
    "(honest > 1) == (fast > 1)": "honest > 1 is a condition and cannot be compared.",
    "(honest > 1) in [1]": "honest > 1 is a condition and cannot be in a list.",
    "any_of(honest, [a])": "any_of(...) needs a choice; honest is a number.",
    "any_of(honest, 1)": "any_of(...) needs a list: any_of(honest, [a, b]).",
    "count(honest) > 1": "count(...) needs a multiple choice; honest is a number.",
    "answered(1)": "answered(...) takes the id of an item, not 1.",
    "answered(hnest)": "There is no item hnest. Did you mean honest?",
    "min('a') > 1": '"a" is a text; a number is needed here.',
    "coalesce(honest, 'a') == 1": "coalesce(...) mixes a number with a text.",
    "if(honest, 1, 2) == 1": "honest is a number, not a condition.",
}
LATER_RULES = {
    'renew == "yess"': "renew has no option yess. Did you mean yes? Options are yes, no, perhaps.",
    "renew in [no, 1]": "renew has no option 1.",
    'renew < "yes"': "a choice has no order. Use ==, != or in [...].",
    'products == "pumps"': "products is a multiple choice and cannot be compared. "
    "Write any_of(products, [...]).",
    "products in [pumps]": "products is a multiple choice. Write any_of(products, [...]).",
    "any_of(products, [pump])": "products has no option pump. Did you mean pumps?",
    'since > "2026-13-01"': "since is a date; write it as '2026-11-22'.",
    'share == "a"': 'share == "a" compares a number with a text.',
    "role == 3": "role == 3 compares a text with a number.",
}


def expect(problems: list[str], folder: Path, at: str, sentence: str) -> None:
    """The problem must be in the questionnaire, at the line and column of the mark."""
    text = (folder / "questionnaire.yaml").read_text(encoding="utf-8")
    assert text.count(at.replace("¦", "")) == 1, at
    before = text[: text.index(at.replace("¦", "")) + at.index("¦")]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    start = f"questionnaire.yaml:{line}:{column}: "
    assert [p for p in problems if p.startswith(start) and sentence in p], (start, problems)


@pytest.mark.parametrize(("old", "new", "at", "sentence"), BROKEN.values(), ids=BROKEN)
def test_check_names_place_and_remedy(
    edit: Edit, old: str, new: str, at: str | None, sentence: str
) -> None:
    folder = edit(old, new.replace("¦", ""))
    problems = found(folder)
    expect(problems, folder, at or new, sentence)
    # one mistake, one sentence: nothing in the same file is said that only follows from it
    assert len([p for p in problems if p.startswith("questionnaire.yaml")]) == 1, problems
    assert not [p for p in problems if p.startswith("golden.json")], problems


@pytest.mark.parametrize(("rule", "sentence"), RULES.items())
def test_a_condition_that_cannot_work_is_named(edit: Edit, rule: str, sentence: str) -> None:
    folder = edit(RULE, f'visible_if: "{rule}"' if '"' not in rule else f"visible_if: {rule}")
    at = f'visible_if: "¦{rule}"' if '"' not in rule else f"visible_if: ¦{rule}"
    expect(found(folder), folder, at, sentence)


@pytest.mark.parametrize(("rule", "sentence"), LATER_RULES.items())
def test_a_condition_on_choices_that_cannot_work_is_named(
    edit: Edit, rule: str, sentence: str
) -> None:
    folder = edit("visible_if: answered(recommend) and not recommend > 6", f"visible_if: {rule}")
    expect(found(folder), folder, f"visible_if: ¦{rule}", sentence)


@pytest.mark.parametrize(
    ("old", "new", "at", "sentence"),
    [
        ("- id: why\n", "- id: 12\n", "- id: ¦12", "id must be a text. Put it in quotes."),
        (
            "visible_if: answered(recommend) and not recommend > 6",
            "visible_if: evaluate(1)",
            "visible_if: ¦evaluate(1)",
            "There is no function evaluate.",
        ),
        ("text: Why?", "text: 5", "text: ¦5", "text must be a text. Put it in quotes."),
    ],
)
def test_a_problem_in_an_item_of_kind_text_points_at_its_own_key(
    edit: Edit, old: str, new: str, at: str, sentence: str
) -> None:
    folder = edit(old, new)
    expect(found(folder), folder, at, sentence)
