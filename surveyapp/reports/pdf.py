"""From HTML to a tagged PDF: with ``chart_words``, all that knows WeasyPrint."""

import functools
import gc
import io
import logging
import mimetypes
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import ParseError

import cssselect2
import font_source_sans_pro
import pydyf
from defusedxml import ElementTree
from weasyprint import CSS, HTML, Attachment
from weasyprint.css.counters import CounterStyle
from weasyprint.document import Document
from weasyprint.html import UA
from weasyprint.logger import LOGGER
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from surveyapp.errors import Invalid
from surveyapp.reports import chart_words
from surveyapp.reports.seal import Attached

_FONTS: Final = Path(font_source_sans_pro.font_directory)
_VARIANT: Final = "pdf/ua-1"
_TYPES: Final = mimetypes.MimeTypes()
"""Python's own table: the host's must not change a report."""


_CHART: Final = re.compile(
    r'<svg xmlns="http://www.w3.org/2000/svg" [^>]*class="(chart[^">]*)">'
    r"<title>([^<]*)</title>.*?</svg>",
    re.DOTALL,
)
"""A chart as ``charts.svg.chart`` writes it."""


class Drawn(Protocol):
    """What the writer needs to know of a pack, or of the look of handouts."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def folder(self) -> Path:
        """Where its files are."""

    @property
    def stylesheets(self) -> list[Path]:
        """Style files, the shared one first."""

    @property
    def is_bundled(self) -> bool:
        """Whether it ships with surveyapp; any other is not trusted."""


class PackFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
    """Serves ``pack:`` files of one pack, ``font:`` files of the font package, the report's charts."""

    def __init__(self, folder: Path, charts: Mapping[str, str] | None = None) -> None:
        super().__init__(allowed_protocols=("pack", "font", "chart"), fail_on_errors=True)
        self._charts = charts or {}
        self._folders = {"pack": folder.resolve(), "font": _FONTS.resolve()}

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """Return the file, or refuse; ``headers`` are of no use to a file."""
        del headers
        if url in self._charts:
            drawn = self._charts[url].encode()
            return URLFetcherResponse(url, drawn, {"Content-Type": "image/svg+xml"})
        address = urlsplit(url)
        folder = self._folders.get(address.scheme)
        if folder is None:
            raise ValueError(f"{url}: a report reads files of its pack only, as pack:name")
        path = (folder / unquote(address.path).lstrip("/")).resolve()
        if address.netloc or not path.is_relative_to(folder) or not path.is_file():
            raise ValueError(f"{url}: the pack holds no such file")
        kind = _TYPES.guess_type(path.name)[0] or "application/octet-stream"
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})


def write(html: str, pack: Drawn, attached: Sequence[Attached] = ()) -> bytes:
    """Return the PDF of a rendered report; the same HTML, pack and files give the same bytes.

    Raises
    ------
    Invalid
        The report asks for a file or address outside its pack.
    """
    with _uninterrupted():
        content: bytes = laid_out(html, pack).write_pdf(
            pdf_variant=_VARIANT,
            attachments=[_attachment(each) for each in attached],
            finisher=functools.partial(_relate, attached),
        )
    return content


def write_quietly(html: str, pack: Drawn) -> tuple[bytes, bool]:
    """Return the PDF of what somebody wrote, and whether a sign of it is in no font.

    What WeasyPrint says meanwhile goes into no log: it names the signs.
    """
    heard = _Heard()
    LOGGER.addFilter(heard)
    try:
        return write(html, pack), heard.has_missing_signs
    finally:
        LOGGER.removeFilter(heard)


