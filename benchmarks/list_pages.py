"""Which pages of the console list or count, and everything that can be asked of each: read, not written."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Flask
from lxml import html  # type: ignore[import-untyped] # it ships no types
from werkzeug.routing import Rule

from benchmarks.console_at_size import DRAFT, OPEN
from surveyapp.extensions import db
from tests.web.routes import SOURCES, WORDS

NOT_LISTS: Final[Mapping[str, str]] = {
    "kpis.ask_withdraw": "one batch",
    "kpis.check": "what is being imported",
    "kpis.edit": "a form",
    "kpis.new": "a form",
    "imports.check": "what is being imported",
    "imports.columns": "what is being imported",
    "imports.problems": "a file",
    "imports.reasons": "a file",
    "imports.sheets": "what is being imported",
    "imports.show": "one import; it leads on",
    "imports.template": "a file",
    "imports.undo": "what was imported",
    "mail.letter": "one letter",
    "members.show": "one member",
    "people.edit": "a form",
    "people.new": "a form",
    "programme.edit": "a form",
    "relationships.edit": "a form",
    "relationships.edit_organisation": "a form",
    "relationships.edit_stakeholder": "a form",
    "relationships.new": "a form",
    "relationships.new_organisation": "a form",
    "relationships.new_stakeholder": "a form",
    "results.download": "a file",
    "results.download_archive": "a file",
    "results.show_archive": "one archive; at size in s7_scorecard",
    "results.show_portfolio": "one document",
    "results.show_scorecard": "one document",
    "scoring.new_proposal": "a form",
    "scoring.new_reference": "a form",
    "scoring.show_proposal": "one proposal",
    "scoring.show_reference": "one reference set",
    "waves.ask_assist": "a form",
    "waves.download_file": "a file",
    "waves.export_people": "a file of everybody, streamed",
    "coverage.export": "a file of every relationship, streamed",
}
"""Pages that are not measured here, and why not."""
_WORDS: Final = ("vey", "brandt", "kestrin 12", "Émile", "nobody at all")
"""What is typed into a text field: rare and frequent, of other letters, found nowhere."""
BEYOND: Final = "99999"
"""A page that no list has: the last one is shown."""
_CHOICES: Final = 3
"""Of each field with choices; and the last one."""
_REFUSED: Final = frozenset({302, 303, 403, 404, 409})


@dataclass(frozen=True, slots=True)
class List:
    """A page that is asked for."""

    name: str
    path: str
    refusals: frozenset[int]
    """What it may answer instead, and is left out then."""


def found(app: Flask, programme: str) -> list[List]:
    """Return every page of a programme that is not named above; one of a wave for each of two waves."""
    pages = []
    rules = [rule for rule in app.url_map.iter_rules() if "programme" in rule.arguments]
    known = {rule.endpoint for rule in rules}
    if gone := NOT_LISTS.keys() - known:
        raise LookupError(f"There are no such pages any more: {sorted(gone)}")
    for rule in sorted(rules, key=lambda rule: rule.rule):
        if "GET" not in (rule.methods or ()) or rule.endpoint in NOT_LISTS:
            continue
        for wave in (OPEN, DRAFT) if "wave" in rule.arguments else ("",):
            name = f"{rule.endpoint}:{wave}" if wave else rule.endpoint
            # what a draft has no page for, and what is not the manager's own
            refusals = _REFUSED if rule.arguments - {"programme"} else frozenset({403})
            pages.append(List(name, _path(app, rule, programme, wave), refusals))
    return pages


def _path(app: Flask, rule: Rule, programme: str, wave: str) -> str:
    given = {
        name: WORDS[name] if name in WORDS else _first(name)
        for name in rule.arguments - {"programme", "wave"}
    }
    arguments = {"programme": programme, **given, **({"wave": wave} if wave else {})}
    with app.test_request_context():
        built = rule.build(arguments, append_unknown=False)
    if built is None:
        raise LookupError(f"{rule} cannot be addressed with {arguments}.")
    return built[1]


def _first(argument: str) -> object:
    value = db.session.query(SOURCES[argument]).order_by(SOURCES[argument]).limit(1).scalar()
    if value is None:
        raise LookupError(f"The programme has nothing to stand for {argument}.")
    return value


def addresses(each: List, page: str) -> Iterator[str]:
    """Yield the page itself, then what its own links and fields lead to, each once."""
    yield each.path
    tree = html.fromstring(page)
    known = {""}
    for asked in (*_links(tree, each.path), *_fields(tree, each.path)):
        query = urlencode(asked)
        if query not in known:
            known.add(query)
            yield f"{each.path}?{query}"


def hardest(each: List, page: str, most: int) -> list[str]:
    """Return at most so many of the addresses: the page, then a late page of each order and each filter.

    Orders and filters take turns, so that a list with many of either is asked for both.
    """
    kinds: dict[str, dict[tuple[str, ...], str]] = {"order": {}, "filter": {}}
    for address in addresses(each, page):
        asked = parse_qs(urlsplit(address).query)
        if asked == {"page": ["1"]}:
            continue
        kind = "order" if "sort" in asked else "filter"
        column = [value.removeprefix("-") for value in asked.get("sort", ())]
        # of those that ask for the same the last: it goes to the end, an order backwards
        kinds[kind][*sorted(asked.keys() - {"page"}), *column] = address
    taken = [each.path]
    for pair in zip_longest(kinds["filter"].values(), kinds["order"].values()):
        taken += [address for address in pair if address is not None]
    return list(dict.fromkeys(taken))[:most]


def last_page(address: str, page: str) -> str:
    """Return where the pager of a page says that its list ends, with the same order and filters."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    links = [urlsplit(str(link)) for link in html.fromstring(page).xpath("//main//nav//a/@href")]
    numbers = [int(n) for link in links for n in parse_qs(link.query).get("page", ())]
    last = str(max(numbers, default=1))
    return f"{urlsplit(address).path}?{urlencode({**asked, 'page': last})}"


