"""Pages that lead nowhere: one that comes twice, under whatever cursor, or only empty ones."""

from typing import Any

from ingest.platform_api import refused

# A page may be empty and still be followed by others; so many in a row are no way to the end.
EMPTY_IN_A_ROW = 50


class SeenPages:
    """The pages of one answer, each by its size, first and last row: no two pages share a row."""

    def __init__(self, answer: str) -> None:
        self._answer = answer
        self._marks: set[tuple[int, str, str]] = set()
        self._empty = 0

    def see(self, page: list[Any]) -> None:
        """Take note of a page as it came; raises ``AnswerError`` if it came before, or nothing comes."""
        if not page:
            self._empty += 1
            if self._empty > EMPTY_IN_A_ROW:
                raise refused(self._answer, f"{self._empty} pages in a row were empty, and it did not end")
            return
        self._empty = 0
        mark = (len(page), repr(page[0]), repr(page[-1]))
        if mark in self._marks:
            raise refused(self._answer, "the same page came twice")
        self._marks.add(mark)
