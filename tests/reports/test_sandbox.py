from pathlib import Path

import pytest

from surveyapp.errors import Invalid, NotFound
from surveyapp.reports import html, packs, sandbox
from surveyapp.reports.packs import Pack
from tests.reports.contexts import make_portfolio, make_scorecard

SETTINGS = "title: Own\ncontext: {context}\nlocales: [en]\n"


def own(folder: Path, template: str, context: str = "scorecard") -> Pack:
    pack = folder / "own"
    pack.mkdir()
    (pack / "report.yaml").write_text(SETTINGS.format(context=context))
    (pack / "template.html").write_text(template)
    (pack / "style.css").write_text("@page { size: A5 }")
    return packs.at(pack)


def test_an_own_template_sees_what_a_bundled_one_sees(tmp_path: Path) -> None:
    template = "{{ report.title }}|{{ page.headline }}|{{ numbers.score(context.seq.value) }}"
    written = html.render(own(tmp_path, template), make_scorecard())
    assert written.startswith("Own|We cannot tell yet whether Aldermere Foods is at risk")
    assert written.endswith("|47")


def test_an_own_portfolio_is_rendered_apart_too(tmp_path: Path) -> None:
    pack = own(tmp_path, "{{ context.relationships | length }}", "portfolio")
    assert html.render(pack, make_portfolio(5)) == "5"


def test_a_copy_of_the_bundled_scorecard_gives_the_same_page(tmp_path: Path) -> None:
    bundled = packs.find("scorecard")
    copy = tmp_path / "scorecard"
    copy.mkdir()
    for path in bundled.folder.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    card = make_scorecard(buyer="Ælfgifu “Östliche” 株式会社")
    assert html.render(packs.at(copy), card) == html.render(bundled, card)


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{{ ''.__class__.__mro__ }}", "SecurityError"),
        ("{{ page.headline.__class__ }}", "SecurityError"),
        ("{{ paper.__globals__ }}", "SecurityError"),
        ("{{ page.curve.__func__.__globals__ }}", "SecurityError"),
        ("{{ context.from_json.__func__ }}", "SecurityError"),
        ("{{ self.__init__ }}", "SecurityError"),
        ("{{ '{0.__class__}'.format(page) }}", "SecurityError"),
        ("{{ '{a.__class__}'.format_map({'a': page}) }}", "SecurityError"),
        ("{{ report.parse_file('/etc/passwd') }}", "has no attribute 'parse_file'"),
        ("{{ report.model_config }}", "has no attribute 'model_config'"),
        ("{{ report.update({'title': 'x'}) }}", "SecurityError"),
        ("{% include '/etc/passwd' %}", "TemplateNotFound"),
        ("{% include '../secret.txt' %}", "TemplateNotFound"),
        ("{% include '..%2fsecret.txt' %}", "TemplateNotFound"),
        ("{{ open('/etc/passwd') }}", "'open' is undefined"),
        ("{{ _('%(x)s', x=page).__class__ }}", "SecurityError"),
        ("{% for i in range(10 ** 9) %}{% endfor %}", "OverflowError"),
        ("{{ nothing }}", "'nothing' is undefined"),
        ("{% if %}", "TemplateSyntaxError in line 1"),
        ("{{ 1 / 0 }}", "ZeroDivisionError"),
    ],
)
def test_a_hostile_or_wrong_template_is_refused_with_its_reason(
    tmp_path: Path, template: str, why: str
) -> None:
    (tmp_path / "secret.txt").write_text("the secret")
    with pytest.raises(Invalid, match="The pack own cannot be rendered") as caught:
        html.render(own(tmp_path, template), make_scorecard())
    assert why in str(caught.value)
    assert "the secret" not in str(caught.value)
    assert "root:" not in str(caught.value)


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{% for a in 'x' * 9999 %}{% for b in 'x' * 99999 %}{% endfor %}{% endfor %}", "too long"),
        ("{{ ('x' * (10 ** 10)) | length }}", "too much memory"),
        ("{{ _('%(x)9000000s', x='a') }}", "writes more than 4,000,000 characters"),
    ],
    ids=["time", "memory", "length"],
)
def test_a_greedy_template_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, template: str, why: str
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    with pytest.raises(Invalid, match=why):
        html.render(own(tmp_path, template), make_scorecard())


@pytest.mark.parametrize("name", ["secret.html", "style.css", "logo.svg"])
def test_a_link_that_leads_out_of_an_own_pack_stops_it(tmp_path: Path, name: str) -> None:
    pack = own(tmp_path, "{% include 'secret.html' ignore missing %}")
    (tmp_path / "secret").write_text("the secret")
    (pack.folder / name).unlink(missing_ok=True)
    (pack.folder / name).symlink_to(tmp_path / "secret")
    with pytest.raises(Invalid, match=rf"{name} leads out of the pack: put a copy"):
        html.render(pack, make_scorecard())


def test_a_folder_without_settings_is_no_pack(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"holds no report\.yaml"):
        packs.at(tmp_path)


def test_a_pack_without_a_sample_is_drawn_with_the_bundled_one(tmp_path: Path) -> None:
    assert own(tmp_path, "").sample() == packs.find("scorecard").sample()


def test_bundled_packs_are_filled_here_and_own_ones_are_not(tmp_path: Path) -> None:
    assert all(pack.is_bundled for pack in packs.bundled())
    assert not own(tmp_path, "").is_bundled


def test_the_child_reads_its_request_and_not_its_arguments(tmp_path: Path) -> None:
    assert sandbox.apart(own(tmp_path, "{{ sheet }}"), make_scorecard(), "letter") == "letter"
