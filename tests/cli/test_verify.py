"""``surveyapp verify``: what it says, and how it ends."""

from dataclasses import replace
from pathlib import Path

import pytest

from surveyapp.reports import seal
from surveyapp.reports.reading import attached
from tests.cli.conftest import Run
from tests.services import sealed

OURS = seal.fingerprint(sealed.OURS.public_key)


@pytest.fixture
def card(tmp_path: Path) -> Path:
    file = tmp_path / "card.pdf"
    file.write_bytes(sealed.document())
    return file


def test_a_sound_document_says_what_was_checked(run: Run, card: Path) -> None:
    told = run("verify", str(card)).output
    assert told.startswith("Scorecard of Aldermere Foods and Kestrin Logistics, Autumn 2026\n")
    for line in (
        "  holds        Signature: by survey.example.com\n",
        "  holds        File: every byte is as it was signed\n",
        "  holds        Pages: drawn again from context.json, the same to the last byte\n",
    ):
        assert line in told
    assert f"Key: {OURS[:4]} {OURS[4:8]} " in told
    assert "Whose key that is, the file cannot prove" in told
    assert told.endswith("All of it holds.\n")
    grouped = " ".join(OURS[start : start + 4] for start in range(0, 64, 4)).upper()
    assert "Whose key" not in run("verify", str(card), "--key", grouped).output


def test_one_that_does_not_hold_ends_with_1(run: Run, card: Path) -> None:
    told = run("verify", str(card), "--key", "0" * 64, exit_code=1).output
    assert "  WRONG        Key: another than the one you expect\n" in told
    assert told.endswith("Do not rely on this file.\n")


def test_one_whose_pages_cannot_be_checked_is_not_called_wrong(run: Run, card: Path) -> None:
    content = card.read_bytes()
    own = attached(content)["signature.json"]
    older = replace(seal.Seal.from_json(own), pack_sha256="0" * 64)
    blank = content.replace(own, older.blank.to_json())
    older = replace(older, document_sha256=seal.sha256(blank))
    older = replace(older, signature=sealed.OURS.sign(older.statement))
    card.write_bytes(content.replace(own, older.to_json()))
    told = run("verify", str(card), exit_code=1).output
    assert "WRONG" not in told
    assert "whether the pages say the same could not" in told


@pytest.mark.parametrize(
    ("content", "options", "told"),
    [
        (b"hello", (), "not a whole PDF"),
        (None, (), "cannot be read: No such file"),
        (b"hello", ("--key", "1234"), "needs the whole fingerprint"),
    ],
)
def test_what_cannot_be_checked_ends_with_2(
    run: Run, tmp_path: Path, content: bytes | None, options: tuple[str, ...], told: str
) -> None:
    file = tmp_path / "some.pdf"
    if content is not None:
        file.write_bytes(content)
    assert told in run("verify", str(file), *options, exit_code=2).output


def test_a_damaged_file_is_told_of_in_our_words_only(
    run: Run, card: Path, caplog: pytest.LogCaptureFixture
) -> None:
    card.write_bytes(card.read_bytes()[:-3000])
    assert "not a whole PDF" in run("verify", str(card), exit_code=2).output
    assert not caplog.records


def test_the_key_of_an_installation_is_told_and_stays(run: Run, home: Path) -> None:
    first, again = run("reports", "key").output, run("reports", "key").output
    fingerprint, signed_by = first.rstrip().split("\t")
    assert first == again
    assert (len(fingerprint), signed_by) == (64, "127.0.0.1:8000")
    assert (home / "signing.key").is_file()
    other = run("reports", "key", SURVEYAPP_SIGNING_KEY="0f" * 32).output
    assert other != first
