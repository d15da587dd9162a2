"""Files are told by what is in them, and their names lose what could deceive."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.questionnaires.file_kinds import FILE_KINDS, FileKind, endings, kind_of, safe_name

PDF = b"%PDF-1.7\n1 0 obj\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00"


def archive(*names: str, first: bytes = b"", method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as made:
        for name in names:
            made.writestr(name, first if name == "mimetype" else b"<x/>")
    return buffer.getvalue()


ODT = b"application/vnd.oasis.opendocument.text"
DOCX = archive("[Content_Types].xml", "word/document.xml", method=zipfile.ZIP_DEFLATED)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "pdf"),
        (PNG, "png"),
        (b"\xff\xd8\xff\xe0JFIF", "jpeg"),
        (DOCX, "docx"),
        (archive("[Content_Types].xml", "xl/workbook.xml"), "xlsx"),
        (archive("[Content_Types].xml", "ppt/presentation.xml"), "pptx"),
        (archive("mimetype", "content.xml", first=ODT), "odt"),
        ("Länder;Orte\n".encode(), "text"),
        (b"\xef\xbb\xbfa,b\n", "text"),
        (archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), None),
        (archive("evil.exe"), None),
        (b"PK\x03\x04 only begins like a zip", None),
        (DOCX[:60], None),
        (b"MZ\x90\x00\x03", None),
        (b"\x00\x01\x02", None),
        (b"a\x1b[2Jb", None),
        (b"  \n", None),
        (b"", None),
        ("ä".encode("latin-1"), None),
    ],
    # an archive holds the time it was made, and workers must collect tests of the same names
    ids=[str(number) for number in range(19)],
)
def test_content_tells_the_kind(content: bytes, kind: str | None) -> None:
    assert kind_of(content, FILE_KINDS) == kind


def test_a_kind_that_is_not_asked_for_is_none() -> None:
    assert kind_of(PNG, ["pdf"]) is None


@pytest.mark.parametrize(
    ("name", "kind", "kept"),
    [
        ("iso.pdf", "pdf", "iso.pdf"),
        ("..\\..\\etc/passwd", "pdf", "passwd.pdf"),
        ("C:\\Users\\me\\scan.JPG", "jpeg", "scan.jpg"),
        ("report\u202efdp.exe", "pdf", "reportfdp.exe.pdf"),
        ("page.html", "text", "page.html.txt"),
        ("data.csv", "text", "data.csv"),
        ("証明書.pdf", "pdf", "証明書.pdf"),
        ("", "pdf", "file.pdf"),
        ("...", "png", "file.png"),
        ('a"b\r\nSet-Cookie: x.pdf', "pdf", "abSet-Cookie x.pdf"),
        ("x" * 500 + ".pdf", "pdf", "x" * 120 + ".pdf"),
    ],
)
def test_names_lose_what_could_deceive(name: str, kind: FileKind, kept: str) -> None:
    assert safe_name(name, kind) == kept


@given(st.binary(max_size=200), st.text(max_size=40), st.sampled_from(FILE_KINDS))
def test_nothing_handed_in_breaks_the_look_at_it(content: bytes, name: str, kind: FileKind) -> None:
    for sign in (b"", b"PK\x03\x04", b"%PDF-"):
        assert kind_of(sign + content, FILE_KINDS) in {None, *FILE_KINDS}
    kept = safe_name(name, kind)
    assert kept.endswith(tuple(endings([kind])))
    assert not set(kept) & set('/\\\r\n"<>\u202e')
