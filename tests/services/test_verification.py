"""Checking a document: what was tampered with is found, and named."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pikepdf
import pytest

from surveyapp.errors import Invalid
from surveyapp.reports import seal
from surveyapp.reports.evidence import Evidence
from surveyapp.reports.reading import attached
from surveyapp.reports.seal import Seal
from surveyapp.reports.signing import SigningKey, is_signed
from surveyapp.services import verification
from surveyapp.services.verification import Result, Verdict
from tests.services import sealed

OURS = seal.fingerprint(sealed.OURS.public_key)
THEIRS = SigningKey(b"\x07" * 32, signed_by="survey.example.com")


def verify(content: bytes, *, key: str = OURS) -> Verdict:
    return verification.verify(
        content, write_pdf=sealed.draw, is_signed=is_signed, expected_key=key
    )


def wrong(verdict: Verdict) -> set[str]:
    return {finding.about for finding in verdict.findings if finding.result is not Result.HOLDS}


def details(verdict: Verdict, about: str) -> str:
    [finding] = [finding for finding in verdict.findings if finding.about == about]
    return " ".join((finding.told, *finding.details))


def resaved(content: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    with pikepdf.open(io.BytesIO(content)) as opened:
        change(opened)
        target = io.BytesIO()
        opened.save(target)
    return target.getvalue()


def exchange(name: str, old: bytes, new: bytes) -> Callable[[pikepdf.Pdf], None]:
    """Put other bytes into an attached file."""

    def change(opened: pikepdf.Pdf) -> None:
        text = opened.attachments[name].get_file().read_bytes()
        assert old in text
        changed = text.replace(old, new, 1)
        opened.attachments[name] = pikepdf.AttachedFileSpec(opened, changed, filename=name)

    return change


def test_what_nobody_touched_holds_to_the_last_byte() -> None:
    content = sealed.document()
    verdict = verify(content)
    assert verdict.is_sound, verdict
    assert verdict.fingerprint == OURS
    assert "the same to the last byte" in details(verdict, "Pages")
    assert re.match(r"[3-9]\d made again", details(verdict, "Numbers"))
    assert content == sealed.document(), "same inputs, same bytes"
    assert len(content) < 150_000


def test_nothing_of_answers_or_people_is_in_the_evidence() -> None:
    told = attached(sealed.document())["evidence.json"].decode()
    names = set(re.findall(r'"([a-z_]+)":', told))
    assert names <= set(Evidence.__slots__) | {
        *("weights", "scale", "n", "mean", "sd", "groups", "reliability", "is_difference"),
        *(*sealed.ENTRIES, "seq", "anchor", "value", "standard_error"),
    }


def test_a_digit_changed_on_a_page_is_found() -> None:
    seq = sealed.card().seq
    assert seq is not None
    printed = str(round(seq.value))
    shown = str((int(printed) + 10) % 100)

    def change(opened: pikepdf.Pdf) -> None:
        for font in opened.pages[0].Resources.Font.values():
            if _write_over(opened.pages[0], font, printed, shown):
                return
        pytest.fail("the number stands nowhere on the page")

    verdict = verify(resaved(sealed.document(), change))
    assert wrong(verdict) == {"File", "Pages"}
    assert re.search(rf"says '[^']*{shown}.*drawn again '[^']*{printed}", details(verdict, "Pages"))


def _write_over(page: pikepdf.Page, font: pikepdf.Object, old: str, new: str) -> bool:
    """Exchange digits in what the page draws, kerning between them left as it is."""
    table = font.ToUnicode.read_bytes().decode()
    codes = {digit: code for code, digit in re.findall(r"<(\w{4})> <003(\d)>", table)}
    if not set(old + new) <= set(codes):
        return False
    pattern = rf"(?<=<){codes[old[0]]}(>-?[\d.]+<|){codes[old[1]]}(?=>)".encode()
    into = rf"{codes[new[0]]}\g<1>{codes[new[1]]}".encode()
    stream, count = re.subn(pattern, into, page.Contents.read_bytes(), count=1)
    page.Contents.write(stream)
    return count == 1


@pytest.mark.parametrize(
    ("name", "old", "new", "about"),
    [
        (
            "context.json",
            b'"points": 65.8',
            b'"points": 75.8',
            {"context.json", "Numbers", "Pages"},
        ),
        ("context.json", b"Aldermere", b"Aldermore", {"context.json", "Pages"}),
        ("context.json", b'"answered": 1', b'"answered": 2', {"context.json", "Numbers", "Pages"}),
        ("context.json", b"{", b"[", {"context.json", "Numbers", "Pages"}),
        ("context.json", b'"made_at"', b'"locale": "en_XX", "made_at"', {"context.json", "Pages"}),
        ("evidence.json", b"62.0", b"52.0", {"evidence.json", "Numbers"}),
        ("evidence.json", b'"intent":0.4', b'"intent":0.3', {"evidence.json", "Numbers"}),
        ("evidence.json", b"16.0,", b"", {"evidence.json", "Numbers"}),
        ("signature.json", b'"scorecard"', b'"portfolio"', {"Signature", "Pages"}),
        ("signature.json", b"surveyapp-seal", b"another-seal", {"Signature", "Pages"}),
    ],
)
def test_a_changed_attachment_is_found(name: str, old: bytes, new: bytes, about: set[str]) -> None:
    verdict = verify(resaved(sealed.document(), exchange(name, old, new)))
    assert about <= wrong(verdict)
    assert not verdict.is_sound


def test_a_file_saved_anew_says_so_and_still_shows_what_it_said() -> None:
    verdict = verify(resaved(sealed.document(), lambda _: None))
    assert wrong(verdict) == {"File"}
    assert "the same words" in details(verdict, "Pages")


def test_what_is_added_behind_the_signature_is_found() -> None:
    assert wrong(verify(sealed.document() + b"%% more\n")) == {"File"}


def test_a_whole_forgery_is_found_by_its_key() -> None:
    forged = sealed.document(signer=THEIRS)
    assert wrong(verify(forged)) == {"Key"}
    assert verify(forged, key="").is_sound, "nobody said whose key it must be"


def test_the_seal_of_another_document_does_not_fit() -> None:
    card = sealed.card()
    other = sealed.document(replace(card, wave="Spring 2026"))
    taken = attached(other)["signature.json"]
    own = attached(sealed.document())["signature.json"]
    assert len(taken) == len(own)
    verdict = verify(sealed.document().replace(own, taken))
    assert wrong(verdict) == {"context.json", "File"}


def test_a_seal_with_another_key_put_beside_it_does_not_hold() -> None:
    own = attached(sealed.document())["signature.json"]
    swapped = replace(Seal.from_json(own), public_key=THEIRS.public_key).to_json()
    assert wrong(verify(sealed.document().replace(own, swapped), key="")) == {"Signature", "File"}


def test_numbers_and_pages_are_checked_even_if_the_issuer_signed_them() -> None:
    seq = sealed.card().seq
    assert seq is not None
    warmer = replace(sealed.card(), seq=replace(seq, points=seq.points + 4))
    misstated = verify(sealed.document(warmer))
    assert wrong(misstated) == {"Numbers"}
    assert "Sales-equity score, points" in details(misstated, "Numbers")
    misprinted = verify(sealed.document(pages=lambda card: replace(card, buyer="Brook")))
    assert wrong(misprinted) == {"Pages"}
    assert "Page 1" in details(misprinted, "Pages")


def test_a_number_without_evidence_is_wrong() -> None:
    told = replace(sealed.evidence(), contrasts={})
    verdict = verify(sealed.document(told=told))
    assert wrong(verdict) == {"Numbers"}
    assert "holds nothing it is made from" in details(verdict, "Numbers")


def test_pages_of_a_pack_of_another_version_are_not_checked_and_that_is_said() -> None:
    own = attached(sealed.document())["signature.json"]
    older = replace(Seal.from_json(own), pack_sha256="0" * 64).to_json()
    verdict = verify(sealed.document().replace(own, older))
    assert "does not have" in details(verdict, "Pages")
    assert not verdict.is_sound


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda _: b"", "not a"),
        (lambda _: b"%PDF-1.7\nnothing", "not a"),
        (lambda _: b"PK\x03\x04 a ZIP", "not a"),
        (lambda content: content[: len(content) // 2], "not a"),
        (
            lambda content: resaved(content, lambda opened: opened.attachments.clear()),
            "carries no context.json and no evidence.json and no signature.json",
        ),
        (
            lambda content: resaved(
                content, lambda opened: opened.attachments.__delitem__("signature.json")
            ),
            "carries no signature.json",
        ),
    ],
)
def test_what_is_no_document_of_ours_is_refused(make: Callable[[bytes], bytes], told: str) -> None:
    with pytest.raises(Invalid, match=told):
        verify(make(sealed.document()))


def test_bytes_changed_at_random_never_pass_and_never_break_the_check() -> None:
    content, chance = sealed.document(), Random(4)  # noqa: S311 seeded, the same every time
    outcomes = set()
    for _ in range(25):
        changed = bytearray(content)
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        try:
            verdict = verify(bytes(changed))
        except Invalid:
            outcomes.add("refused")
        else:
            assert wrong(verdict) & {"File", "Signature"}
            outcomes.add("wrong")
    assert outcomes == {"refused", "wrong"}
