"""Who may ask what: tokens, bindings and questions, and what each holder is told where no one else asks."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import duckdb
from hypothesis import strategies as st
from starlette.applications import Starlette

from tests.python.installation import Installation
from tests.python.serve.asgi import Reply, ask, running, settings_of

CLIENTS = ("dune", "fjord", "grove")
# ``nobody`` was a client when its token was made.
IDS = (*CLIENTS, "nobody")
Binding = tuple[str, ...] | None


@dataclass(frozen=True)
class Holder:
    """Of a token: ``binding`` as it was typed, None for all clients."""

    name: str
    binding: Binding
    is_operator: bool = False

    @property
    def scope(self) -> tuple[bool, frozenset[str] | None]:
        return self.is_operator, None if self.binding is None else frozenset(self.binding)

    def sees(self, client: str) -> bool:
        return self.binding is None or client in self.binding

    def entry(self, token: str) -> dict[str, str]:
        kind = "OPERATOR" if self.is_operator else "VIEWER"
        bound = f"@{','.join(self.binding)}" if self.binding else ""
        return {f"WHOLEDAY_{kind}_TOKENS": f"{self.name}:{token}{bound}"}


@dataclass(frozen=True)
class Question:
    """``known``: which of the tags that were given to any viewer so far is sent along, if there is one."""

    path: str
    accept: str = "*/*"
    gzip: bool = False
    known: int | None = None
    by_session: bool = False
    heals: str = ""


def token_of(number: int) -> str:
    return f"token-of-holder-{number:02}"


def environment_of(holders: list[Holder]) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, holder in enumerate(holders):
        for variable, entry in holder.entry(token_of(number)).items():
            found[variable] = f"{found.get(variable, '')} {entry}"
    return found


class World:
    """One release; for each scope an application whose only token has it, not yet asked by another."""

    def __init__(self, installation: Installation) -> None:
        self.settings = settings_of(installation)
        self.runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self._alone: dict[object, Starlette] = {}
        self._replies: dict[object, Reply] = {}
        with duckdb.connect(str(installation.release), read_only=True) as release:
            told = release.execute(
                "select client_id, unnest([client_id, client_name]) from marts.clients union"
                " select client_id, unnest([account_id, account_name]) from marts.accounts union"
                " select a.client_id, unnest([c.campaign_id, c.campaign_name])"
                " from marts.campaigns c join marts.accounts a using (platform, account_id)"
            ).fetchall()
        by_client = {client: {word for of, word in told if of == client and word} for client in CLIENTS}
        everywhere = set.intersection(*by_client.values())
        assert all(len(words - everywhere) > 5 for words in by_client.values())
        self.words = {
            client: frozenset(
                word
                for word in words
                if not any(word in own for other in CLIENTS if other != client for own in by_client[other])
            )
            for client, words in by_client.items()
        }

    def close(self) -> None:
        self.runner.run(self._stack.aclose())
        self.runner.close()

    async def alone(self, holder: Holder | None, question: Question) -> Reply:
        """What ``holder`` is told where no one else asks."""
        scope = holder.scope if holder else None
        key = (scope, question.path, question.accept, question.gzip)
        if key not in self._replies:
            if scope not in self._alone:
                tokens = holder.entry(token_of(0)) if holder else Holder("x", None).entry(token_of(99))
                self._alone[scope] = await self._stack.enter_async_context(running(self.settings, **tokens))
            given = {"authorization": f"Bearer {token_of(0)}"} if holder else {}
            self._replies[key] = await ask(self._alone[scope], question.path, **given, **forms(question))
        return self._replies[key]

    def foreign(self, holder: Holder | None) -> Iterator[str]:
        for client, words in self.words.items():
            if holder is None or not holder.sees(client):
                yield from words

    def shared_tags(self) -> list[object]:
        """The tags that stand for different answers to the same question."""
        found: dict[object, set[bytes]] = {}
        for (_, *question), reply in self._replies.items():  # type: ignore[misc]
            if tag := reply.header("etag"):
                found.setdefault((*question, tag), set()).add(reply.body)
        return [question for question, bodies in found.items() if len(bodies) > 1]


def forms(question: Question) -> dict[str, str]:
    return {"accept": question.accept, "accept_encoding": "gzip" if question.gzip else "identity"}


def tells_of(world: World, holder: Holder | None, question: Question, reply: Reply) -> None:
    """What was asked for by name is in the refusal; nothing else of another client's is anywhere."""
    text = reply.text
    if reply.status >= 400 or reply.status == 303 or holder is None:
        for client in IDS:
            if client in question.path:
                text = text.replace(client, "")
    found = [word for word in world.foreign(holder) if word in text]
    assert not found, (holder, question, reply.status, found[:3])


BINDINGS = st.none() | st.lists(st.sampled_from(IDS), min_size=1, max_size=4).map(tuple)
HOLDERS = st.lists(
    st.builds(Holder, st.sampled_from(("desk", "dune", "all")), BINDINGS)
    | st.just(Holder("anna", None, is_operator=True)),
    min_size=2,
    max_size=5,
)
ARROW = "application/vnd.apache.arrow.stream"
OF_CLIENT = (
    *("/api/health/{}", "/api/kpi?client={}", "/api/kpi?client={}&grain=month", "/api/kpi?client=dune,{}"),
    *("/reports/{}/index.html", "/reports/{}/", "/reports/{}/{}-days.csv", "/reports/{}/{}.xlsx"),
    *("/reports/{}/{}-months.parquet", "/data/days/{}/2026-11.js", "/reports/dune/../{}/index.html"),
    *("/reports/dune%2f..%2f{}/index.html", "/api/health/dune%2f..%2f{}", "/data/days/{}//2026-11.js"),
)
PATHS = (
    *("/", "/index.html", "/reports/", "/api/health", "/api/kpi", "/api/kpi?grain=week", "/badge.svg"),
    *("/metrics", "/health.json", "/metrics.prom", "/data_docs/index.html", "/api/openapi.json"),
    *("/dbt/index.html", "/runbooks/split_data.html", "/api/kpi?fields=status,reason", "/written.json"),
    *("/api/backfill", "/api/backfill/x", "/login", "/api/kpi?nonsense=1", "/api/health?client=dune"),
    *(path.replace("{}", client) for path in OF_CLIENT for client in IDS),
)
QUESTIONS = st.builds(
    Question,
    st.sampled_from(PATHS),
    st.sampled_from(("*/*", "text/csv", ARROW, "text/html")),
    st.booleans(),
    st.none() | st.integers(0, 30),
    st.booleans(),
) | st.builds(Question, st.just("/api/backfill"), heals=st.sampled_from(IDS))
# Who asks: the number of a holder, or a stranger; those of one list ask at once.
ROUNDS = st.lists(
    st.lists(st.tuples(st.integers(0, 5), QUESTIONS), min_size=1, max_size=4), min_size=2, max_size=6
)
