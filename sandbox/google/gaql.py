"""A parser for the part of the Google Ads Query Language that reporting uses.

``SELECT f, … FROM r [WHERE c AND …] [ORDER BY f [ASC|DESC], …] [LIMIT n] [PARAMETERS p = v]``, where a
condition is ``field op value`` with ``=``, ``!=``, ``<``, ``<=``, ``>``, ``>=``, ``[NOT] IN (…)``,
``BETWEEN a AND b``, ``DURING x``, ``[NOT] LIKE 'x'``, ``IS [NOT] NULL``, ``[NOT] REGEXP_MATCH 'x'``,
``CONTAINS ANY|ALL|NONE (…)``.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from sandbox.google.errors import GoogleError, query_error

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|(?P<word>[A-Za-z_][\w.]*)|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<sign>!=|<=|>=|=|<|>|\(|\)|,))"
)
_KEYWORDS = ("SELECT", "FROM", "WHERE", "ORDER", "LIMIT", "PARAMETERS")


@dataclass(frozen=True)
class Condition:
    """One condition of the WHERE clause; ``values`` are texts, numbers as written."""

    field: str
    operator: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Statement:
    """A parsed query."""

    fields: tuple[str, ...]
    resource: str
    conditions: tuple[Condition, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    """Fields, and whether they descend."""
    limit: int | None = None
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Token:
    """A piece of the query: ``kind`` is text, word, number, sign or end."""

    kind: str
    value: str

    @property
    def keyword(self) -> str:
        """The word in upper case, or nothing."""
        return self.value.upper() if self.kind == "word" else ""


@lru_cache(maxsize=2048)
def parse(query: str) -> Statement:
    """Return the statement of ``query``; raises GoogleError as Google would."""
    return _Parser(_tokens(query)).statement()


def _tokens(query: str) -> list[Token]:
    found, place = [], 0
    query = query.strip().rstrip(";")
    while place < len(query):
        match = _TOKEN.match(query, place)
        if match is None:
            raise query_error(
                "UNEXPECTED_INPUT", f"Error in query: unexpected input {query[place:].strip().split(' ')[0]}."
            )
        kind = str(match.lastgroup)
        value = match[kind]
        found.append(Token(kind, value[1:-1] if kind == "text" else value))
        place = match.end()
    return [*found, Token("end", "")]


class _Parser:
    """Reads tokens from left to right."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._place = 0

    def statement(self) -> Statement:
        self._word("SELECT", "EXPECTED_SELECT")
        fields = [self._name("BAD_FIELD_NAME")]
        while self._taken(","):
            fields.append(self._name("BAD_FIELD_NAME"))
        self._word("FROM", "EXPECTED_FROM")
        resource = self._name("BAD_RESOURCE_TYPE_IN_FROM_CLAUSE")
        conditions: list[Condition] = []
        if self._keyword("WHERE"):
            conditions.append(self._condition())
            while self._keyword("AND"):
                conditions.append(self._condition())
        order: list[tuple[str, bool]] = []
        if self._keyword("ORDER"):
            self._word("BY", "EXPECTED_BY")
            order.append(self._ordering())
            while self._taken(","):
                order.append(self._ordering())
        limit = self._limit() if self._keyword("LIMIT") else None
        parameters = self._parameters() if self._keyword("PARAMETERS") else ()
        if self._next().kind != "end":
            raise query_error("UNEXPECTED_INPUT", f"Error in query: unexpected input {self._next().value}.")
        return Statement(tuple(fields), resource, tuple(conditions), tuple(order), limit, parameters)

    def _condition(self) -> Condition:
        name = self._name("BAD_FIELD_NAME")
        token = self._take()
        if token.kind == "sign" and token.value in ("=", "!=", "<", "<=", ">", ">="):
            return Condition(name, token.value, (self._value(),))
        operator = token.keyword
        if operator in ("NOT", "IS") and self._next().keyword in (
            "IN",
            "LIKE",
            "REGEXP_MATCH",
            "NOT",
            "NULL",
        ):
            operator = f"{operator} {self._take().keyword}"
        if operator == "IS NOT":
            operator = f"{operator} {self._take().keyword}"
        if operator == "CONTAINS":
            operator = f"{operator} {self._take().keyword}"
        if operator in ("IN", "NOT IN", "CONTAINS ANY", "CONTAINS ALL", "CONTAINS NONE"):
            return Condition(name, operator, self._list())
        if operator == "BETWEEN":
            first = self._value()
            self._word("AND", "EXPECTED_AND")
            return Condition(name, operator, (first, self._value()))
        if operator == "DURING":
            return Condition(name, operator, (self._name("INVALID_VALUE_WITH_DURING_OPERATOR").upper(),))
        if operator in ("LIKE", "NOT LIKE", "REGEXP_MATCH", "NOT REGEXP_MATCH"):
            return Condition(name, operator, (self._value(),))
        if operator in ("IS NULL", "IS NOT NULL"):
            return Condition(name, operator)
        raise query_error("BAD_OPERATOR", f"Error in query: invalid operator {token.value or 'at the end'}.")

    def _list(self) -> tuple[str, ...]:
        if not self._taken("("):
            raise query_error("EXPECTED_LIST", "Error in query: expected a list of values.")
        values = [self._value()]
        while self._taken(","):
            values.append(self._value())
        if not self._taken(")"):
            raise query_error("EXPECTED_LIST", "Error in query: expected a list of values.")
        return tuple(values)

    def _ordering(self) -> tuple[str, bool]:
        name = self._name("BAD_FIELD_NAME")
        if self._keyword("DESC"):
            return name, True
        self._keyword("ASC")
        return name, False

    def _limit(self) -> int:
        token = self._take()
        if token.kind != "number" or not token.value.isdigit() or int(token.value) < 1:
            raise query_error("BAD_LIMIT_VALUE", "Error in query: limit must be a positive number.")
        return int(token.value)

    def _parameters(self) -> tuple[tuple[str, str], ...]:
        found = []
        while True:
            name = self._name("INVALID_PARAMETER_NAME")
            if not self._taken("="):
                raise query_error("INVALID_PARAMETER_VALUE", "Error in query: expected = after a parameter.")
            found.append((name, self._value()))
            if not self._taken(","):
                return tuple(found)

    def _value(self) -> str:
        token = self._take()
        if token.kind not in ("text", "number", "word"):
            raise self._unexpected(token)
        return token.value

    def _name(self, code: str) -> str:
        token = self._take()
        if token.kind != "word" or token.keyword in _KEYWORDS:
            raise (
                self._unexpected(token)
                if token.kind == "end"
                else query_error(code, f"Error in query: unexpected input {token.value}.")
            )
        return token.value

    def _word(self, word: str, code: str) -> None:
        token = self._take()
        if token.keyword != word:
            raise (
                self._unexpected(token)
                if token.kind == "end"
                else query_error(code, f"Error in query: expected {word}, found {token.value}.")
            )

    def _keyword(self, word: str) -> bool:
        if self._next().keyword == word:
            self._place += 1
            return True
        return False

    def _taken(self, sign: str) -> bool:
        if self._next() == Token("sign", sign):
            self._place += 1
            return True
        return False

    def _next(self) -> Token:
        return self._tokens[min(self._place, len(self._tokens) - 1)]

    def _take(self) -> Token:
        token = self._next()
        self._place += 1
        return token

    @staticmethod
    def _unexpected(token: Token) -> GoogleError:
        if token.kind == "end":
            return query_error("UNEXPECTED_END_OF_QUERY", "Error in query: unexpected end of query.")
        return query_error("UNEXPECTED_INPUT", f"Error in query: unexpected input {token.value}.")
