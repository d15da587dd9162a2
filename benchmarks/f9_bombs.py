"""F9, importers: files made to do harm are uploaded to running pages, with other people looking on.

Each must be refused with a reason, or read as the harmless text it is; the time of each, the memory
of pages and readers together and the time of another page meanwhile are bounded.
Run: ``python -m benchmarks.f9_bombs [--quick]``.
"""

import io
import struct
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import httpx
import psutil
from openpyxl import Workbook

from benchmarks.import_owner import Owner, offered, row_counts
from benchmarks.stage import Outcome, Stage, main
from surveyapp.tabular.table import MAX_BYTES
from surveyapp.tabular.workbooks import MAX_UNPACKED
from tests.tabular.workbook_files import cell, saved, with_sheet_xml, workbook

MAX_SECONDS: Final = 60.0
MAX_MEMORY: Final = 1_700_000_000
"""Of all processes together, more than before the upload."""
_HEADER: Final = f'<row r="1">{cell("A1", "email")}</row>'
_LAUGHS: Final = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
    + "]>"
)


def play(stage: Stage, tries: int) -> Outcome:
    """Upload the first so many bombs."""
    stage.start_pages(workers=2)
    outcome = Outcome()
    owner = Owner(stage.app, stage.url)
    kept_before = _files_outside(stage)
    slowest = most = waited = 0.0
    for name, (words, make) in list(BOMBS.items())[:tries]:
        outcome.tries += 1
        data = make()
        with _watched(stage) as watch:
            started = time.monotonic()
            sent = owner.upload([("bomb.xlsx" if data[:2] == b"PK" else "bomb.csv", data)])
            seconds = time.monotonic() - started
        print(f"  {name}: {sent.status_code}, {seconds:.1f} s, {watch.most / 1e6:.0f} MB more")
        outcome.check(sent.status_code in {413, 422}, f"{name}: gave {sent.status_code}")
        outcome.check(words in sent.text, f"{name}: {words!r} is not said")
        outcome.check(seconds < MAX_SECONDS, f"{name}: took {seconds:.0f} s")
        outcome.check(watch.most < MAX_MEMORY, f"{name}: took {watch.most / 1e6:.0f} MB")
        outcome.check(not watch.errors, f"{name}: another page failed: {watch.errors[:1]}")
        slowest, most = max(slowest, seconds), max(most, watch.most)
        waited = max(waited, watch.waited)
    _harmless(owner, outcome)
    outcome.check(row_counts() == (2, 0, 0, 0), f"rows were stored: {row_counts()}")
    outcome.check(_files_outside(stage) == kept_before, "a file was written outside the store")
    outcome.detail |= {
        "slowest_s": round(slowest, 1),
        "memory_mb": round(most / 1e6),
        "other_page_ms": round(waited * 1000),
    }
    owner.close()
    outcome.wrong += stage.faults()
    return outcome


def _harmless(owner: Owner, outcome: Outcome) -> None:
    """Import formulas and a name that climbs out of its folder: both are only text."""
    outcome.tries += 1
    rows = 'reference,name\n"=cmd|\' /C calc\'!A0","=HYPERLINK(""http://x"")"\n@SUM(1),+1\n'
    address = (
        owner.upload([("../../../../etc/cron.d/organisations.csv", rows.encode())])
        .headers["location"]
        .removesuffix("/sheets")
    )
    for step in ("sheets", "columns"):
        form = offered(owner.http.get(f"{address}/{step}").text)
        owner.post(f"{address}/{step}", {name: chosen for name, (chosen, _) in form.items()})
    done = owner.post(f"{address}/commit")
    outcome.check(done.status_code == 303, f"formulas as text gave {done.status_code}")
    # and back out again, in the list of what is wrong
    again = owner.upload([("x.csv", b"email,name,organisation\n=1+1,=2,=3\n")]).headers["location"]
    address = again.removesuffix("/sheets")
    owner.post(f"{address}/sheets", {"part-0": "contacts"})
    form = offered(owner.http.get(f"{address}/columns").text)
    owner.post(f"{address}/columns", {name: chosen for name, (chosen, _) in form.items()})
    lines = owner.http.get(f"{address}/problems.csv").text.splitlines()
    outcome.check(
        len(lines) > 1
        and not any(line.lstrip("\ufeff").startswith(("=", "+", "-", "@")) for line in lines),
        "a downloaded file holds a formula",
    )


@dataclass
class Watch:
    """What was seen while an upload was read."""

    most: float = 0.0
    waited: float = 0.0
    errors: list[str] = field(default_factory=list)


