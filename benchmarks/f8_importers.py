"""F8, importers: files and forms made at random go through the import pages; no 5xx, no partial write.

Good files are broken in bytes, cells, headings, sheets and names, the forms are filled at random, and
every import is committed, and often undone. After each step the rows are counted against what the
import says of itself. Run: ``python -m benchmarks.f8_importers [--quick]``.
"""

import io
import random
import zipfile
from collections.abc import Sequence
from typing import Final

import httpx
from sqlalchemy import select

from benchmarks.import_owner import Owner, offered, row_counts
from benchmarks.stage import Outcome, Stage, main
from surveyapp.extensions import reading
from surveyapp.models.imports import ImportBatch, ImportState
from surveyapp.services.account_sheets import Sheet
from tests.services.import_files import FILES
from tests.tabular.workbook_files import workbook

_CELLS: Final = (
    *(
        "",
        "a1",
        "us",
        "b1",
        "x@x.example",
        "tomas@aldermere.example",
        "=1+1",
        "-1",
        "1e999",
        "#REF!",
    ),
    *(
        "2026-02-30",
        "2026-12-31",
        "EUR",
        "12.5",
        "99999999999999999999",
        "Zoë",
        "\u202ex",
        "a\u200bb",
    ),
    *(
        "'; DROP TABLE contact; --",
        "<script>",
        "n" * 400,
        "buyer",
        "it",
        "decides",
        "de",
        "0",
        "\t",
    ),
)
_HEADINGS: Final = (
    *("reference", "name", "Name ", "e-mail", "Kunde", "buyer", "supplier", "organisation", ""),
    *("function", "influence", "__class__", "data", "errors", "{{ 7 * 7 }}", "%(num)s", "h" * 300),
)
_NAMES: Final = (
    *("contacts.csv", "organisations.csv", "x.xlsx", "../../x.csv", "a\r\nb.csv", ".", "n" * 300),
    *("stakeholders.xlsx", "%00.csv", "relationships.csv", "\u202ecsv.exe", "a!b:1!C7.csv"),
)


def play(stage: Stage, tries: int) -> Outcome:
    """Send one import after another."""
    stage.start_pages(workers=2)
    outcome = Outcome(tries=tries)
    owner = Owner(stage.app, stage.url)
    chance = random.Random(8)
    stored = undone = 0
    _import(
        owner, chance, 0, outcome, [(f"{name}.csv", text.encode()) for name, text in FILES.items()]
    )
    for number in range(tries):
        before = row_counts()
        batch = _import(owner, chance, number, outcome, _files(chance, number))
        stored += batch is not None
        outcome.check(
            row_counts() == _expected(before, batch),
            f"try {number}: {before} became {row_counts()}, the import says {batch and batch.counts}",
        )
        if batch is not None and chance.random() < 0.5:
            found = owner.post(f"{owner.path}/{batch.id}/undo")
            outcome.check(found.status_code == 303, f"try {number}: undo gave {found.status_code}")
            outcome.check(row_counts() == before, f"try {number}: undone, and not as before")
            undone += 1
    outcome.check(stored > tries / 10, f"only {stored} imports were stored: nothing was tried")
    outcome.detail |= {"stored": stored, "undone": undone}
    owner.close()
    outcome.wrong += stage.faults()
    return outcome


