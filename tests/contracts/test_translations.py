"""Every text a respondent can meet is in each language's catalogue, translated, with its values."""

import re
import subprocess
from collections import Counter
from pathlib import Path

import jinja2
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from babel.util import pathmatch
from jinja2.meta import find_referenced_templates

from surveyapp.delivery import rendering
from surveyapp.web import catalogues

ROOT = Path(__file__).parents[2]
VALUES = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


@pytest.fixture(params=catalogues.languages())
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    path = catalogues.FOLDER / request.param / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=request.param)


def words(text: str | tuple[str, ...]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def texts(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def test_the_catalogues_hold_the_texts_of_the_sources_and_no_others() -> None:
    found = subprocess.run(
        [ROOT / ".ci" / "texts", "--check"], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, f"{found.stderr}\nRun .ci/texts and translate what is new."


def test_nothing_is_left_untranslated_or_unsure(catalogue: Catalog) -> None:
    assert len(texts(catalogue)) > 150
    assert [each.id for each in texts(catalogue) if each.fuzzy] == []
    assert [each.id for each in texts(catalogue) if not all(words(each.string))] == []
    plurals = [each for each in texts(catalogue) if each.pluralizable]
    assert {len(each.string) for each in plurals} == {catalogue.num_plurals}


def test_translations_have_the_values_of_their_texts(catalogue: Catalog) -> None:
    for message in texts(catalogue):
        # the last form of a plural is the one with the number in it
        wanted = Counter(VALUES.findall(words(message.id)[-1]))
        assert Counter(VALUES.findall(words(message.string)[-1])) == wanted, message.id
        for form in words(message.string):
            assert set(VALUES.findall(form)) <= set(wanted), message.id


def test_translations_end_as_their_texts_do(catalogue: Catalog) -> None:
    for message in texts(catalogue):
        said, meant = words(message.string)[0], words(message.id)[0]
        assert said == said.strip()
        assert "  " not in said
        assert said[-1] in ".?!:" or meant[-1] not in ".?!:", message.id


def test_mail_is_written_in_every_language_of_the_pages() -> None:
    for template in ("invitation", "reminder"):
        assert {"en", *catalogues.languages()} <= set(rendering.languages(template))


def test_what_respondents_pages_include_is_translated_too() -> None:
    templates = ROOT / "surveyapp" / "web" / "templates"
    wanted = [
        path.relative_to(templates).as_posix()
        for folder in ("respond", "stop", "errors")
        for path in (templates / folder).glob("*.html")
    ]
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(templates), autoescape=True)
    environment.add_extension("jinja2.ext.i18n")
    seen: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name not in seen:
            seen.add(name)
            tree = environment.parse((templates / name).read_text(encoding="utf-8"))
            wanted += [each for each in find_referenced_templates(tree) if each]
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        patterns = [pattern for pattern, _method in parse_mapping_cfg(file)[0]]
    left_out = {
        name
        for name in seen
        if not any(pathmatch(each, f"surveyapp/web/templates/{name}") for each in patterns)
    }
    assert left_out == set(), "give them a line in babel.cfg"
