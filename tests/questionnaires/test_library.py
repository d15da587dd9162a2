"""The bundled questionnaires, the catalogue, the preview and the editors' schema."""

import json
import shutil
from pathlib import Path

import pytest

from surveyapp.errors import NotFound, QuestionnaireError
from surveyapp.questionnaires.answers import units
from surveyapp.questionnaires.catalogue import Entry, entries, find
from surveyapp.questionnaires.checking import check
from surveyapp.questionnaires.definition import Questionnaire, Scored
from surveyapp.questionnaires.encoding import scoring_plan
from surveyapp.questionnaires.preview import preview
from surveyapp.questionnaires.schema import json_schema
from surveyapp.questionnaires.wording import localised
from surveyapp.resources import bundled

LIBRARY = bundled("questionnaires")


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.id)
def test_every_bundled_questionnaire_is_sound_and_has_golden_answers(entry: Entry) -> None:
    assert entry.problems == ()
    assert entry.questionnaire is not None
    golden = json.loads((entry.path / "golden.json").read_text(encoding="utf-8"))
    assert len(golden["cases"]) >= 5
    assert "de" in entry.questionnaire.translations


def test_golden_answers_are_really_played(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(LIBRARY / "relationship-core", tmp_path / "relationship-core"))
    golden = folder / "golden.json"
    golden.write_text(
        golden.read_text(encoding="utf-8").replace("51.6667", "51.6668"), encoding="utf-8"
    )
    (problem,) = check(folder)
    assert problem.message.endswith("SEQ comes to 51.6667, not 51.6668.")


def test_a_library_is_examined_again_when_a_file_changes_or_goes(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(LIBRARY / "practices", tmp_path / "practices"))
    (folder / ".#de.yaml").symlink_to("nowhere")
    found = {each.id: each for each in entries(extra=[tmp_path])}["practices"]
    assert found.questionnaire is None  # the lock of somebody who is writing stands among the texts
    (folder / ".#de.yaml").unlink()
    first = find("practices", extra=[tmp_path])
    assert find("practices", extra=[tmp_path]) is first
    texts = (folder / "de.yaml").read_text(encoding="utf-8")
    (folder / "de.yaml").unlink()
    assert find("practices", extra=[tmp_path]).translations == {}
    (folder / "de.yaml").write_text(texts, encoding="utf-8")
    assert find("practices", extra=[tmp_path]) == first
    main = folder / "questionnaire.yaml"
    main.write_text(main.read_text(encoding="utf-8").replace("id: p", "id: q", 1), encoding="utf-8")
    with pytest.raises(QuestionnaireError):
        find("practices", extra=[tmp_path])


def test_the_annual_survey_asks_the_nine_ratings_of_the_published_data() -> None:
    q = find("annual-customer-survey", version=1)
    plan = scoring_plan(q, reference_means=70)
    assert [(d.id, d.kind, [i.id for i in d.items]) for d in plan.dimensions] == [
        ("attitude", "engagement", ["overall_satisfaction", "would_recommend"]),
        ("intent", "engagement", ["would_repurchase"]),
        *(
            (name, "climate", [name])
            for name in (
                "equipment",
                "sales_support",
                "technical_support",
                "supplies",
                "administrative_support",
                "terms_conditions_prices",
            )
        ),
    ]
    assert q.scoring is not None
    assert q.scoring.seq == {"attitude": 0.6, "intent": 0.4}


