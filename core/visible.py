"""Text of others as it is shown to a person: what cannot be seen is named, since it can deceive."""

import io
import unicodedata
from typing import Any, TextIO, cast

# Control characters, invisible ones and those that turn the direction of what follows.
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


def visible(text: str) -> str:
    """Return ``text`` with its invisible characters named, such as ``[U+202E]``; a line break is text."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(
        f"[U+{ord(letter):04X}]" if letter != "\n" and unicodedata.category(letter) in _UNSEEN else letter
        for letter in text
    )


class VisibleStream:
    """A terminal's stream that no name can send commands to; everything but writing is the stream's own."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write ``text`` as it is shown to a person."""
        self.stream.write(visible(text))
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        """Write each of ``lines``."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def guarded(stream: TextIO) -> TextIO:
    """Return ``stream`` such that names cannot command it; one that lacks their letters fails nothing."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")
    return cast(TextIO, VisibleStream(stream))
