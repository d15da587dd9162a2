"""What check says of calculations, repetitions, named answers, messages and orders by chance."""

import shutil
from pathlib import Path

import pytest

from surveyapp.questionnaires.checking import check
from tests.questionnaires.feature import FOLDER

BROKEN = {
    "valid_if without words": (
        "checked",
        "        message: That day has not come yet.\n",
        "",
        "message is missing: the sentence for somebody whose answer is not valid.",
    ),
    "words without valid_if": (
        "checked",
        "        valid_if: with_them <= spend\n",
        "",
        "message is said when valid_if is false.",
    ),
    "valid_if on a later item": (
        "checked",
        "valid_if: with_them <= spend",
        "valid_if: since > '2020-01-01'",
        "since is not asked before this.",
    ),
    "a day that is none": (
        "checked",
        "days_between(since, today()) >= 0",
        "days_between(spend, today()) >= 0",
        "spend is a number; a date is needed here.",
    ),
    "a circle of one": (
        "calculated",
        "round(mean(fast, clear), 1)",
        "service + 1",
        "service would hang on itself: a circle.",
    ),
    "a circle of two": (
        "calculated",
        "round(mean(fast, clear), 1)",
        "if(mood == 'good', 5, fast)",
        "mood is not asked before this.",
    ),
    "an item that shows itself": (
        "checked",
        'visible_if: "days_between(since, today()) < 365"',
        "visible_if: answered(why_new)",
        "why_new would hang on itself: a circle.",
    ),
    "a condition is no value": (
        "calculated",
        "round(mean(fast, clear), 1)",
        "fast > 3",
        "fast > 3 is a condition. Calculate a number, a text or a date;",
    ),
    "a calculated number is no text": (
        "calculated",
        "visible_if: service < 4",
        'visible_if: service == "good"',
        'service == "good" compares a number with a text.',
    ),
    "a calculated value is asked of nobody": (
        "calculated",
        "visible_if: answered(fast)}",
        "required: true}",
        "Nobody is asked for mood: it is calculated. Remove required.",
    ),
    "repeated for no choice": (
        "repeated",
        "for_each: sites",
        "for_each: fast",
        "fast is no multiple choice of an earlier section.",
    ),
    "repetitions that look the same": (
        "repeated",
        'title: "{{ site.label }}"',
        "title: Your site",
        "Every repetition has this title. Put {{ site.label }} into it",
    ),
    "an item with several answers": (
        "repeated",
        "scoring:",
        "  - {id: end, title: End, items: [{id: last, kind: text, text: Last?, visible_if: fast > 2}]}\nscoring:",
        "fast is asked several times. Only its own section can name it.",
    ),
    "a text that names its own page": (
        "named",
        "text: When does it end?",
        'text: "When does {{ project.label }} end?"',
        "project has no answer yet when this is read.",
    ),
    "a text that names nothing": (
        "named",
        "{{ ends_on.label }}",
        "{{ end_on.label }}",
        "There is no item end_on to name here. Did you mean ends_on?",
    ),
    "a last wave that never asked": (
        "last-wave",
        "visible_if: fast > prev.fast",
        "visible_if: fast > prev.fats",
        "There is no item fats to ask the last wave for. Did you mean fast?",
    ),
    "a last wave of another type": (
        "last-wave",
        "visible_if: fast > prev.fast",
        "visible_if: fast > prev.used",
        "prev.used is a multiple choice and cannot be compared.",
    ),
    "a last wave nobody may pair": (
        "last-wave",
        "anonymity: identified",
        "anonymity: confidential",
        "prev needs an identified questionnaire",
    ),
    "a neighbour that may come later": (
        "shuffled",
        '{id: fair, kind: rating, scale: agree5, text: "{them} are fair."}',
        '{id: fair, kind: rating, scale: agree5, text: "{them} are fair.", visible_if: fast > 2}',
        "random may put fast after this.",
    ),
    "a section that may come later": (
        "shuffled",
        'visible_if: "any_of(used, [portal])"',
        "visible_if: near > 2",
        "random may put near after this.",
    ),
    "a file is not compared": (
        "files",
        "visible_if: answered(certificate)",
        'visible_if: certificate == "iso.pdf"',
        "certificate is a file and cannot be compared.",
    ),
    "a file is not anonymous": (
        "files",
        "anonymity: identified",
        "anonymity: anonymous",
        "A file may name its author, so it cannot be anonymous.",
    ),
    "a line that must be filled and is not there": (
        "own-words",
        "say: Which way?, must_say: true",
        "must_say: true",
        "must_say needs say: the words over the line.",
    ),
    "a comment to a text": (
        "own-words",
        "{id: why, kind: text,",
        "{id: why, comment: true, kind: text,",
        "why asks for words already. Remove comment.",
    ),
    "more places than options": (
        "ranked",
        "places: 2",
        "places: 4",
        "There are 3 options and 4 places.",
    ),
    "no words for assured answers": (
        "assured",
        (
            'assured:\n  yes: Fully\n  partly: Partly\n  no: "No"\n  na: Not applicable\n'
            "  missing: What is missing?\n  reason: Why does it not apply?\n"
        ),
        "",
        "assured is missing at the top",
    ),
    "a word of assured answers left out": (
        "assured",
        "  reason: Why does it not apply?\n",
        "",
        "reason is missing here. Add it.",
    ),
    "minutes nobody needs": ("ranked", "minutes: 1", "minutes: 9", "9 minutes is not what"),
}


@pytest.mark.parametrize(("name", "old", "new", "sentence"), BROKEN.values(), ids=BROKEN)
def test_check_says_what_is_wrong(
    tmp_path: Path, name: str, old: str, new: str, sentence: str
) -> None:
    folder = Path(shutil.copytree(FOLDER / name, tmp_path / name))
    (folder / "de.yaml").unlink(missing_ok=True)
    file = folder / "questionnaire.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    file.write_text(text.replace(old, new), encoding="utf-8")
    problems = [str(each.message) for each in check(folder)]
    assert [each for each in problems if sentence in each], problems


@pytest.mark.parametrize(
    ("name", "line", "sentence"),
    [
        (
            "own-words",
            "    says: {other: Auf welchem Weg?}\n",
            "items: channel: says is not translated",
        ),
        ("assured", "  reason: Warum trifft es nicht zu?\n", "assured: reason is not translated"),
    ],
)
def test_what_is_not_translated_is_named(
    tmp_path: Path, name: str, line: str, sentence: str
) -> None:
    folder = Path(shutil.copytree(FOLDER / name, tmp_path / name))
    file = folder / "de.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace(line, ""), encoding="utf-8")
    assert [each for each in check(folder) if sentence in each.message]