def _import(
    owner: Owner,
    chance: random.Random,
    number: int,
    outcome: Outcome,
    files: Sequence[tuple[str, bytes]],
) -> ImportBatch | None:
    """Go through every step as far as it leads; return the import if it was stored."""

    def is_fine(found: httpx.Response, step: str) -> bool:
        is_refusal = found.status_code in {409, 422} and "<h1" in found.text
        is_ours = is_refusal or found.status_code in {200, 302, 303}
        outcome.check(is_ours, f"try {number}: {step} gave {found.status_code}")
        return found.status_code in {200, 303}

    sent = owner.upload(files)
    if not is_fine(sent, "upload"):
        return None
    address = sent.headers["location"].removesuffix("/sheets")
    for step in ("sheets", "columns"):
        shown = owner.http.get(f"{address}/{step}")
        form = {name: chosen for name, (chosen, _options) in offered(shown.text).items()}
        if form and chance.random() < 0.2:
            name = chance.choice(list(form))
            form[name] = chance.choice(offered(shown.text)[name][1])
        if chance.random() < 0.02:
            form = {**form, "part-0": "elephants", "contacts-email": "-1"}
        if not is_fine(shown, f"page {step}") or not is_fine(
            owner.post(f"{address}/{step}", form), step
        ):
            break
    is_fine(owner.http.get(f"{address}/check"), "check")
    is_fine(owner.http.get(f"{address}/problems.csv"), "problems")
    is_fine(owner.post(f"{address}/commit"), "commit")
    with reading() as session:
        batch = session.scalars(
            select(ImportBatch).order_by(ImportBatch.created_at.desc()).limit(1)
        ).one()
    return batch if batch.state == ImportState.COMMITTED else None


def _expected(before: tuple[int, ...], batch: ImportBatch | None) -> tuple[int, ...]:
    new = [batch.counts.get(sheet.value, {}).get("new", 0) if batch else 0 for sheet in Sheet]
    return tuple(had + more for had, more in zip(before, new, strict=True))


def _files(chance: random.Random, number: int) -> list[tuple[str, bytes]]:
    """Make one to four files, most of them nearly right."""
    texts = {name: _of_its_own(text, number) for name, text in FILES.items()}
    tables = {name: _table(text, chance) for name, text in texts.items() if chance.random() < 0.8}
    if chance.random() < 0.4:
        data = workbook(tables or {"Empty": []})
        name = chance.choice(["accounts.xlsx", *_NAMES]) if chance.random() < 0.3 else "a.xlsx"
        return [(name, _broken_workbook(data, chance) if chance.random() < 0.3 else data)]
    return [
        (
            chance.choice(_NAMES) if chance.random() < 0.1 else f"{name}.csv",
            _broken(_csv(table), chance) if chance.random() < 0.1 else _csv(table),
        )
        for name, table in tables.items()
    ] or [(chance.choice(_NAMES), chance.randbytes(chance.randrange(200)))]


def _of_its_own(text: str, number: int) -> str:
    """Let half of the tries be about a buyer and a person who are not there yet."""
    own = f"a{number}" if number % 2 else "a1"
    return text.replace("a1", own).replace("tomas@", f"tomas.{own}@")


def _table(text: str, chance: random.Random) -> list[list[str]]:
    rows = [line.split(",") for line in text.splitlines()]
    for _ in range(chance.choice([0, 0, 0, 0, 0, 0, 1, 2])):
        number = chance.randrange(len(rows))
        column = chance.randrange(len(rows[number]))
        rows[number][column] = chance.choice(_CELLS if number else _HEADINGS)
    if chance.random() < 0.03:
        rows.append(list(chance.choice(rows)))
    if chance.random() < 0.02:
        rows[-1].append("stray")
    return rows


def _csv(rows: list[list[str]]) -> bytes:
    return "".join(",".join(row) + "\n" for row in rows).encode()


def _broken(data: bytes, chance: random.Random) -> bytes:
    """Flip, cut or double some bytes."""
    changed = bytearray(data)
    for _ in range(chance.randrange(1, 5)):
        at = chance.randrange(len(changed))
        match chance.randrange(3):
            case 0:
                changed[at] = chance.randrange(256)
            case 1:
                del changed[at : at + chance.randrange(1, 40)]
            case _:
                changed[at:at] = changed[: chance.randrange(40)]
        if not changed:
            break
    return bytes(changed) or b"x"


def _broken_workbook(data: bytes, chance: random.Random) -> bytes:
    """Break the zip file itself, or one of its pieces."""
    if chance.random() < 0.3:
        return _broken(data, chance)
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        names = source.namelist()
        victim = chance.choice(names)
        for name in names:
            content = source.read(name)
            target.writestr(name, _broken(content, chance) if name == victim else content)
    return out.getvalue()


if __name__ == "__main__":
    main(
        "F8 importers",
        "5xx or partial writes",
        play,
        tries=1000,
        quick=60,
        description=__doc__ or "",
    )
