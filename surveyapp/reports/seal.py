"""A document sealed: what its numbers rest on attached to it, and a signature over every byte.

The signature stands inside the file it covers. So the file is first written with zeros in its place;
what is signed is a statement that holds the hash of that file and of each attachment.
"""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Final, Literal, Protocol, Self

from pydantic import TypeAdapter, ValidationError

from surveyapp.errors import Invalid
from surveyapp.reports.context.parts import require, strict
from surveyapp.reports.packs import Pack

CONTEXT: Final = "context.json"
EVIDENCE: Final = "evidence.json"
SEAL: Final = "signature.json"
_HEX: Final = re.compile(r"[0-9a-f]{64}")
_HASH: Final = "0" * 64
_SIGNATURE: Final = "0" * 128


@dataclass(frozen=True, slots=True)
class Attached:
    """A file inside a PDF."""

    name: str
    description: str
    relationship: Literal["Data", "Source", "Supplement"]
    content: bytes
    made_at: datetime
    is_plain: bool = False
    """Neither compressed nor summed up in the PDF, so that it can be filled in afterwards."""


class Signer(Protocol):
    """Who vouches for documents."""

    signed_by: str
    public_key: str
    """Ed25519, hexadecimal."""

    def sign(self, statement: bytes) -> str:
        """Return the signature, hexadecimal."""


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What is signed, by whom."""

    format: Literal["surveyapp-seal/1"] = "surveyapp-seal/1"
    signed_by: str
    public_key: str
    pack: str
    """The report pack that drew the pages."""
    pack_sha256: str
    context_sha256: str
    evidence_sha256: str
    document_sha256: str = _HASH
    """Of the whole file, with zeros for this hash and for the signature."""
    signature: str = _SIGNATURE

    def __post_init__(self) -> None:
        hashes = (self.pack_sha256, self.context_sha256, self.evidence_sha256)
        for value in (self.public_key, self.document_sha256, *hashes):
            require(when=bool(_HEX.fullmatch(value)), message="a key or hash has 64 hex digits")

    @property
    def statement(self) -> bytes:
        """What is signed: everything but the signature."""
        return replace(self, signature="").to_json()

    @property
    def blank(self) -> Self:
        """The seal as the file was hashed with it."""
        return replace(self, document_sha256=_HASH, signature=_SIGNATURE)

    def to_json(self) -> bytes:
        """Write it in the one way there is: keys in order, no spaces, ASCII."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Read what ``to_json`` wrote. Raises Invalid."""
        try:
            return TypeAdapter(cls).validate_json(text)
        except ValidationError as error:
            problem = error.errors()[0]
            place = ".".join(map(str, problem["loc"]))
            raise Invalid(f"{SEAL} cannot be read: {place} {problem['msg']}.") from error


def fingerprint(public_key: str) -> str:
    """Return the hash by which people compare a public key."""
    return sha256(bytes.fromhex(public_key))


def sha256(content: bytes) -> str:
    """Return the hash in hex."""
    return hashlib.sha256(content).hexdigest()


def sealed(
    write: Callable[[Sequence[Attached]], bytes],
    *,
    context: bytes,
    evidence: bytes,
    pack: Pack,
    signer: Signer,
    made_at: datetime,
) -> bytes:
    """Write a document with its attachments and sign it; the same input gives the same bytes."""
    blank = Seal(
        signed_by=signer.signed_by,
        public_key=signer.public_key,
        pack=pack.name,
        pack_sha256=pack.sha256,
        context_sha256=sha256(context),
        evidence_sha256=sha256(evidence),
    )
    content = write(attachments(context, evidence, blank, made_at=made_at))
    filled = replace(blank, document_sha256=sha256(content))
    filled = replace(filled, signature=signer.sign(filled.statement))
    return exchanged(content, blank, filled)


def attachments(
    context: bytes, evidence: bytes, seal: Seal, *, made_at: datetime
) -> tuple[Attached, ...]:
    """Return the files of a document, by name."""
    return (
        Attached(CONTEXT, "Everything these pages say", "Source", context, made_at),
        Attached(EVIDENCE, "What its numbers are made from", "Data", evidence, made_at),
        Attached(
            SEAL, "Who vouches for this file", "Supplement", seal.to_json(), made_at, is_plain=True
        ),
    )


def exchanged(content: bytes, seal: Seal, other: Seal) -> bytes:
    """Put another seal of the same length in the place of this one.

    Raises
    ------
    Invalid
        The seal does not stand in the file exactly once.
    """
    if content.count(seal.to_json()) != 1:
        raise Invalid(f"{SEAL} does not stand in the file exactly once.")
    return content.replace(seal.to_json(), other.to_json())
