"""Answers that are kept: asked once per release and question, compressed once, and told apart by a tag."""

import asyncio
import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache, partial

from starlette.requests import Request
from starlette.responses import Response

from serve.problems import RequestError
from serve.release import Release

# What is kept in memory, compressed forms included.
_MOST_BYTES = 96 * 2**20
# Below this size compression saves no packet.
_WORTH_COMPRESSING = 1000
_LEVEL = 6
# While a release is replaced the answers of both are asked for; older ones are void.
_AT_ONE_PLACE = 2
# So many questions are answered from a new release before it is the current one, for so long.
_MOST_WARMED = 64
_WARM_SECONDS = 0.6


@dataclass(frozen=True)
class Answer:
    """A body in both forms; ``compressed`` is None where it is not worth it."""

    body: bytes
    compressed: bytes | None
    media_type: str
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def size(self) -> int:
        """Bytes that it holds in memory."""
        return len(self.body) + len(self.compressed or b"")

    @classmethod
    def of(cls, body: bytes, media_type: str, *headers: tuple[str, str]) -> "Answer":
        """Compress what is worth it; takes milliseconds per megabyte, so call it in a thread."""
        worth = len(body) >= _WORTH_COMPRESSING and not media_type.startswith(("image/png", "font/"))
        return cls(body, gzip.compress(body, _LEVEL, mtime=0) if worth else None, media_type, headers)


Make = Callable[[Release], Awaitable[Answer]]


class Answers:
    """The answers of the last questions. The same question asked twice at once is answered once."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, dict[str, Answer]] = OrderedDict()
        self._under_way: dict[str, asyncio.Task[Answer]] = {}
        self._recent: OrderedDict[str, tuple[str, Make]] = OrderedDict()
        self._bytes = 0

    async def of_release(self, release: Release, question: str, state: str, make: Make) -> Answer:
        """Return the answer of ``release`` to ``question``, and remember how it is made.

        ``state`` is what it depends on besides the release.
        """
        self._recent[question] = (state, make)
        self._recent.move_to_end(question)
        while len(self._recent) > _MOST_WARMED:
            self._recent.popitem(last=False)
        return await self.get(question, tag_of(release.tag, question, state), lambda: make(release))

    async def warm(self, release: Release) -> None:
        """Answer the questions of late from a release that is about to be the current one.

        So no visitor waits for what a new release makes void; after a moment the rest is left to later ones.
        """
        tasks = [
            asyncio.ensure_future(
                self.get(question, tag_of(release.tag, question, state), partial(make, release))
            )
            for question, (state, make) in reversed(self._recent.items())
        ]
        for task in tasks:
            task.add_done_callback(_is_done)
        if tasks:
            await asyncio.wait(tasks, timeout=_WARM_SECONDS)

    async def get(self, place: str, tag: str, make: Callable[[], Awaitable[Answer]]) -> Answer:
        """Return the answer ``tag``, made by ``make`` if it is not there; a failure is not kept.

        It is kept at ``place``, instead of what was kept there before the last one.
        """
        kept = self._kept.get(place, {}).get(tag)
        if kept is not None:
            self._kept.move_to_end(place)
            return kept
        task = self._under_way.get(tag)
        if task is None:
            task = self._under_way[tag] = asyncio.ensure_future(_awaited(make))
            task.add_done_callback(lambda done: self._keep(place, tag, done))
        # A visitor that goes away must not take the answer from the others who wait for it.
        return await asyncio.shield(task)

    def _keep(self, place: str, tag: str, done: "asyncio.Task[Answer]") -> None:
        self._under_way.pop(tag, None)
        if done.cancelled() or done.exception() is not None:
            return
        here = self._kept.setdefault(place, {})
        here[tag] = answer = done.result()
        self._kept.move_to_end(place)
        self._bytes += answer.size
        while len(here) > _AT_ONE_PLACE:
            self._bytes -= here.pop(next(iter(here))).size
        while self._bytes > _MOST_BYTES and self._kept:
            _, void = self._kept.popitem(last=False)
            self._bytes -= sum(answer.size for answer in void.values())


def _is_done(task: "asyncio.Task[Answer]") -> None:
    """Look at how it ended: a question that the new release cannot answer is told to who asks it."""
    if not task.cancelled():
        task.exception()


async def _awaited(make: Callable[[], Awaitable[Answer]]) -> Answer:
    return await make()


def tag_of(*parts: str) -> str:
    """Return the tag (ETag) of the answer that ``parts`` determine."""
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=12).hexdigest()


def is_known(request: Request, tag: str) -> bool:
    """Whether the visitor has the answer already (If-None-Match)."""
    known = request.headers.get("if-none-match")
    return known is not None and f'"{tag}"' in {part.strip().removeprefix("W/") for part in known.split(",")}


def is_unwanted(request: Request, tag: str) -> bool:
    """Whether the visitor does without an answer that there is: it is known, or any would be (``*``)."""
    return is_known(request, tag) or request.headers.get("if-none-match", "").strip() == "*"


def not_modified(tag: str) -> Response:
    """Return the answer to a visitor that has it already."""
    return Response(status_code=304, headers=_headers(tag))


def respond(request: Request, answer: Answer, tag: str) -> Response:
    """Return ``answer`` as the visitor takes it, or that nothing has changed."""
    if is_unwanted(request, tag):
        return not_modified(tag)
    headers = {**_headers(tag), "content-type": answer.media_type, **dict(answer.headers)}
    if answer.compressed is not None and takes_gzip(request.headers.get("accept-encoding", "")):
        return Response(answer.compressed, headers={**headers, "content-encoding": "gzip"})
    return Response(answer.body, headers=headers)


def _headers(tag: str) -> dict[str, str]:
    return {
        "etag": f'W/"{tag}"',
        "cache-control": "private, no-cache",
        "vary": "accept, accept-encoding, authorization, cookie",
    }


@lru_cache(maxsize=1000)
def takes_gzip(accepted: str) -> bool:
    """Whether an ``Accept-Encoding`` allows gzip."""
    qualities = dict(map(_quality, accepted.lower().split(",")))
    return qualities.get("gzip", qualities.get("x-gzip", qualities.get("*", 0.0))) > 0


@lru_cache(maxsize=1000)
def negotiate(accepted: str, offered: tuple[str, ...]) -> str:
    """Return the media type of ``offered`` that an ``Accept`` prefers; the first where all are the same.

    Raises ``RequestError`` (406) where it takes none of them.
    """
    ranges = dict(map(_quality, accepted.lower().split(","))) if accepted.strip() else {"*/*": 1.0}

    def quality(media_type: str) -> float:
        ways = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
        return next((ranges[way] for way in ways if way in ranges), 0.0)

    best = max(offered, key=quality)
    if quality(best) <= 0:
        raise RequestError(406, f"the answer comes as {', '.join(offered)}: ask for one of them in Accept")
    return best


def _quality(text: str) -> tuple[str, float]:
    name, *parameters = (part.strip() for part in text.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return name, float(parameter[2:])
            except ValueError:
                return name, 0.0
    return name, 1.0
