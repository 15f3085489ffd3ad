"""Who may see and do what: roles by token, a viewer's token bound to clients where it says so."""

import hashlib
import hmac
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.errors import UserError

# The variables that hold tokens; no process that this one starts inherits them.
VARIABLES = ("WHOLEDAY_VIEWER_TOKENS", "WHOLEDAY_OPERATOR_TOKENS")
_ENTRY = re.compile(r"(?P<name>[\w.-]+):(?P<token>[\w.~+/=-]{16,})(?:@(?P<clients>[^@\s]+))?")
_CLIENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Role(StrEnum):
    """What a token stands for; an operator may do what a viewer may."""

    VIEWER = "viewer"
    OPERATOR = "operator"


@dataclass(frozen=True)
class Visitor:
    """The sender of a request; ``clients`` are those a viewer is bound to, None: all."""

    name: str
    role: Role
    clients: frozenset[str] | None = None

    @property
    def may_heal(self) -> bool:
        """Whether the visitor may have days collected again."""
        return self.role is Role.OPERATOR

    @property
    def scope(self) -> str:
        """What answers may be shared by: visitors of one scope see the same."""
        return "all clients" if self.clients is None else f"clients {','.join(sorted(self.clients))}"

    def may_see(self, client: str) -> bool:
        """Whether the client is one of the visitor's."""
        return self.clients is None or client in self.clients


LOOPBACK = Visitor("loopback", Role.VIEWER)


@dataclass(frozen=True)
class Access:
    """The tokens there are, as digests: the tokens themselves are not kept."""

    visitors: tuple[tuple[bytes, Visitor], ...]

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ) -> "Access":
        """Read ``name:token`` and ``name:token@client,client``, separated by blanks, of both variables.

        Raises ``UserError`` naming the variable and the entry's position, never the entry.
        """
        found = [
            _entry(variable, role, position, text)
            for variable, role in zip(VARIABLES, (Role.VIEWER, Role.OPERATOR), strict=True)
            for position, text in enumerate(environment.get(variable, "").split(), start=1)
        ]
        if len({digest for digest, _ in found}) < len(found):
            raise UserError(f"two entries of {' and '.join(VARIABLES)} have the same token: make another")
        return cls(tuple(found))

    def check(self, known: frozenset[str]) -> None:
        """Raise ``UserError`` naming the clients that tokens are bound to and that are not ``known``."""
        bound = frozenset[str]().union(*(visitor.clients or () for _, visitor in self.visitors))
        if unknown := sorted(bound - known):
            raise UserError(
                f"{VARIABLES[0]} binds a token to {', '.join(unknown)}, and the published release has no such"
                " client: name the clients as agency/clients.csv does"
            )

    @property
    def is_open(self) -> bool:
        """Whether there is no token at all: then only this machine may look, and no request may write."""
        return not self.visitors

    def visitor(self, token: str) -> Visitor | None:
        """Return whose token it is. All tokens are compared, in constant time, also after a match."""
        given, found = _digest(token), None
        for digest, visitor in self.visitors:
            if hmac.compare_digest(digest, given):
                found = visitor
        return found


def _entry(variable: str, role: Role, position: int, text: str) -> tuple[bytes, Visitor]:
    match = _ENTRY.fullmatch(text)
    if match is None:
        raise UserError(
            f"entry {position} of {variable} is not name:token or name:token@client,client with a token of 16"
            " or more letters and digits"
        )
    clients = match["clients"]
    if clients and role is Role.OPERATOR:
        raise UserError(
            f"entry {position} of {variable} names clients, but an operator heals for all of them: move the"
            f" entry to {VARIABLES[0]}, or leave out what follows its @"
        )
    bound = frozenset(clients.split(",")) if clients else None
    if bound and not all(map(_CLIENT.fullmatch, bound)):
        raise UserError(
            f"entry {position} of {variable} is bound to something that is no client id: name the clients as"
            " agency/clients.csv does, separated by commas; without @ the token is for all of them"
        )
    return _digest(match["token"]), Visitor(match["name"], role, bound)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
