"""Bytes of a text file to text, with what was assumed said aloud."""

import codecs

from surveyapp.errors import ImportRefused, Problem

_WORKBOOKS = {
    b"PK\x03\x04": "an Excel or OpenDocument workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF document",
}
_REMEDY = "Save it again as CSV UTF-8."


def decode(data: bytes, name: str) -> tuple[str, list[str]]:
    """Return the text and notices.

    UTF-8 and UTF-16 with their byte order mark, plain UTF-8, else Windows-1252 (what spreadsheet
    programs in western Europe and America write), which is a guess and so comes with a notice.

    Raises
    ------
    ImportRefused
        No text, a mix of encodings, or bytes that neither encoding knows.
    """
    for start, what in _WORKBOOKS.items():
        if data.startswith(start):
            raise _refused(name, f"This is {what}, not CSV. {_REMEDY}")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decode(data, "utf-16", name), []
    try:
        return _without_nul(data.decode("utf-8-sig"), name), []
    except UnicodeDecodeError as error:
        return _decode_as_windows(data, name, error.start)


def _decode_as_windows(data: bytes, name: str, first_bad: int) -> tuple[str, list[str]]:
    """Read as Windows-1252, unless the file also holds UTF-8 letters, which that would garble."""
    if not data.decode("utf-8", errors="ignore").isascii():
        raise _refused(
            f"{name}:{_line(data, first_bad)}",
            "This byte is not UTF-8, while other letters of the file are: two encodings are mixed."
            f" {_REMEDY}",
        )
    notice = (
        f"{name} is not UTF-8 and was read as Windows-1252."
        " Look at names with accents; save the file as CSV UTF-8 to be sure."
    )
    return _decode(data, "cp1252", name), [notice]


def _decode(data: bytes, encoding: str, name: str) -> str:
    try:
        return _without_nul(data.decode(encoding), name)
    except UnicodeDecodeError as error:
        raise _refused(
            f"{name}:{_line(data, error.start)}",
            f"This byte belongs to no letter in {encoding}. {_REMEDY}",
        ) from error


def _without_nul(text: str, name: str) -> str:
    position = text.find("\0")
    if position >= 0:
        line = text.count("\n", 0, position) + 1
        raise _refused(
            f"{name}:{line}",
            f"The file holds a NUL byte here: it is damaged, or UTF-16 without its mark. {_REMEDY}",
        )
    return text


def _line(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1


def _refused(place: str, message: str) -> ImportRefused:
    return ImportRefused(f"{place} cannot be read.", [Problem(place, message)])
