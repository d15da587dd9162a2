"""Whatever stands in a file, check answers with problems and never with a crash."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from surveyapp.questionnaires.checking import examine

SOURCE = (Path(__file__).parent / "every-kind" / "questionnaire.yaml").read_text(encoding="utf-8")
LINES = SOURCE.splitlines()
VALUES = st.sampled_from(
    ["", "5", "-1.5", "true", "null", "[]", "[1, x]", "{}", "{a: {b: c}}", "'q'", "[[]]", "no", "a > 1",
     "{1: 2}", "[{}]", "[null]", "text", "rating", "- x", "&a b", "*a", "99999999999999999999", "\x07"]
)  # fmt: skip


def examined(text: str) -> tuple[bool, int]:
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "every-kind"
        folder.mkdir()
        (folder / "questionnaire.yaml").write_text(text, encoding="utf-8", newline="\n")
        examination = examine(folder)
    return examination.questionnaire is not None, len(examination.problems)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, len(LINES) - 1), VALUES), min_size=1, max_size=4))
def test_any_value_anywhere_is_taken_or_named(changes: list[tuple[int, str]]) -> None:
    lines = list(LINES)
    for number, value in changes:
        key, colon, _ = lines[number].partition(":")
        lines[number] = f"{key}{colon} {value}"
    is_sound, problems = examined("\n".join(lines))
    assert is_sound == (problems == 0)


@settings(max_examples=100)
@given(st.sets(st.integers(0, len(LINES) - 1), min_size=1, max_size=5))
def test_any_lines_left_out_are_missed_or_not(numbers: set[int]) -> None:
    is_sound, problems = examined(
        "\n".join(line for number, line in enumerate(LINES) if number not in numbers)
    )
    assert is_sound == (problems == 0)


@settings(max_examples=200)
@given(st.text(max_size=80))
def test_any_text_is_answered(text: str) -> None:
    is_sound, problems = examined(text.encode("utf-8", "replace").decode())
    assert not is_sound
    assert problems >= 1