@contextmanager
def _watched(stage: Stage) -> Iterator[Watch]:
    """Measure memory, and open another page again and again."""
    watch, is_over = Watch(), threading.Event()
    pages = psutil.Process(stage.pid_of("pages"))
    idle = _memory(pages)

    def look() -> None:
        while not is_over.wait(0.05):
            watch.most = max(watch.most, _memory(pages) - idle)

    def visit() -> None:
        with httpx.Client(base_url=stage.url, timeout=60, trust_env=False) as http:
            while not is_over.wait(0.1):
                started = time.monotonic()
                status = http.get("/sign-in").status_code
                watch.waited = max(watch.waited, time.monotonic() - started)
                if status != 200:
                    watch.errors.append(str(status))

    threads = [threading.Thread(target=each) for each in (look, visit)]
    for thread in threads:
        thread.start()
    try:
        yield watch
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


def _memory(process: psutil.Process) -> float:
    total = 0.0
    for each in [process, *process.children(recursive=True)]:
        try:
            total += each.memory_info().rss
        except psutil.NoSuchProcess:
            continue  # a reader that ended while we looked
    return total


def _files_outside(stage: Stage) -> set[str]:
    """Every file under the home's parent but those of the store, the database and the log."""
    kept = ("files", "surveyapp.db", "queue.db", "log.txt")
    return {
        str(path.relative_to(stage.home))
        for path in stage.home.rglob("*")
        if path.is_file() and not path.relative_to(stage.home).parts[0].startswith(kept)
    }


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            target.writestr(name, content)
    return out.getvalue()


def _lying_directory() -> bytes:
    """A member that unpacks to much more than the directory says."""
    data = bytearray(with_sheet_xml(_HEADER + "<row/>" * 3_000_000))
    at = data.rfind(b"xl/worksheets/sheet1.xml") - 46
    struct.pack_into("<I", data, at + 24, 1_000)
    return bytes(data)


def _shared_text() -> bytes:
    """One long text that very many cells name."""
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{"x" * 1000}</t></is></c></row>'
        for n in range(2, 60_000)
    )
    return with_sheet_xml(_HEADER + rows)


def _full_sheet() -> bytes:
    """1,048,576 rows, each with something in it."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Contacts")
    for _ in range(1_048_576):
        sheet.append(["x"])
    return saved(book)


def _wide() -> bytes:
    rows = "".join(f'<row r="{n}">{cell(f"XFD{n}", "x")}</row>' for n in range(2, 50_000))
    return with_sheet_xml(_HEADER + rows)


BOMBS: Final[dict[str, tuple[str, Callable[[], bytes]]]] = {
    "zip bomb": (
        "unpacks to",
        lambda: _zip(
            {"[Content_Types].xml": b"", "xl/worksheets/sheet1.xml": b" " * (MAX_UNPACKED * 2)}
        ),
    ),
    "zip of very many pieces": (
        "pieces",
        lambda: _zip({str(number): b"" for number in range(50_000)}),
    ),
    "directory that lies": ("damaged", _lying_directory),
    "billion laughs": (
        "XML entities",
        lambda: with_sheet_xml(f"<row><c><v>&{chr(109)};</v></c></row>", before=_LAUGHS),
    ),
    "row number of twelve digits": (
        "damaged",
        lambda: with_sheet_xml(f'{_HEADER}<row r="999999999999">{cell("A2", "x")}</row>'),
    ),
    "number of a million digits": (
        "damaged",
        lambda: with_sheet_xml(f'{_HEADER}<row r="2"><c r="A2"><v>{"9" * 10**6}</v></c></row>'),
    ),
    "workbook with a password": (
        "password",
        lambda: b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le") * 10,
    ),
    "very many sheets": (
        "at most 30",
        lambda: workbook({f"S{n}": [["a"], ["b"]] for n in range(200)}),
    ),
    "CSV of commas only": ("empty", lambda: b"," * (MAX_BYTES - 10) + b"\n"),
    "CSV with a quotation mark never closed": (
        "131,072",
        lambda: b'email\n"' + b"x" * (MAX_BYTES - 100),
    ),
    "CSV of NUL": ("NUL", lambda: b"\0" * (MAX_BYTES - 10)),
    "CSV of too many rows": ("more than 100,000 rows", lambda: b"email\n" + b"a\n" * 2_000_000),
    "more than the limit": ("40 MB", lambda: b"x" * 41 * 1024 * 1024),
    "cells in the last column": ("right of column 200", _wide),
    "one range over everything": (
        "merged",
        lambda: with_sheet_xml(
            "".join(f'<row r="{n}">{cell(f"A{n}", "x")}</row>' for n in range(1, 20_000)),
            after='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
        ),
    ),
    "long texts in very many cells": ("letters", _shared_text),
    "deeply nested XML": (
        "",
        lambda: with_sheet_xml("<row>" * 200_000 + "</row>" * 200_000),
    ),
    "1,048,576 rows": ("more than 100,000 rows", _full_sheet),
    "three million empty rows": (
        "",
        lambda: with_sheet_xml("<row/>" * 3_000_000),
    ),
}


if __name__ == "__main__":
    main(
        "F9 importers",
        "bombs that went off",
        play,
        tries=len(BOMBS),
        quick=13,
        description=__doc__ or "",
        databases=("sqlite",),
    )
