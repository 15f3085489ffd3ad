"""Text that a channel shows as it is: names come from the platforms, and some would be taken for markup."""

import re
import unicodedata

# What chats and mails take for tags, mentions and links; the look-alikes are read the same and mean nothing.
_MARKUP = str.maketrans({"<": "\u2039", ">": "\u203a", "@": "\uff20"})
_LINK = re.compile(r"\](?=[(\[:])")
# Control characters, invisible ones and those that turn the direction of what follows; a line break is text.
_UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


def plain(text: str) -> str:
    """Return ``text`` without markup of any channel; invisible characters are shown, such as ``[U+202E]``."""
    seen = "".join(
        f"[U+{ord(letter):04X}]" if unicodedata.category(letter) in _UNSEEN and letter != "\n" else letter
        for letter in text
    )
    return _LINK.sub("] ", seen.translate(_MARKUP))
