"""For any tokens, asking in any order: a client's data is told to its own alone."""

import asyncio
import json
from collections.abc import Iterator

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from pyarrow import ipc
from starlette.applications import Starlette

from core.lock import warehouse_lock
from serve.answers import Answer, Answers
from serve.parameters import grains
from tests.python.installation import Installation
from tests.python.serve.asgi import ask, running
from tests.python.serve.conftest import DAY, NOW
from tests.python.serve.scopes import (
    ARROW,
    CLIENTS,
    HOLDERS,
    PATHS,
    ROUNDS,
    Holder,
    Question,
    World,
    environment_of,
    forms,
    tells_of,
    token_of,
)

pytestmark = [pytest.mark.slow, pytest.mark.attack]


@pytest.fixture(scope="module")
def world(gapped: Installation) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WHOLEDAY_NOW", NOW)
        found = World(gapped)
        # While another command has the warehouse, a backfill waits for it.
        with warehouse_lock(found.settings, "test"):
            yield found
            found.close()


class Session:
    """One example: the holders' application, and what it has told so far."""

    def __init__(self, world: World, app: Starlette, holders: list[Holder], attempts: list[object]) -> None:
        self._world, self._app, self._holders, self._attempts = world, app, holders, attempts
        self._tags: list[str] = []
        self._cookies: dict[int, str] = {}

    async def put(self, number: int, question: Question) -> None:
        holder = self._holders[number] if number < len(self._holders) else None
        given = await self._identity(number, holder, question) | forms(question)
        known = (
            self._tags[question.known % len(self._tags)]
            if self._tags and question.known is not None
            else None
        )
        if known:
            given["if_none_match"] = known
        self._attempts.append(question.path)
        if question.heals:
            await self._heal(holder, question, given)
            return
        reply = await ask(self._app, question.path, **given)
        if tag := reply.header("etag"):
            self._tags.append(tag)
        assert reply.status < 500, question
        tells_of(self._world, holder, question, reply)
        if question.path.startswith("/api/backfill") and holder and holder.is_operator:
            return  # what was asked for so far
        alone = await self._world.alone(holder, question)
        if reply.status == 304:
            assert alone.header("etag") in (known, reply.header("etag")), question
        else:
            assert reply == alone, question

    async def _identity(self, number: int, holder: Holder | None, question: Question) -> dict[str, str]:
        if holder is None:
            return {}
        if not question.by_session:
            return {"authorization": f"Bearer {token_of(number)}"}
        if number not in self._cookies:
            body = f"token={token_of(number)}".encode()
            entered = await ask(self._app, "/login", "POST", body, origin="http://127.0.0.1")
            self._cookies[number] = entered.header("set-cookie").partition(";")[0]
        return {"cookie": self._cookies[number]}

    async def _heal(self, holder: Holder | None, question: Question, given: dict[str, str]) -> None:
        body = json.dumps({"client": question.heals, "from": DAY, "to": DAY}).encode()
        reply = await ask(self._app, "/api/backfill", "POST", body, origin="http://127.0.0.1", **given)
        if holder is None or not holder.is_operator:
            assert reply.status in (401, 403, 303), reply
            tells_of(self._world, holder, question, reply)
            return
        assert reply.status == (202 if question.heals in CLIENTS else 404)
        if reply.status == 202:
            events = await ask(self._app, f"{reply.header('location')}/events", **given)
            assert f'"client":"{question.heals}"'.encode() in events.body
            for other in self._holders:
                if not other.is_operator:
                    number = self._holders.index(other)
                    theirs = {"authorization": f"Bearer {token_of(number)}"}
                    for path in (f"{reply.header('location')}/events", reply.header("location")):
                        refused = await ask(self._app, path, **theirs)
                        assert refused.status == 403
                        tells_of(self._world, other, question, refused)


@pytest.mark.parametrize("binding", [("dune",), ("fjord",), ("nobody",), ("dune", "grove")], ids=",".join)
def test_no_address_leads_to_another_client(
    world: World, binding: tuple[str, ...], attempts: list[object]
) -> None:
    holder = Holder("desk", binding)

    async def example() -> None:
        for path in PATHS:
            reply = await world.alone(holder, Question(path))
            attempts.append(path)
            assert reply.status < 500, path
            tells_of(world, holder, Question(path), reply)

    world.runner.run(example())


def test_arrow_holds_nothing_in_the_place_of_null(world: World, attempts: list[object]) -> None:
    """What is no figure has no bytes either: memory that is used again held another client's."""
    questions = [f"/api/kpi?grain={grain}&client={client}" for grain in grains() for client in CLIENTS]

    async def example() -> None:
        async with running(world.settings, **Holder("x", None).entry(token_of(0))) as app:
            for number in range(40):
                for path in questions:
                    # Each is another question, so none is answered from what is kept.
                    asked = (
                        f"{path}&to=2026-11-{number % 9 + 1:02}&fields=average_ctr,click_to_call,reservations"
                    )
                    given = {"authorization": f"Bearer {token_of(0)}", "accept": ARROW}
                    table = ipc.open_stream((await ask(app, asked, **given)).body).read_all()
                    attempts.append(asked)
                    for column in (chunk for found in table.columns for chunk in found.chunks):
                        remains(column, asked)

    world.runner.run(example())


def remains(column: pa.Array, asked: str) -> None:
    if not column.null_count or pa.types.is_string(column.type):
        return
    width = column.type.bit_width // 8
    held = column.buffers()[1].to_pybytes()
    for row, is_there in enumerate(column.is_valid().to_pylist()):
        place = held[(column.offset + row) * width :][:width]
        assert is_there or not any(place), (asked, column.type, place)


def test_no_answer_holds_another_clients_data(world: World, attempts: list[object]) -> None:
    @given(HOLDERS, ROUNDS)
    @settings(
        max_examples=80,
        database=None,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    def check(holders: list[Holder], rounds: list[list[tuple[int, Question]]]) -> None:
        async def example() -> None:
            async with running(world.settings, **environment_of(holders)) as app:
                session = Session(world, app, holders, attempts)
                for together in rounds:
                    await asyncio.gather(*(session.put(number, question) for number, question in together))

        world.runner.run(example())

    check()
    assert world.shared_tags() == []


def test_answers_of_old_releases_are_not_kept() -> None:
    """Half an hour of new releases would fill the memory with answers that are void."""
    made: list[str] = []

    async def example() -> None:
        answers = Answers()

        async def ask_for(release: int) -> None:
            async def make() -> Answer:
                made.append(str(release))
                return Answer.of(b"x", "text/plain")

            await answers.get("question", f"tag of {release}", make)

        for release in [*range(20), 19, 18, 17]:
            await ask_for(release)

    asyncio.run(example())
    assert made == [*map(str, range(20)), "17"]
