"""Bar S10: check and publish a questionnaire of 1,000 items, from its files to the stored version.

Fifty sections of twenty items of every kind, with conditions, words of their own and a whole translation.
Checking reads the folder from disk each time; publishing freezes the form and notes it in the audit trail.
Processor time is told beside the clock's, because other programs share the machine.
Run: ``python -m benchmarks.s10_questionnaire [--quick] [--database sqlite]``.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import yaml

from benchmarks import stage
from benchmarks.report import report
from surveyapp.clock import utcnow
from surveyapp.extensions import transaction
from surveyapp.questionnaires.loading import load
from surveyapp.services import definitions
from tests import factories

ITEMS: Final = 1_000
ON_A_PAGE: Final = 20
_TIMES: Final = 9
_POINTS: Final = list(range(1, 8))


def main() -> None:
    """Check and publish on each database; print the object that ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="three times instead of nine")
    parser.add_argument("--database", choices=stage.DATABASES, help="this one only")
    asked = parser.parse_args()
    detail: dict[str, float | str] = {"items": ITEMS}
    slowest = 0.0
    for database in [asked.database] if asked.database else stage.DATABASES:
        with stage.on(database), tempfile.TemporaryDirectory() as folder:
            found = play(Path(folder) / "thousand", 3 if asked.quick else _TIMES)
        print(f"S10 on {database}: {found}")
        detail |= {f"{database}_{key}": value for key, value in found.items()}
        slowest = max(slowest, found["s"])
    report("S10 check and publish", slowest, "s", detail)


def play(folder: Path, times: int) -> dict[str, float]:
    """Write the questionnaire; check and publish it so many times, each time as another version."""
    checked, published, spent = [], [], []
    with transaction() as session:
        programme_id = factories.make_programme(session, "kestrin", at=utcnow()).id
    for version in range(1, times + 1):
        write(folder, version)
        processor, started = time.process_time(), time.perf_counter()
        questionnaire = load(folder)
        between = time.perf_counter()
        with transaction() as session:
            programme = session.get_one(factories.Programme, programme_id)
            stored = definitions.publish(
                session, programme, questionnaire, by="benchmark", at=utcnow()
            )
            if stored.version != version:
                raise RuntimeError(f"Version {stored.version} was stored instead of {version}.")
        published.append(time.perf_counter() - between)
        checked.append(between - started)
        spent.append(time.process_time() - processor)
    found = sum(1 for _ in questionnaire.items())
    if found != ITEMS:
        raise RuntimeError(f"The questionnaire has {found} items.")
    both = [check + publish for check, publish in zip(checked, published, strict=True)]
    return {
        "s": round(statistics.median(both), 3),
        "worst_s": round(max(both), 3),
        "check_s": round(statistics.median(checked), 3),
        "publish_s": round(statistics.median(published), 3),
        "cpu_s": round(statistics.median(spent), 3),
    }


def write(folder: Path, version: int) -> None:
    """Write the questionnaire and its translation as an author would have them on disk."""
    folder.mkdir(exist_ok=True)
    items = [_item(number) for number in range(ITEMS)]
    pages = [items[first : first + ON_A_PAGE] for first in range(0, ITEMS, ON_A_PAGE)]
    whole = {
        "id": folder.name,
        "version": version,
        "purpose": "perception",
        "title": "A thousand questions",
        "language": "en",
        "authors": ["surveyapp"],
        "licence": "CC0-1.0",
        "minutes": 120,
        "anonymity": "identified",
        "views": ["buyer-on-supplier"],
        "scales": {
            "agree7": {
                "points": _POINTS,
                "labels": {1: "Disagree", 7: "Agree"},
                "escape": {"code": "nb", "label": "No basis"},
            }
        },
        "dimensions": {
            f"dimension_{number}": {"label": f"Dimension {number}", "kind": "engagement"}
            for number in range(10)
        },
        "sections": [
            {"id": f"section_{number}", "title": f"Section {number}", "items": page}
            for number, page in enumerate(pages)
        ],
        "scoring": {
            "method": "state/1",
            "seq": {f"dimension_{number}": 0.1 for number in range(10)},
        },
    }
    german = {
        "title": "Tausend Fragen",
        "scales": {
            "agree7": {"labels": {1: "Nein", 7: "Ja"}, "escape": "Kann ich nicht beurteilen"}
        },
        "dimensions": {f"dimension_{number}": f"Dimension {number}" for number in range(10)},
        "sections": {
            f"section_{number}": {"title": f"Abschnitt {number}"} for number in range(len(pages))
        },
        "items": {each["id"]: _in_german(each) for each in items},
    }
    for name, data in (("questionnaire", whole), ("de", german)):
        text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=10_000)
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def _item(number: int) -> dict[str, Any]:
    """Return the n-th item: mostly ratings, every fifth another kind, some with conditions."""
    item: dict[str, Any] = {"id": f"q{number}", "text": f"Statement number {number} about them."}
    match number % 20:
        case 4:
            options = [{"code": code, "label": f"Way {code}"} for code in ("a", "b", "c", "d")]
            return {**item, "kind": "single_choice", "options": options}
        case 9:
            condition = f"q{number - 1} <= 3 and answered(q{number - 2})"
            return {**item, "kind": "text", "visible_if": condition}
        case 14:
            return {**item, "kind": "number", "min": 0, "unit": "EUR", "required": True}
        case 19:
            condition = f'q{number - 15} == "a" or mean(q{number - 1}, q{number - 2}) > 4'
            options = [{"code": code, "label": f"Thing {code}"} for code in ("a", "b", "c")]
            return {**item, "kind": "multiple_choice", "options": options, "visible_if": condition}
    measured = {
        "dimension": f"dimension_{(number + number // ON_A_PAGE) % 10}",
        "short": f"Statement {number}",
    }
    return {**item, "kind": "rating", "scale": "agree7", **measured}


def _in_german(item: dict[str, Any]) -> dict[str, Any]:
    """Translate every text an item has."""
    words: dict[str, Any] = {"text": f"Aussage {item['id']} über sie."}
    if "short" in item:
        words["short"] = f"Aussage {item['id']}"
    if "unit" in item:
        words["unit"] = "EUR"
    if "options" in item:
        words["options"] = {each["code"]: f"Option {each['code']}" for each in item["options"]}
    return words


if __name__ == "__main__":
    main()