def test_the_core_asks_three_items_of_each_climate_dimension() -> None:
    plan = scoring_plan(find("relationship-core"), reference_means=70)
    sizes = {d.id: len(d.items) for d in plan.dimensions}
    assert sizes == {
        "attitude": 4,
        "intent": 4,
        "integrity": 3,
        "competency": 3,
        "recognition": 3,
        "proactivity": 3,
        "savvy": 3,
        "chemistry": 3,
    }


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", ["relationship-pulse", "self-view"])
def test_pulse_and_self_view_ask_the_core_s_items_in_the_core_s_words(
    name: str, language: str
) -> None:
    """Only what is asked in the same words is compared between waves and views."""
    core, other = (localised(find(each), language) for each in ("relationship-core", name))
    assert (core.language, other.language) == (language, language)
    asked = {
        d.id: [i.id for i in d.items] for d in scoring_plan(other, reference_means=70).dimensions
    }
    in_core = scoring_plan(core, reference_means=70).dimensions
    assert list(asked) == [dimension.id for dimension in in_core]
    for dimension in in_core:
        ids = [item.id for item in dimension.items]
        if name == "self-view":
            assert asked[dimension.id] == ids
        else:
            assert len(asked[dimension.id]) == 1
            assert set(asked[dimension.id]) <= set(ids)
    theirs, ours = units(core), units(other)
    for key in (item for ids in asked.values() for item in ids):
        same = ("text", "short", "reverse", "points", "labels", "options", "escape")
        assert [getattr(ours[key], each) for each in same] == [
            getattr(theirs[key], each) for each in same
        ]


@pytest.mark.parametrize("language", ["en", "de"])
def test_practices_stand_beside_two_statements_of_the_core(language: str) -> None:
    core, other = (localised(find(each), language) for each in ("relationship-core", "practices"))
    plan = scoring_plan(other, reference_means=70)
    assert [(d.id, d.kind, len(d.items)) for d in plan.dimensions] == [
        ("attitude", "engagement", 1),
        ("intent", "engagement", 1),
        *(
            (name, "climate", 3)
            for name in ("preparation", "contact", "follow_through", "moving_on")
        ),
    ]
    theirs, ours = units(core), units(other)
    for key in ("trust_advice", "expect_to_renew"):
        assert (ours[key].text, ours[key].labels) == (theirs[key].text, theirs[key].labels)


def test_maturity_has_eight_ladders_with_a_place_for_evidence_at_each_step() -> None:
    q = find("collaboration-maturity")
    found = units(q)
    stages = [dimension.id for dimension in q.dimensions]
    assert (len(stages), stages[0], stages[-1]) == (8, "awareness", "exit")
    for stage in stages:
        steps = [(option.code, option.points) for option in found[stage].options]
        assert steps == [(f"level_{n}", n / 4) for n in range(5)]
        for n in range(1, 5):
            assert found[f"{stage}_{n}"].text == f"What shows: “{found[stage].options[n].label}”?"


@pytest.mark.parametrize("language", ["en", "de"])
def test_maturity_tells_claimed_and_shown_of_every_stage_before_it_is_sent(language: str) -> None:
    q = localised(find("collaboration-maturity"), language)
    lines = (q.section("what_it_comes_to").introduction or "").strip().splitlines()[2:]
    for dimension, line in zip(q.dimensions, lines, strict=True):
        assert line.startswith(f"{dimension.label}: ")
        for told in ("claimed", "shown"):
            assert f"{{{{ {dimension.id}_{told}.label }}}}" in line


def test_suppliers_rate_buyers_in_five_blocks_of_equal_weight_and_two_foundations() -> None:
    q = find("supplier-rates-buyer")
    assert q.anonymity == "confidential"
    assert q.scoring is not None
    blocks = ("partnership", "communication", "help", "hindrance", "fair_chance")
    assert q.scoring.seq == dict.fromkeys(blocks, 0.2)
    plan = scoring_plan(q, reference_means=70)
    assert [(d.id, d.kind, len(d.items)) for d in plan.dimensions] == [
        *((block, "engagement", 3) for block in blocks),
        ("people", "climate", 3),
        ("practices", "climate", 3),
    ]
    assert {i.id for d in plan.dimensions if d.id == "hindrance" for i in d.items} == {
        item
        for item, is_reversed in zip(plan.item_ids, plan.reversed_items, strict=True)
        if is_reversed
    }


def test_a_moment_of_truth_asks_six_statements_about_one_of_six_events() -> None:
    found = units(find("moment-of-truth"))
    assert [option.code for option in found["event"].options] == [
        *("delivery", "incident", "renewal", "project_end", "escalation", "review_meeting"),
    ]
    assert sum(unit.points == tuple(range(1, 8)) for unit in found.values()) == 6


