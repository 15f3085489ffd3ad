"""Text that a channel shows as it is: names come from the platforms, and some would be taken for markup."""

import re

from core.visible import visible

# What chats and mails take for tags, mentions and links; the look-alikes are read the same and mean nothing.
_MARKUP = str.maketrans({"<": "\u2039", ">": "\u203a", "@": "\uff20"})
_LINK = re.compile(r"\](?=[(\[:])")


def plain(text: str) -> str:
    """Return ``text`` without markup of any channel; invisible characters are shown, such as ``[U+202E]``."""
    return _LINK.sub("] ", visible(text).translate(_MARKUP))
