"""What a PDF holds, read back: its attached files and the words of its pages."""

import io
import logging
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from surveyapp.errors import Invalid

_DAMAGED = (
    *(PyPdfError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError),
    *(AssertionError, NotImplementedError, RecursionError, MemoryError, OSError),
    *(struct.error, zlib.error),
)
"""What pypdf raises about files whose bytes were changed at random (tried), and near relatives."""
_LARGEST = 20_000_000
"""Bytes of an attached file; ours have some thousands."""
# what it would say of a damaged file is raised here, in our words
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def attached(content: bytes) -> dict[str, bytes]:
    """Return the attached files by name.

    Raises
    ------
    Invalid
        It is no PDF, or a part of it is missing or doubled.
    """
    found: dict[str, bytes] = {}
    with _as_pdf():
        for each in PdfReader(io.BytesIO(content)).attachment_list:
            if each.name in found:
                raise Invalid(f"The file carries two attachments called {each.name}.")
            found[each.name] = each.content
    if any(len(each) > _LARGEST for each in found.values()):
        raise Invalid("An attachment is larger than surveyapp writes.")
    return found


def page_words(content: bytes) -> list[list[str]]:
    """Return the words of each page in their order. Raises Invalid."""
    with _as_pdf():
        return [page.extract_text().split() for page in PdfReader(io.BytesIO(content)).pages]


@contextmanager
def _as_pdf() -> Iterator[None]:
    """Say of whatever cannot be read that it is no whole PDF: pypdf reads damaged files in many ways."""
    try:
        yield
    except _DAMAGED as error:
        raise Invalid("The file is not a whole PDF.") from error
