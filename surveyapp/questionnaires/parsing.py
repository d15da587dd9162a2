"""Read the expression language: a tokenizer and a recursive-descent parser, no evaluation."""

import re
from typing import Final, NamedTuple, NoReturn

from surveyapp.questionnaires.expressions import (
    ARGUMENTS,
    FUNCTIONS,
    KEYWORDS,
    SOURCES,
    Answer,
    Arithmetic,
    Call,
    Comparison,
    Constant,
    Expression,
    ExpressionError,
    Junction,
    Listing,
    Literally,
    Membership,
    Not,
    Source,
)
from surveyapp.questionnaires.suggestions import did_you_mean

LONGEST: Final = 1000
DEEPEST: Final = 20


class Token(NamedTuple):
    """A piece of an expression and where it begins: number, text, word, sign or end."""

    kind: str
    text: str
    offset: int


_TOKEN: Final = re.compile(
    r"""(?P<number>\d{1,15}(?:\.\d{1,15})?(?![\w.]))
      | (?P<text>"[^"\n]*"|'[^'\n]*')
      | (?P<word>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?)
      | (?P<sign>==|!=|<=|>=|[<>()\[\],+*/-])""",
    re.VERBOSE | re.ASCII,
)
_INSTEAD: Final = {
    "=": "Write == to compare.",
    "&": "Write and.",
    "|": "Write or.",
    "!": "Write not, or != for 'is not'.",
    '"': "The text in quotes does not end.",
    "'": "The text in quotes does not end.",
}


def tokenise(text: str) -> list[Token]:
    """Cut an expression into words, numbers, quoted texts and signs."""
    if len(text) > LONGEST:
        raise ExpressionError(f"The expression is longer than {LONGEST} characters.", 0)
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        match = _TOKEN.match(text, at)
        if match is None:
            remedy = _INSTEAD.get(
                text[at], "Use ids, numbers, quoted texts and the signs of the language."
            )
            raise ExpressionError(f"{text[at]} cannot stand here. {remedy}", at)
        tokens.append(Token(str(match.lastgroup), match.group(), at))
        at = match.end()
    tokens.append(Token("end", "", len(text)))
    return tokens


def parse(text: str) -> Expression:
    """Turn an expression into its tree.

    Raises
    ------
    ExpressionError
        The text is not an expression; its ``offset`` says where it stops being one.
    """
    return _Parser(tokenise(text)).whole()