def test_the_library_s_readme_lists_every_questionnaire() -> None:
    readme = (LIBRARY / "README.md").read_text(encoding="utf-8")
    assert [entry.id for entry in entries() if f"| `{entry.id}` |" not in readme] == []


def test_every_scored_item_of_the_library_has_a_short_label() -> None:
    for entry in entries():
        assert entry.questionnaire is not None
        for _, item in entry.questionnaire.items():  # noqa: PERF102  # pairs, not a mapping
            if isinstance(item, Scored) and item.dimension:
                parts = getattr(item, "rows", (item,))
                assert [part.id for part in parts if part.short is None] == []


def test_an_operator_s_folder_stands_before_a_bundled_one(tmp_path: Path) -> None:
    own = Path(shutil.copytree(LIBRARY / "relationship-core", tmp_path / "relationship-core"))
    file = own / "questionnaire.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("version: 1", "version: 9"), encoding="utf-8"
    )
    assert find("relationship-core").version == 1
    assert find("relationship-core", extra=[tmp_path]).version == 9
    (found,) = [entry for entry in entries(extra=[tmp_path]) if entry.id == "relationship-core"]
    assert found.path == own


def test_a_broken_folder_is_listed_with_its_problems_and_not_found(tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "questionnaire.yaml").write_text("id: broken", encoding="utf-8")
    (entry,) = [entry for entry in entries(extra=[tmp_path]) if entry.id == "broken"]
    assert entry.questionnaire is None
    assert entry.problems
    with pytest.raises(QuestionnaireError) as caught:
        find("broken", extra=[tmp_path])
    assert tuple(caught.value.problems) == entry.problems


def test_an_unknown_questionnaire_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFound, match=r"Did you mean relationship-core\? The library has annual-"):
        find("relationship-cor")
    with pytest.raises(NotFound, match="relationship-core in version 1, not 7"):
        find("relationship-core", version=7)
    with pytest.raises(NotFound, match="There is no folder"):
        entries(extra=[Path("/nowhere/at/all")])


def test_names_cannot_leave_the_library() -> None:
    for name in ("../questionnaires/relationship-core", "/etc", ".."):
        with pytest.raises(NotFound):
            find(name)


def test_the_schema_for_editors_is_fresh() -> None:
    assert (LIBRARY / "schema.json").read_text(encoding="utf-8") == json_schema(), (
        "run: python -m surveyapp.questionnaires.schema > questionnaires/schema.json"
    )


def test_the_schema_speaks_of_what_authors_write() -> None:
    schema = json.loads(json_schema())
    assert "translations" not in schema["properties"]
    assert schema["properties"]["scales"]["type"] == "object"
    assert "id" not in schema["$defs"]["Scale"]["properties"]
    assert schema["$defs"]["Rating"]["properties"]["visible_if"]["anyOf"][0]["type"] == "string"


def test_the_preview_shows_every_kind(every_kind: Questionnaire) -> None:
    text = preview(every_kind)
    for expected in (
        "every-kind version 2 · perception · identified · about 3 min",
        "for buyer-on-supplier · in en, de · CC0-1.0",
        "1. First  [first]",
        "→ 1 Disagree | 2 | 3 | 4 | 5 Agree; or: No basis",
        "[honest] rating · measures trust · required",
        "- {them} are late.  [late]  (reversed)",
        "→ 0 Never | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 Always; or: Cannot say",
        "→ Yes | No | Perhaps; or: Not my role",
        "→ Pumps | Valves | Seals; or: None of these",
        "→ a number from 0 to 100 percent",
        "→ a date",
        "→ one line, up to 20 characters",
        "→ text, up to 100 characters",
        "[why] text · anonymous",
        "shown if: (honest <= 3) or (fast <= 3)",
        'required if: renew == "yes"',
        "(One sentence.)",
        "Trust: engagement, 100% of SEQ",
        "Speed: climate",
    ):
        assert expected in text
    assert max(len(line) for line in text.splitlines()) <= 88
