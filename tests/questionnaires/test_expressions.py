"""The expression language: read, written, and evaluated in three values."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.questionnaires.evaluation import (
    UNKNOWN,
    Result,
    conjunction,
    disjunction,
    evaluate,
    negation,
)
from surveyapp.questionnaires.expressions import (
    ARGUMENTS,
    FUNCTIONS,
    KEYWORDS,
    SOURCES,
    Answer,
    Arithmetic,
    Call,
    Comparison,
    Expression,
    ExpressionError,
    Junction,
    Listing,
    Literally,
    Membership,
    Not,
    Source,
    references,
    to_text,
)
from surveyapp.questionnaires.parsing import parse

TRUTHS = st.sampled_from([True, False, UNKNOWN])
names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).filter(
    lambda name: name not in (*KEYWORDS, *FUNCTIONS, *SOURCES)
)
texts = st.text(st.characters(codec="ascii", exclude_characters="\"\n'"), max_size=8)
numbers = st.integers(-999, 999) | st.decimals(-99, 99, places=2).map(float).filter(bool)
constants = numbers | texts
lists = st.lists(constants, min_size=1, max_size=3).map(tuple)
leaves = st.one_of(
    names.map(lambda name: Answer(id=name)),
    st.builds(Source, source=st.sampled_from(SOURCES), name=names),
    constants.map(lambda value: Literally(value=value)),
)


def call(function: str, inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Call]:
    least, most = ARGUMENTS[function]
    argument = inner | lists.map(lambda values: Listing(values=values))
    arguments = st.lists(argument, min_size=least, max_size=min(most, 3)).map(tuple)
    return st.builds(Call, function=st.just(function), arguments=arguments)


def grow(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    return st.one_of(
        st.builds(Not, part=inner),
        st.builds(
            Junction,
            node=st.sampled_from(["and", "or"]),
            parts=st.lists(inner, min_size=2, max_size=3).map(tuple),
        ),
        st.builds(
            Comparison,
            operator=st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
            left=inner,
            right=inner,
        ),
        st.builds(Membership, value=inner, options=lists),
        st.builds(Arithmetic, operator=st.sampled_from("+-*/"), left=inner, right=inner),
        st.sampled_from(FUNCTIONS).flatmap(lambda function: call(function, inner)),
    )


trees = st.recursive(leaves, grow, max_leaves=8)


@given(trees)
def test_a_tree_written_out_parses_to_the_same_tree(tree: Expression) -> None:
    assert parse(to_text(tree)) == tree


@given(trees)
def test_a_tree_survives_storage(tree: Expression) -> None:
    holder = Not(part=tree)
    assert Not.model_validate_json(holder.model_dump_json()) == holder


@given(trees)
def test_every_expression_comes_to_something_without_answers(tree: Expression) -> None:
    assert isinstance(evaluate(tree, {}), bool | int | float | str | list | type(UNKNOWN))


@given(st.text(max_size=60))
def test_any_text_is_an_expression_or_a_sentence_with_its_place(text: str) -> None:
    tree, error = parsed(text)
    if error is None:
        assert tree is not None
        assert parse(to_text(tree)) == tree
    else:
        assert 0 <= error.offset <= len(text)
        assert str(error).endswith(".")


def parsed(text: str) -> tuple[Expression | None, ExpressionError | None]:
    try:
        return parse(text), None
    except ExpressionError as error:
        return None, error


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a==1", "a == 1"),
        (
            "not a > 1 and b < 2 or c in [x, 'y z', -2]",
            '((not (a > 1)) and (b < 2)) or (c in ["x", "y z", -2])',
        ),
        ("a + b * c - -2", "(a + (b * c)) - -2"),
        ("-a > -1.5", "(0 - a) > -1.5"),
        ("(a or b) and c", "(a or b) and c"),
        ("not not answered(a)", "not (not answered(a))"),
        ("if(a > 1, b, 'x') == \"it's\"", 'if(a > 1, b, "x") == "it\'s"'),
        ("any_of(q, [a, b])", 'any_of(q, ["a", "b"])'),
        ("contact.function == 'it'", 'contact.function == "it"'),
    ],
)
def test_precedence_is_that_of_school(text: str, written: str) -> None:
    assert to_text(parse(text)) == written


@pytest.mark.parametrize(
    ("text", "offset", "sentence"),
    [
        ("", 0, "The expression is empty. Remove the key or write a condition."),
        ("a = 1", 2, "= cannot stand here. Write == to compare."),
        ("a && b", 2, "& cannot stand here. Write and."),
        ("a || b", 2, "| cannot stand here. Write or."),
        ("!a", 0, "! cannot stand here. Write not, or != for 'is not'."),
        ("a == 'x", 5, "' cannot stand here. The text in quotes does not end."),
        ("a == ", 5, "The end of the expression cannot stand here: an id, a number or a text"),
        ("(a > 1", 6, ") is missing after the bracketed condition."),
        ("a > 1)", 5, ") is not expected here. Join conditions with and, or."),
        ("1 < a < 3", 6, "Compare two values at a time and join the comparisons with and."),
        ("a in (1, 2)", 5, "[ is missing before the list, as in [a, b]."),
        ("a in [1, 2", 10, "] is missing after the list."),
        ("a in []", 6, "A list holds codes and numbers, as in [a, b] or [1, 2]."),
        ("avg(a, b) > 1", 0, "There is no function avg."),
        ("count() > 1", 0, "count(...) takes 1 arguments, not 0."),
        ("if(a, b) > 1", 0, "if(...) takes 3 arguments, not 2."),
        ("anwsered(a)", 0, "Did you mean answered?"),
        ("mean(a, b > 1", 13, ") is missing after the arguments of mean."),
        (
            "site.x == 1",
            0,
            "There is no source site. Sources are contact, relationship, kpi, prev.",
        ),
        ("and a", 0, "and cannot stand here: a condition is missing before it."),
        ("1.2.3 > a", 0, "1 cannot stand here."),
        ("(" * 30 + "a" + ")" * 30, 20, "nested more than 20 deep"),
        ("not " * 21 + "a", 84, "More than 20 not in a row."),
        ("a" * 1001, 0, "The expression is longer than 1000 characters."),
    ],
)
def test_a_wrong_expression_is_named_with_its_place(text: str, offset: int, sentence: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert sentence in str(caught.value)
    assert caught.value.offset == offset


def test_nothing_is_ever_run() -> None:
    for text in ("__import__('os')", "a.__class__", "[x for x in a]", "lambda: 1"):
        with pytest.raises(ExpressionError):
            parse(text)


@given(TRUTHS, TRUTHS)
def test_and_or_not_are_kleene_s(a: Result, b: Result) -> None:
    # strong Kleene logic is minimum and maximum on false < unknown < true
    order: list[Any] = [False, UNKNOWN, True]
    assert conjunction([a, b]) is order[min(order.index(a), order.index(b))]
    assert disjunction([a, b]) is order[max(order.index(a), order.index(b))]
    assert negation(a) is order[2 - order.index(a)]


@given(st.lists(TRUTHS, min_size=1, max_size=5))
def test_de_morgan_holds_with_unknown(values: list[Result]) -> None:
    assert negation(conjunction(values)) is disjunction([negation(value) for value in values])


@given(trees, st.dictionaries(names, st.integers(1, 7), max_size=3))
def test_an_answer_more_never_turns_true_into_false(tree: Expression, more: dict[str, int]) -> None:
    """Kleene logic is monotone: knowing more settles the unknown and never overturns the known.

    ``answered`` and ``coalesce`` ask about not knowing and are outside of it by design.
    """
    if any(name in to_text(tree) for name in ("answered", "coalesce")):
        return
    before = evaluate(tree, {})
    assert before is UNKNOWN or evaluate(tree, more) == before


ANSWERS = {"a": 3, "b": 5, "c": "yes", "m": ["x", "y"], "d": "2026-11-22", "n": {"escape": "nb"}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a < b", True),
        ("a >= 3 and b != 5", False),
        ("a == 4 or c == 'yes'", True),
        ("z > 1", UNKNOWN),
        ("not z > 1", UNKNOWN),
        ("z > 1 or a == 3", True),
        ("z > 1 and a == 4", False),
        ("n == 3", UNKNOWN),
        ("n != 3", UNKNOWN),
        ("answered(n)", True),
        ("answered(z)", False),
        ("n in [1, 2]", UNKNOWN),
        ("a in [1, 3]", True),
        ("c in [no, perhaps]", False),
        ("any_of(m, [y, z])", True),
        ("all_of(m, [y, z])", False),
        ("all_of(m, [x, y])", True),
        ("any_of(c, [yes])", True),
        ("any_of(z, [x])", UNKNOWN),
        ("count(m)", 2),
        ("count(z)", UNKNOWN),
        ("a + b * 2 - 1", 12),
        ("b / 2", 2.5),
        ("b / 0", UNKNOWN),
        ("a + z", UNKNOWN),
        ("min(a, b)", 3),
        ("max(a, b, 9)", 9),
        ("mean(a, b)", 4),
        ("mean(a, z)", UNKNOWN),
        ("round(2.5)", 3),
        ("round(0 - 2.5)", -3),
        ("round(2.345, 2)", 2.35),
        ("coalesce(z, n, a)", 3),
        ("coalesce(z, n)", UNKNOWN),
        ("if(a > 1, b, 0)", 5),
        ("if(a > 9, b, 0)", 0),
        ("if(z > 1, b, 0)", UNKNOWN),
        ("d > '2026-01-01'", True),
        ("a == 'x'", UNKNOWN),
        ("contact.function == 'it'", True),
        ("contact.country == 'DE'", UNKNOWN),
        ("kpi.on_time < 0.9", UNKNOWN),
        ("999999999999999 * 999999999999999 / 3 > 1", True),
    ],
)
def test_expressions_come_to_what_the_documentation_says(text: str, value: Result) -> None:
    assert evaluate(parse(text), ANSWERS, {"contact": {"function": "it"}}) == value


def test_overflow_is_unknown_and_no_error() -> None:
    huge = " * ".join(["999999999999999"] * 25)
    assert evaluate(parse(f"{huge} / 3 > 1"), {}) is UNKNOWN
    assert evaluate(parse(f"round({huge} * 1.5)"), {}) is UNKNOWN


def test_references_are_listed_in_order() -> None:
    tree = parse("a > 1 and (b in [x] or not answered(c)) and mean(d, e + f) > 2 and kpi.g > 1")
    assert references(tree) == ["a", "b", "c", "d", "e", "f"]


VECTORS = json.loads(
    (Path(__file__).parent / "expression_vectors.json").read_text(encoding="utf-8")
)
"""What the server and the browser both make of an expression; null is unknown."""


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["text"])
def test_the_vectors_that_the_browser_shares_hold_here(vector: dict[str, Any]) -> None:
    found = evaluate(parse(vector["text"]), vector["answers"], vector.get("sources", {}))
    assert (None if found is UNKNOWN else found) == vector["comes_to"]


def test_the_vectors_use_every_function_and_sign() -> None:
    texts = " ".join(vector["text"] for vector in VECTORS)
    assert [word for word in (*FUNCTIONS, *KEYWORDS, *"+-*/<>") if word not in texts] == []
