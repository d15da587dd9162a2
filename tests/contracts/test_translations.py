"""Every text a respondent can meet is in each language's catalogue, translated, with its values."""

import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

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