def _links(tree: html.HtmlElement, path: str) -> Iterator[dict[str, str]]:
    """Read the orders from the headings, the number of pages from the pager, other choices as they are."""
    last = 1
    orders = []
    others = []
    for link in tree.xpath("//main//a/@href"):
        address = urlsplit(str(link))
        if address.path not in {"", path} or not address.query:
            continue
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        if "sort" in asked:
            orders.append(asked["sort"].removeprefix("-"))
        elif set(asked) == {"page"}:
            last = max(last, int(asked["page"]))
        else:
            others.append(asked)
    pages = sorted({1, 2, last // 2, last} & set(range(1, last + 1)))
    signed = [f"{sign}{order}" for order in dict.fromkeys(orders) for sign in ("", "-")]
    for order in signed or [""]:
        for page in pages:
            yield {**({"sort": order} if order else {}), "page": str(page)}
    yield from others


def _fields(tree: html.HtmlElement, path: str) -> Iterator[dict[str, str]]:
    """Choose in each field of a form that narrows the list; type words; the last page in the last order."""
    for form in tree.xpath("//main//form[not(@method) or @method='get']"):
        action = urlsplit(form.get("action") or "").path
        if action not in {"", path}:
            continue
        for name, choices in _choices(form):
            for choice in choices:
                yield {name: choice}
            yield {name: choices[0], "page": BEYOND}


def _choices(form: html.HtmlElement) -> Iterator[tuple[str, list[str]]]:
    for field in form.xpath(".//select[@name]"):
        options = [value for value in map(str, field.xpath(".//option/@value")) if value]
        if options:
            yield str(field.get("name")), list(dict.fromkeys([*options[:_CHOICES], options[-1]]))
    for field in form.xpath(".//input[@name]"):
        name, kind = str(field.get("name")), field.get("type") or "text"
        if kind in {"checkbox", "radio"}:
            yield name, [str(field.get("value") or "on")]
        elif kind in {"search", "text"} and not re.search("date|token", name):
            yield name, list(_WORDS)
