"""Which files may be handed in, told by what is in them: never by their name or what a browser says."""

import io
import unicodedata
import zipfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final, Literal, get_args

FileKind = Literal["pdf", "png", "jpeg", "docx", "xlsx", "pptx", "odt", "ods", "text"]
FILE_KINDS: Final[tuple[FileKind, ...]] = get_args(FileKind)
LONGEST_NAME: Final = 120
_MOST_ENTRIES: Final = 5000


@dataclass(frozen=True, slots=True)
class _Known:
    words: str
    media_type: str
    endings: tuple[str, ...]
    is_it: Callable[[bytes], bool]


def kind_of(content: bytes, among: Collection[FileKind]) -> FileKind | None:
    """Return which of these kinds the content is; None when it is none of them."""
    return next(
        (kind for kind in FILE_KINDS if kind in among and _KNOWN[kind].is_it(content)), None
    )


def in_words(kinds: Collection[FileKind]) -> list[str]:
    """Name the kinds the way people do, each once."""
    return [_KNOWN[kind].words for kind in FILE_KINDS if kind in kinds]


def endings(kinds: Collection[FileKind]) -> list[str]:
    """List the endings a file dialogue may offer."""
    return [f".{ending}" for kind in FILE_KINDS if kind in kinds for ending in _KNOWN[kind].endings]


def media_type(kind: FileKind) -> str:
    """Return what a browser is told on the way out."""
    return _KNOWN[kind].media_type


def safe_name(name: str, kind: FileKind) -> str:
    """Return a name without folders and signs nobody sees, that ends as the content is."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    visible = "".join(each for each in last if each.isprintable() and each not in '<>:"|?*')
    stem, _, ending = visible.rpartition(".")
    allowed = _KNOWN[kind].endings
    if not stem or ending.lower() not in allowed:
        stem, ending = visible, allowed[0]
    return f"{stem.strip(' .')[:LONGEST_NAME] or 'file'}.{ending.lower()}"


def _begins(*signs: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(signs)


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return bool(text.strip()) and not any(
        unicodedata.category(each) == "Cc" and each not in "\t\n\r\f" for each in text
    )


def _office(part: str) -> Callable[[bytes], bool]:
    """Look for the part that makes a zip this kind of document; one with macros is none."""

    def is_it(content: bytes) -> bool:
        names = _names_in(content)
        has_macros = any(name.lower().endswith("vbaproject.bin") for name in names)
        return {"[Content_Types].xml", part} <= names and not has_macros

    return is_it


def _open_document(media: str) -> Callable[[bytes], bool]:
    # the standard puts its own name first, not compressed
    sign = f"mimetype{media}".encode()
    return lambda content: (
        content[30 : 30 + len(sign)] == sign and "content.xml" in _names_in(content)
    )


def _names_in(content: bytes) -> set[str]:
    if not content.startswith(b"PK\x03\x04"):
        return set()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        # what only begins like a zip is no document
        return set()
    return set(names) if len(names) <= _MOST_ENTRIES else set()


_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
_ODF: Final = "application/vnd.oasis.opendocument"
_KNOWN: Final[dict[FileKind, _Known]] = {
    "pdf": _Known("PDF", "application/pdf", ("pdf",), _begins(b"%PDF-")),
    "png": _Known("PNG", "image/png", ("png",), _begins(b"\x89PNG\r\n\x1a\n")),
    "jpeg": _Known("JPEG", "image/jpeg", ("jpg", "jpeg"), _begins(b"\xff\xd8\xff")),
    "docx": _Known(
        "Word", f"{_OFFICE}.wordprocessingml.document", ("docx",), _office("word/document.xml")
    ),
    "xlsx": _Known(
        "Excel", f"{_OFFICE}.spreadsheetml.sheet", ("xlsx",), _office("xl/workbook.xml")
    ),
    "pptx": _Known(
        "PowerPoint",
        f"{_OFFICE}.presentationml.presentation",
        ("pptx",),
        _office("ppt/presentation.xml"),
    ),
    "odt": _Known("OpenDocument text", f"{_ODF}.text", ("odt",), _open_document(f"{_ODF}.text")),
    "ods": _Known(
        "OpenDocument sheet", f"{_ODF}.spreadsheet", ("ods",), _open_document(f"{_ODF}.spreadsheet")
    ),
    "text": _Known("text", "text/plain; charset=utf-8", ("txt", "csv", "md"), _is_text),
}