class _Parser:
    """One method per level of precedence, the loosest first."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.next
        self.at += 1
        return token

    def accept(self, *texts: str) -> Token | None:
        if self.next.kind in ("word", "sign") and self.next.text in texts:
            return self.take()
        return None

    def expect(self, sign: str, purpose: str) -> None:
        if self.accept(sign) is None:
            self.fail(f"{sign} is missing {purpose}.")

    def fail(self, sentence: str, token: Token | None = None) -> NoReturn:
        raise ExpressionError(sentence, (token or self.next).offset)

    def whole(self) -> Expression:
        if self.next.kind == "end":
            self.fail("The expression is empty. Remove the key or write a condition.")
        tree = self.either()
        if self.next.kind != "end":
            self.fail(f"{self.next.text} is not expected here. Join conditions with and, or.")
        return tree

    def either(self) -> Expression:
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail(f"The expression is nested more than {DEEPEST} deep. Make it simpler.")
        parts = [self.both()]
        while self.accept("or"):
            parts.append(self.both())
        self.depth -= 1
        return parts[0] if len(parts) == 1 else Junction(node="or", parts=tuple(parts))

    def both(self) -> Expression:
        parts = [self.negation()]
        while self.accept("and"):
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else Junction(node="and", parts=tuple(parts))

    def negation(self) -> Expression:
        denials = 0
        while self.accept("not"):
            denials += 1
        if denials > DEEPEST:
            self.fail(f"More than {DEEPEST} not in a row. Make it simpler.")
        tree = self.comparison()
        for _ in range(denials):
            tree = Not(part=tree)
        return tree

    def comparison(self) -> Expression:
        left = self.sum()
        if self.accept("in"):
            return Membership(value=left, options=self.constants())
        sign = self.accept("==", "!=", "<", "<=", ">", ">=")
        if sign is None:
            return left
        right = self.sum()
        again = self.accept("==", "!=", "<", "<=", ">", ">=")
        if again:
            self.fail("Compare two values at a time and join the comparisons with and.", again)
        return Comparison.model_validate({"operator": sign.text, "left": left, "right": right})

    def sum(self) -> Expression:
        tree = self.product()
        while sign := self.accept("+", "-"):
            tree = _arithmetic(sign, tree, self.product())
        return tree

    def product(self) -> Expression:
        tree = self.signed()
        while sign := self.accept("*", "/"):
            tree = _arithmetic(sign, tree, self.signed())
        return tree

    def signed(self) -> Expression:
        minus = self.accept("-")
        if minus is None:
            return self.primary()
        part = self.primary()
        if isinstance(part, Literally) and not isinstance(part.value, str):
            return Literally(value=-part.value)
        return _arithmetic(minus, Literally(value=0), part)

    def primary(self) -> Expression:  # noqa: RET503  # fail() never returns
        token = self.take()
        if token.kind in ("number", "text"):
            return Literally(value=_constant(token))
        if token.kind == "word":
            return self.named(token)
        if token.text == "(":
            tree = self.either()
            self.expect(")", "after the bracketed condition")
            return tree
        if token.text == "[":
            self.at -= 1
            return Listing(values=self.constants())
        what = token.text or "The end of the expression"
        self.fail(f"{what} cannot stand here: an id, a number or a text is expected.", token)

    def named(self, token: Token) -> Expression:
        if self.accept("("):
            return self.call(token)
        if token.text in KEYWORDS:
            self.fail(f"{token.text} cannot stand here: a condition is missing before it.", token)
        source, dot, name = token.text.partition(".")
        if not dot:
            return Answer(id=token.text)
        if source not in SOURCES:
            hint = did_you_mean(source, SOURCES)
            self.fail(
                f"There is no source {source}. Sources are {', '.join(SOURCES)}.{hint}", token
            )
        return Source.model_validate({"source": source, "name": name})

    def call(self, name: Token) -> Expression:
        if name.text not in FUNCTIONS:
            hint = did_you_mean(name.text, FUNCTIONS)
            self.fail(
                f"There is no function {name.text}. Functions are {', '.join(FUNCTIONS)}.{hint}",
                name,
            )
        arguments = [self.either()] if not self.accept(")") else []
        if arguments:
            while self.accept(","):
                arguments.append(self.either())
            self.expect(")", f"after the arguments of {name.text}")
        least, most = ARGUMENTS[name.text]
        if not least <= len(arguments) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            self.fail(f"{name.text}(...) takes {wanted} arguments, not {len(arguments)}.", name)
        return Call.model_validate({"function": name.text, "arguments": tuple(arguments)})

    def constants(self) -> tuple[Constant, ...]:
        self.expect("[", "before the list, as in [a, b]")
        values = [self.constant()]
        while self.accept(","):
            values.append(self.constant())
        self.expect("]", "after the list")
        return tuple(values)

    def constant(self) -> Constant:
        minus = self.accept("-")
        token = self.take()
        if token.kind not in ("number", "text", "word") or (minus and token.kind != "number"):
            self.fail("A list holds codes and numbers, as in [a, b] or [1, 2].", token)
        value = _constant(token)
        return -value if minus and not isinstance(value, str) else value


def _constant(token: Token) -> Constant:
    match token.kind:
        case "number":
            return float(token.text) if "." in token.text else int(token.text)
        case "text":
            return token.text[1:-1]
        case _:
            return token.text


def _arithmetic(sign: Token, left: Expression, right: Expression) -> Expression:
    return Arithmetic.model_validate({"operator": sign.text, "left": left, "right": right})
