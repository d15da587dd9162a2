"""The small language of conditions and calculations: text in, a frozen typed tree out.

The tree is stored with the published questionnaire and evaluated by ``rules.evaluate`` alone.
Nothing is ever handed to Python to run.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

Function = Literal[
    "any_of",
    "all_of",
    "count",
    "answered",
    "min",
    "max",
    "mean",
    "round",
    "coalesce",
    "if",
    "days_between",
    "today",
]
SourceName = Literal["contact", "relationship", "kpi", "prev"]
Comparator = Literal["==", "!=", "<", "<=", ">", ">="]
Constant = int | float | str

FUNCTIONS: Final = get_args(Function)
SOURCES: Final = get_args(SourceName)
ARGUMENTS: Final[dict[str, tuple[int, int]]] = {
    "any_of": (2, 2),
    "all_of": (2, 2),
    "count": (1, 1),
    "answered": (1, 1),
    "min": (1, 20),
    "max": (1, 20),
    "mean": (1, 20),
    "round": (1, 2),
    "coalesce": (2, 20),
    "if": (3, 3),
    "days_between": (2, 2),
    "today": (0, 0),
}
"""How few and how many arguments each function takes."""
KEYWORDS: Final = ("and", "or", "not", "in")


# a stored tree reaches pydantic as Python lists, which a strict tuple would refuse
_Loose = Field(strict=False)


class Node(BaseModel):
    """A part of an expression; equal trees mean the same rule."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Answer(Node):
    """The answer to an earlier item or row."""

    node: Literal["answer"] = "answer"
    id: str


class Source(Node):
    """A fact about the contact, the relationship, a KPI or the last wave; unknown unless given."""

    node: Literal["source"] = "source"
    source: SourceName
    name: str


class Literally(Node):
    """A number or a text written in the expression."""

    node: Literal["literal"] = "literal"
    value: Constant


class Listing(Node):
    """A list of codes or numbers, as the functions any_of and all_of take it."""

    node: Literal["list"] = "list"
    values: Annotated[tuple[Constant, ...], _Loose]


class Not(Node):
    """The opposite; the opposite of unknown is unknown."""

    node: Literal["not"] = "not"
    part: "Expression"


class Junction(Node):
    """Two or more parts joined by and, or by or."""

    node: Literal["and", "or"]
    parts: Annotated[tuple["Expression", ...], _Loose]


class Comparison(Node):
    """Two values compared; unknown when either is."""

    node: Literal["compare"] = "compare"
    operator: Comparator
    left: "Expression"
    right: "Expression"


class Membership(Node):
    """Whether a value is one of a list."""

    node: Literal["in"] = "in"
    value: "Expression"
    options: Annotated[tuple[Constant, ...], _Loose]


class Arithmetic(Node):
    """Two numbers added, subtracted, multiplied or divided."""

    node: Literal["arithmetic"] = "arithmetic"
    operator: Literal["+", "-", "*", "/"]
    left: "Expression"
    right: "Expression"


class Call(Node):
    """One of the language's functions with its arguments."""

    node: Literal["call"] = "call"
    function: Function
    arguments: Annotated[tuple["Expression", ...], _Loose]


Expression = Annotated[
    Answer
    | Source
    | Literally
    | Listing
    | Not
    | Junction
    | Comparison
    | Membership
    | Arithmetic
    | Call,
    Field(discriminator="node"),
]

for _class in (Not, Junction, Comparison, Membership, Arithmetic, Call):
    _class.model_rebuild()


class ExpressionError(ValueError):
    """The text is not an expression; ``offset`` is the position in it, from 0."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def walk(tree: Expression) -> Iterator[Expression]:
    """Visit every node of the tree, from the outside in, left to right."""
    yield tree
    match tree:
        case Not():
            yield from walk(tree.part)
        case Junction():
            for part in tree.parts:
                yield from walk(part)
        case Comparison() | Arithmetic():
            yield from walk(tree.left)
            yield from walk(tree.right)
        case Membership():
            yield from walk(tree.value)
        case Call():
            for part in tree.arguments:
                yield from walk(part)
        case Answer() | Source() | Literally() | Listing():
            return


def references(tree: Expression) -> list[str]:
    """List the ids of the items and rows that the expression looks at, in order."""
    return [node.id for node in walk(tree) if isinstance(node, Answer)]


def renamed(  # noqa: PLR0911  # one case a node
    tree: Expression, names: Mapping[str, str]
) -> Expression:
    """Return the tree with other ids for some of the items it looks at."""
    match tree:
        case Answer():
            return Answer(id=names.get(tree.id, tree.id))
        case Not():
            return Not(part=renamed(tree.part, names))
        case Junction():
            parts = tuple(renamed(part, names) for part in tree.parts)
            return Junction(node=tree.node, parts=parts)
        case Comparison() | Arithmetic():
            left, right = renamed(tree.left, names), renamed(tree.right, names)
            return tree.model_copy(update={"left": left, "right": right})
        case Membership():
            return Membership(value=renamed(tree.value, names), options=tree.options)
        case Call():
            arguments = tuple(renamed(part, names) for part in tree.arguments)
            return Call(function=tree.function, arguments=arguments)
        case Source() | Literally() | Listing():
            return tree


def to_text(tree: Expression) -> str:  # noqa: PLR0911  # one case a node
    """Write the tree as an author would; parsing it gives the same tree again."""
    match tree:
        case Answer():
            return tree.id
        case Source():
            return f"{tree.source}.{tree.name}"
        case Literally():
            return _constant(tree.value)
        case Listing():
            return _list(tree.values)
        case Not():
            return f"not {_operand(tree.part)}"
        case Junction():
            return f" {tree.node} ".join(_operand(part) for part in tree.parts)
        case Comparison() | Arithmetic():
            return f"{_operand(tree.left)} {tree.operator} {_operand(tree.right)}"
        case Membership():
            return f"{_operand(tree.value)} in {_list(tree.options)}"
        case Call():
            return f"{tree.function}({', '.join(to_text(part) for part in tree.arguments)})"


def _operand(tree: Expression) -> str:
    text = to_text(tree)
    return text if isinstance(tree, Answer | Source | Literally | Call | Listing) else f"({text})"


def _constant(value: Constant) -> str:
    if isinstance(value, str):
        return f'"{value}"' if '"' not in value else f"'{value}'"
    return str(value)


def _list(values: tuple[Constant, ...]) -> str:
    return f"[{', '.join(_constant(value) for value in values)}]"
