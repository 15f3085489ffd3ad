"""A page that comes twice, under whatever cursor: nothing that is counted may be counted twice."""

from typing import Any

from ingest.answers import refused


class SeenPages:
    """The pages of one answer, each by its size, first and last row: no two pages share a row."""

    def __init__(self, answer: str) -> None:
        self._answer = answer
        self._marks: set[tuple[int, str, str]] = set()

    def see(self, page: list[Any]) -> None:
        """Take note of a page as it came; raises ``AnswerError`` if it came before."""
        if not page:
            return
        mark = (len(page), repr(page[0]), repr(page[-1]))
        if mark in self._marks:
            raise refused(self._answer, "the same page came twice")
        self._marks.add(mark)
