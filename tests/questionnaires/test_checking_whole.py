"""Check reads the whole folder: all problems at once, translations and golden answers too."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from surveyapp.questionnaires.checking import check
from surveyapp.resources import bundled

Edit = Callable[..., Path]


def found(folder: Path) -> list[str]:
    """Problems as "file:line:column: sentence", without the folder."""
    return [str(problem).removeprefix(f"{folder}/") for problem in check(folder)]


def test_a_sound_questionnaire_has_no_problems(folder: Path) -> None:
    assert found(folder) == []


def test_shape_and_meaning_are_reported_together_in_the_order_of_lines(edit: Edit) -> None:
    edit("version: 2", "version: two")
    edit("kind: grid\n        scale: agree5", "kind: grid\n        scale: agree6")
    edit("required: true", "required: yes")
    edit("seq: {trust: 1.0}", "seq: {trust: 0.5}")
    edit("visible_if: honest <= 3 or fast <= 3", "visible_if: fst <= 3")
    problems = found(edit("title: Erstens", "titel: Erstens", "de.yaml"))
    assert [problem.split(" ")[0] for problem in problems] == [
        "de.yaml:9:11:",
        "questionnaire.yaml:2:10:",
        "questionnaire.yaml:34:19:",
        "questionnaire.yaml:37:16:",
        "questionnaire.yaml:51:17:",
        "questionnaire.yaml:100:3:",
    ], problems


def test_many_broken_entries_are_all_named(edit: Edit) -> None:
    edit("kind: date", "kind: day")
    edit("kind: short_text", "kind: line")
    edit("decimals: 1", "decimals: 9")
    edit("- {id: fast, ", "- {")
    edit("        required: true", "        requird: true")
    edit("trust: {label: Trust, ", "trust: {")
    problems = found(edit("points: [1, 2, 3, 4, 5]", "points: [1, 2, 3, 4, 5.5]"))
    assert len(problems) == 7, problems


def test_an_item_may_not_be_laxer_than_its_questionnaire(edit: Edit) -> None:
    edit("anonymity: identified", "anonymity: anonymous")
    problems = found(edit("        anonymity: anonymous", "        anonymity: confidential"))
    assert (
        "questionnaire.yaml:95:20: The questionnaire promises anonymous; an item may be stricter, "
        "never laxer."
    ) in problems


def test_the_last_wave_may_be_asked_for_in_identified_questionnaires_only(
    edit: Edit, folder: Path
) -> None:
    (folder / "golden.json").unlink()
    edit("visible_if: honest <= 3 or fast <= 3", "visible_if: prev.honest <= 3")
    assert found(folder) == []
    assert found(edit("anonymity: identified", "anonymity: confidential")) == [
        (
            "questionnaire.yaml:51:17: prev needs an identified questionnaire: others keep no "
            "answers by person."
        )
    ]


def test_climate_may_carry_seq_where_there_is_no_engagement(edit: Edit, folder: Path) -> None:
    (folder / "golden.json").unlink()
    edit("trust: {label: Trust, kind: engagement}", "trust: {label: Trust, kind: climate}")
    assert found(edit("seq: {trust: 1.0}", "seq: {trust: 0.5, speed: 0.5}")) == []


def test_a_constraint_never_has_a_weight(edit: Edit) -> None:
    edit("speed: {label: Speed, kind: climate}", "speed: {label: Speed, kind: constraint}")
    assert found(edit("seq: {trust: 1.0}", "seq: {trust: 0.5, speed: 0.5}")) == [
        "questionnaire.yaml:100:21: speed is a constraint: it is shown and never scored. Remove it."
    ]


def test_minutes_below_what_the_items_take_are_refused(tmp_path: Path) -> None:
    folder = Path(
        shutil.copytree(
            bundled("questionnaires") / "relationship-core", tmp_path / "relationship-core"
        )
    )
    file = folder / "questionnaire.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("minutes: 6", "minutes: 3"), encoding="utf-8"
    )
    (problem,) = found(folder)
    assert problem.endswith(
        ": 3 minutes is not what the items take: 7 s a rating or choice, 15 s a number or line, "
        "40 s a text make about 6."
    )


def test_a_file_that_is_not_utf8_is_refused_with_its_place(folder: Path) -> None:
    file = folder / "questionnaire.yaml"
    file.write_bytes(file.read_bytes().replace(b"kind of item", b"kind of \xe4tem", 1))
    assert found(folder) == [
        "questionnaire.yaml:4:22: This is not UTF-8 text. Save the file as UTF-8."
    ]


def test_a_large_file_is_refused_unread(folder: Path) -> None:
    with (folder / "questionnaire.yaml").open("ab") as file:
        file.write(b"#" * (256 * 1024))
    assert found(folder) == ["questionnaire.yaml: The file is larger than 256 KiB. Split it."]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_deep_nesting_is_refused(folder: Path, opening: str) -> None:
    (folder / "questionnaire.yaml").write_text(
        "id: " * (opening == "[") + opening * 3000, encoding="utf-8"
    )
    (problem,) = found(folder)
    assert "nested more than 20 deep" in problem


@pytest.mark.parametrize("content", ["", "just words", "- a\n- b", "null"])
def test_a_file_without_keys_is_refused(folder: Path, content: str) -> None:
    (folder / "questionnaire.yaml").write_text(content, encoding="utf-8")
    (problem,) = found(folder)
    assert problem.endswith("The file must hold lines of the form key: value, beginning with id.")


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    assert found(tmp_path) == [
        "questionnaire.yaml: The file cannot be read: No such file or directory."
    ]


def test_one_file_alone_can_be_checked_without_its_folder(folder: Path) -> None:
    lone = folder / "draft.txt"
    lone.write_bytes((folder / "questionnaire.yaml").read_bytes())
    (folder / "de.yaml").write_text("nonsense: 1", encoding="utf-8")
    assert check(lone) == []


class TestTranslations:
    def test_an_unknown_item_is_refused(self, edit: Edit) -> None:
        problems = found(edit("  why: {text: Warum?", "  whi: {text: Warum?", "de.yaml"))
        assert (
            "de.yaml:29:3: The questionnaire has no text items: whi to translate. Did you mean why?"
            in problems
        )
        assert any("items: why is not translated. Add it" in problem for problem in problems)

    def test_an_unknown_option_is_refused(self, edit: Edit) -> None:
        problems = found(edit("perhaps: Vielleicht", "maybe: Vielleicht", "de.yaml"))
        assert any("no text items: renew: options: maybe to translate" in p for p in problems)

    def test_a_text_left_out_is_named(self, edit: Edit) -> None:
        assert found(edit(", hint: Ein Satz.", "", "de.yaml")) == [
            "de.yaml:29:8: items: why: hint is not translated. Add it, so no page mixes languages."
        ]

    def test_structure_cannot_be_changed(self, edit: Edit) -> None:
        problems = found(edit("  since: {text: Seit wann?}", "  since: {kind: text}", "de.yaml"))
        assert any("de.yaml:27:11: kind is not known here." in problem for problem in problems)

    def test_placeholders_are_checked(self, edit: Edit) -> None:
        problems = found(edit('"{them} sind ehrlich."', '"{ihr} sind ehrlich."', "de.yaml"))
        assert problems == ["de.yaml:13:19: ihr in braces means nothing here. Use {them} or {us}."]

    def test_a_file_that_is_no_language_is_named(self, folder: Path) -> None:
        (folder / "notes.yaml").write_text("a: 1", encoding="utf-8")
        (problem,) = found(folder)
        assert problem.startswith("notes.yaml:1:1: Beside questionnaire.yaml stand translations")

    def test_syntax_is_checked_like_the_questionnaire_s(self, edit: Edit) -> None:
        problems = found(edit("title: Jede Art von Frage", "title: &a Jede Art", "de.yaml"))
        assert problems == [
            "de.yaml:1:8: Anchors (&) are not allowed. Write it out, or quote the text."
        ]


class TestGoldenAnswers:
    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            ('"trust": 37.5', '"trust": 37.6', "trust comes to 37.5000, not 37.6000."),
            ('"seq": 37.5', '"seq": null', "SEQ comes to 37.5000, not missing."),
            ('"speed": 37.5', '"sped": 37.5', "speed comes to 37.5000, not missing."),
            ('"hidden": ["renew"]', '"hidden": []', "hidden answers are ['renew'], not []."),
            (
                '"honest": 5',
                '"honest": 6',
                "the answer to honest is refused: Choose one of the points",
            ),
            ('"honest": 5, ', "", "missing answers are ['honest'], not []."),
            ('"honest": 5', '"honst": 5', "there is no item honst. Did you mean honest?"),
        ],
    )
    def test_another_outcome_is_named_with_its_case(
        self, edit: Edit, old: str, new: str, expected: str
    ) -> None:
        problems = found(edit(old, new, "golden.json"))
        assert any(
            p.startswith("golden.json: In the case “") and expected in p for p in problems
        ), problems

    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            ('{"cases": [}', "golden.json:1:12: This is not JSON: Expecting value."),
            ("{}", "golden.json: reference_mean: Field required."),
            ("[" * 100_000, "golden.json: This is nested too deep to be answers."),
        ],
    )
    def test_a_broken_file_is_named(self, folder: Path, content: str, expected: str) -> None:
        (folder / "golden.json").write_text(content, encoding="utf-8")
        assert found(folder) == [expected]


def test_an_anonymous_questionnaire_asks_everybody_the_same(edit: Edit, folder: Path) -> None:
    (folder / "golden.json").unlink()
    edit("visible_if: honest <= 3 or fast <= 3", "visible_if: contact.function == 'it'")
    assert found(folder) == []
    [problem] = found(edit("anonymity: identified", "anonymity: anonymous"))
    assert problem.startswith("questionnaire.yaml:51:17: An anonymous questionnaire asks everybody")


def test_an_anonymous_item_is_not_scored_beside_answers_with_a_name(
    edit: Edit, folder: Path
) -> None:
    (folder / "golden.json").unlink()
    edit('        required_if: renew == "yes"', "        required: true")
    edit(
        "        text: Will you renew?",
        "        anonymity: anonymous\n        text: Will you renew?",
    )
    [problem] = found(folder)
    assert problem.startswith("questionnaire.yaml:55:20: renew is anonymous and trust is scored")
