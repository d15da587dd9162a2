"""Checking a document that somebody hands in: its signature, its numbers, its pages. No database."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import zip_longest
from typing import Final, Protocol, TypeVar

from babel import UnknownLocaleError

from surveyapp.errors import Invalid, NotFound
from surveyapp.reports import html, packs, reading, seal
from surveyapp.reports.context import PortfolioContext, ScorecardContext
from surveyapp.reports.evidence import Evidence
from surveyapp.reports.packs import Pack
from surveyapp.reports.seal import Attached, Seal
from surveyapp.services import evidence_checks

WritePdf = Callable[[str, Pack, Sequence[Attached]], bytes]
T = TypeVar("T")
_LISTED: Final = 10
"""So many differences are told one by one."""


class IsSigned(Protocol):
    """Checks a signature."""

    def __call__(self, statement: bytes, *, signature: str, public_key: str) -> bool:
        """Tell whether the owner of the public key signed the statement."""


class Result(StrEnum):
    """What became of a check."""

    HOLDS = "holds"
    WRONG = "WRONG"
    UNCHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what it is about, what came out, and the sentences that say so."""

    about: str
    result: Result
    told: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What checking a document found."""

    title: str
    fingerprint: str
    """Of the key it is signed with; empty when that cannot be read."""
    findings: tuple[Finding, ...]
    stated: tuple[str, ...] = field(default=())
    """What the document states with a source, and nobody can compute."""

    @property
    def is_sound(self) -> bool:
        """Whether everything was checked and holds."""
        return all(finding.result is Result.HOLDS for finding in self.findings)

    @property
    def is_wrong(self) -> bool:
        """Whether something does not hold, rather than could not be checked."""
        return any(finding.result is Result.WRONG for finding in self.findings)


def verify(
    content: bytes, *, write_pdf: WritePdf, is_signed: IsSigned, expected_key: str = ""
) -> Verdict:
    """Check signature, attachments, numbers and pages of a document.

    Raises
    ------
    Invalid
        It is not a PDF, or not one of surveyapp.
    """
    files = reading.attached(content)
    missing = [n for n in (seal.CONTEXT, seal.EVIDENCE, seal.SEAL) if n not in files]
    if missing:
        raise Invalid(
            f"This is not a signed document of surveyapp: it carries no {' and no '.join(missing)}."
        )
    signed, context, evidence = _parsed(files)
    findings = [
        *_signature(content, files, signed, is_signed, expected_key),
        _numbers(context, evidence),
        _pages(content, files, signed, context, write_pdf),
    ]
    return Verdict(
        title=_title(context),
        fingerprint=seal.fingerprint(signed.public_key) if isinstance(signed, Seal) else "",
        findings=tuple(findings),
        stated=_stated(context),
    )


Context = ScorecardContext | PortfolioContext


def _parsed(
    files: Mapping[str, bytes],
) -> tuple[Seal | Invalid, Context | Invalid, Evidence | Invalid]:
    """Read the attachments; what cannot be read is the reason why."""
    return (
        _read(lambda: Seal.from_json(files[seal.SEAL])),
        _read(lambda: _context(files[seal.CONTEXT])),
        _read(lambda: Evidence.from_json(files[seal.EVIDENCE])),
    )


def _read(read: Callable[[], T]) -> T | Invalid:
    try:
        return read()
    except Invalid as error:
        return error


def _context(text: bytes) -> Context:
    """Read a context of either kind; neither forgives a name it does not know."""
    try:
        return ScorecardContext.from_json(text, place=seal.CONTEXT)
    except Invalid as error:
        try:
            return PortfolioContext.from_json(text, place=seal.CONTEXT)
        except Invalid:
            raise error from None


def _signature(
    content: bytes,
    files: Mapping[str, bytes],
    signed: Seal | Invalid,
    is_signed: IsSigned,
    expected_key: str,
) -> Iterator[Finding]:
    if isinstance(signed, Invalid):
        yield Finding("Signature", Result.WRONG, str(signed))
        return
    holds = is_signed(signed.statement, signature=signed.signature, public_key=signed.public_key)
    told = f"by {signed.signed_by}" if holds else "it is not of the key that stands beside it"
    yield _finding("Signature", told, holds=holds)
    if expected_key:
        is_expected = seal.fingerprint(signed.public_key) == expected_key
        told = "the one you expect" if is_expected else "another than the one you expect"
        yield _finding("Key", told, holds=is_expected)
    for name, hashed in (
        (seal.CONTEXT, signed.context_sha256),
        (seal.EVIDENCE, signed.evidence_sha256),
    ):
        holds = seal.sha256(files[name]) == hashed
        yield _finding(name, "as it was signed" if holds else "not what was signed", holds=holds)
    whole = _read(lambda: seal.exchanged(content, signed, signed.blank))
    holds = isinstance(whole, bytes) and seal.sha256(whole) == signed.document_sha256
    told = "every byte is as it was signed" if holds else "changed after it was signed"
    yield _finding("File", told, holds=holds)


def _numbers(context: Context | Invalid, evidence: Evidence | Invalid) -> Finding:
    if isinstance(context, Invalid):
        return _unreadable(context)
    if isinstance(evidence, Invalid):
        return _unreadable(evidence)
    found = evidence_checks.check(evidence, context)
    if not found.wrong:
        told = f"{found.compared} made again from {seal.EVIDENCE}, all as {seal.CONTEXT} has them"
        return Finding("Numbers", Result.HOLDS, told)
    told = f"{len(found.wrong)} of {found.compared} do not come out of {seal.EVIDENCE}"
    return Finding("Numbers", Result.WRONG, told, _first(found.wrong))


def _unreadable(error: Invalid) -> Finding:
    return Finding("Numbers", Result.WRONG, str(error), _first([*map(str, error.problems)]))


def _pages(
    content: bytes,
    files: Mapping[str, bytes],
    signed: Seal | Invalid,
    context: Context | Invalid,
    write_pdf: WritePdf,
) -> Finding:
    """Draw the pages again and compare: bytes where they are the same, else words."""
    if isinstance(signed, Invalid) or isinstance(context, Invalid):
        told = "without the attachments they cannot be drawn again"
        return Finding("Pages", Result.UNCHECKED, told)
    try:
        pack = packs.find(signed.pack)
    except NotFound:
        pack = None
    if pack is None or pack.sha256 != signed.pack_sha256:
        told = (
            f"they were drawn with the pack {signed.pack} {signed.pack_sha256[:8]}, which this"
            f" surveyapp does not have; code {context.method.code_version} made the numbers"
        )
        return Finding("Pages", Result.UNCHECKED, told)
    attached = seal.attachments(
        files[seal.CONTEXT], files[seal.EVIDENCE], signed.blank, made_at=context.made_at
    )
    try:
        again = write_pdf(html.render(pack, context), pack, attached)
    except (Invalid, UnknownLocaleError) as error:
        told = f"{seal.CONTEXT} cannot be drawn: {error}"
        return Finding("Pages", Result.WRONG, told)
    if _read(lambda: seal.exchanged(content, signed, signed.blank)) == again:
        told = f"drawn again from {seal.CONTEXT}, the same to the last byte"
        return Finding("Pages", Result.HOLDS, told)
    differences = list(_differences(reading.page_words(content), reading.page_words(again)))
    if not differences:
        told = f"drawn again from {seal.CONTEXT}, the same words in the same order"
        return Finding("Pages", Result.HOLDS, told)
    told = f"they do not say what {seal.CONTEXT} says"
    return Finding("Pages", Result.WRONG, told, _first(differences))


def _differences(printed: list[list[str]], drawn: list[list[str]]) -> Iterator[str]:
    blank: list[str] = []
    for number, (says, should) in enumerate(zip_longest(printed, drawn, fillvalue=blank), 1):
        for kind, a, b, c, d in SequenceMatcher(None, says, should, autojunk=False).get_opcodes():
            if kind != "equal":
                here, there = " ".join(says[a:b]) or "nothing", " ".join(should[c:d]) or "nothing"
                yield f"Page {number}: the file says {here[:80]!r}, drawn again {there[:80]!r}."


def _finding(about: str, told: str, *, holds: bool) -> Finding:
    return Finding(about, Result.HOLDS if holds else Result.WRONG, told)


def _first(sentences: Sequence[str]) -> tuple[str, ...]:
    more = len(sentences) - _LISTED
    return (*sentences[:_LISTED], *([f"And {more} more."] if more > 0 else []))


def _title(context: Context | Invalid) -> str:
    if isinstance(context, ScorecardContext):
        return f"Scorecard of {context.buyer} and {context.supplier}, {context.wave}"
    if isinstance(context, PortfolioContext):
        return f"Portfolio report of {context.programme}, {context.wave}"
    return "A document of surveyapp"


def _stated(context: Context | Invalid) -> tuple[str, ...]:
    """Say what rests on a source outside the posterior."""
    if isinstance(context, Invalid):
        return ()
    said = ["names, dates and money"]
    if isinstance(context, ScorecardContext):
        if context.facts:
            said.append(f"{len(context.facts)} facts with their source and day")
        if context.last_wave is not None and context.last_wave.issued is not None:
            said.append("SEQ of the last wave as it was issued then")
        if any(row.agreement for row in context.climate):
            said.append("how far people lie apart")
    return tuple(said)