class _Heard(logging.Filter):
    """Listens to WeasyPrint and passes nothing on."""

    has_missing_signs = False

    def filter(self, record: logging.LogRecord) -> bool:
        """Note a sign without a letter."""
        if str(record.msg).startswith(".notdef"):
            self.has_missing_signs = True
        return False


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let Python look for garbage afterwards: in a growing tree of boxes it finds none, again and again."""
    was_looking = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_looking:
            gc.enable()


def _attachment(attached: Attached) -> Attachment:
    return Attachment(
        file_obj=io.BytesIO(attached.content),
        name=attached.name,
        description=attached.description,
        relationship=attached.relationship,
        created=attached.made_at,
        modified=attached.made_at,
    )


def _relate(attached: Sequence[Attached], _document: Document, pdf: Any) -> None:  # noqa: ANN401 pydyf ships no types
    """Say what each attached file is to the document (PDF 2.0, 14.13), which PDF/UA-1 lets pass."""
    by_name = {each.name: each for each in attached}
    files = [each for each in pdf.objects if _is_file(each)]
    for file in files:
        one = by_name[file["UF"].string]
        file["AFRelationship"] = f"/{one.relationship}"
        if one.is_plain:
            [stream] = [each for each in pdf.objects if each.reference == file["EF"]["F"]]
            stream.compress = False
            stream.extra["Params"].pop("CheckSum")
    if files:
        pdf.catalog["AF"] = pydyf.Array([file.reference for file in files])


def _is_file(each: object) -> bool:
    return isinstance(each, pydyf.Dictionary) and each.get("Type") == "/Filespec"


def laid_out(html: str, pack: Drawn) -> Document:
    """Return the pages of a rendered report with the place of everything on them.

    Raises
    ------
    Invalid
        The report asks for a file or address outside its pack.
    """
    try:
        styles = [_stylesheet(path.read_text("utf-8"), pack.folder) for path in pack.stylesheets]
        # somebody's own template may not be well-formed, and their style may speak of svg elements
        document = _OwnPages(html, pack) if pack.is_bundled else _pages(html, pack)
        return document.render(stylesheets=styles, font_config=_fonts(), pdf_variant=_VARIANT)
    except FatalURLFetchingError as error:
        raise Invalid(f"The pack {pack.name} cannot be rendered. {error.__cause__}") from error


def _pages(html: str, pack: Drawn) -> HTML:
    return HTML(string=html, url_fetcher=PackFetcher(pack.folder))


class _OwnPages(HTML):  # type: ignore[misc]  # WeasyPrint ships no types
    """Pages of a bundled pack, in a third less time than any HTML takes; the same to the last byte.

    Their templates are well-formed, so the XML parser reads them; no HTML parser has to guess. They have
    no footnotes, for which WeasyPrint would style six pseudo-elements of every element.
    """

    def __init__(self, html: str, pack: Drawn) -> None:
        charts: dict[str, str] = {}
        lifted = _lifted(html, charts)
        fetcher = PackFetcher(pack.folder, charts)
        try:
            root = ElementTree.fromstring(lifted)
        except ParseError:
            # a name may hold characters that XML forbids
            super().__init__(string=lifted, url_fetcher=fetcher)
            return
        self.base_url, self.url_fetcher, self.media_type = None, fetcher, "print"
        self.wrapper_element = cssselect2.ElementWrapper.from_html_root(root, content_language=None)
        self.etree_element = root

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:  # noqa: ARG002, FBT001, FBT002 as WeasyPrint calls it
        return [_without_footnotes()]


@functools.cache
def _without_footnotes() -> CSS:
    """What a browser's own style says of HTML, less the notes; bullets are looked for in lists only."""
    style = re.sub(r"(?m)^::(foot)?note-.*$", "", UA).replace("\n::marker {", "\nli::marker {")
    return CSS(string=style, counter_style=CounterStyle())


def _lifted(html: str, charts: dict[str, str]) -> str:
    """Take charts out of the page and refer to them.

    The drawing is the same; its thousand elements need not pass the HTML parser and the styles.
    """

    def refer(found: re.Match[str]) -> str:
        kind, title = found.groups()
        address = addresses.setdefault(found[0], f"chart:{len(addresses)}")
        charts[address] = chart_words.straight(found[0])
        return f'<img class="{kind}" alt="{title}" src="{address}" />'

    addresses: dict[str, str] = {}
    return _CHART.sub(refer, html)


@functools.cache
def _fonts() -> FontConfiguration:
    """The fonts of this process: loading them again for each report would cost most of its time."""
    return FontConfiguration()


@functools.lru_cache(maxsize=32)
def _stylesheet(text: str, folder: Path) -> CSS:
    return CSS(string=text, url_fetcher=PackFetcher(folder), font_config=_fonts())
