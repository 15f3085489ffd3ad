"""Which of the accounts that the credentials reach carry a client's name."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from core.platforms import platforms
from ingest.access import ReachedAccount

# From this likeness on an account is proposed, from the other on it is shown as one to think of.
LIKELY, POSSIBLE = 0.75, 0.45
# Two words count as the same from this ratio on: one letter in seven may differ.
SAME_WORD = 0.85
# Letters that Unicode does not take apart into a plain letter and a mark.
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe"})


@dataclass(frozen=True)
class Match:
    """An account and how much of the client's name is in its own, from 0 to 1."""

    account: ReachedAccount
    likeness: float

    @property
    def is_likely(self) -> bool:
        """Whether the account is proposed without having been chosen."""
        return self.likeness >= LIKELY


def words(text: str) -> tuple[str, ...]:
    """Return the words of ``text`` in small letters without marks: ``Bałtyk, Spa`` is baltyk and spa."""
    letters = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    return tuple(re.findall(r"[^\W_]+", "".join(c for c in letters if not unicodedata.combining(c))))


def matches(names: Sequence[str], accounts: Iterable[ReachedAccount]) -> list[Match]:
    """Return every account with its likeness to a client's ``names`` (id, name), the most alike first.

    A word that many accounts carry ("hotel") says little: each counts by how rare it is among them.
    """
    listed = [(account, words(account.name)) for account in accounts]
    carried = [carrier for _, carrier in listed]
    wanted = [found for name in names if (found := words(name))]
    # A word on so few accounts is as rare as it gets: a client has one on each platform that lists accounts.
    few = sum(not platform.tells_days for platform in platforms().values())
    rarity = {
        word: 1 / max(sum(_same(word, carrier) > 0 for carrier in carried), few)
        for found in wanted
        for word in found
    }
    scored = [
        Match(account, max((_likeness(found, carrier, rarity) for found in wanted), default=0.0))
        for account, carrier in listed
    ]
    return sorted(scored, key=lambda match: (-match.likeness, match.account.platform, match.account.name))


def _likeness(wanted: tuple[str, ...], carrier: tuple[str, ...], rarity: dict[str, float]) -> float:
    if "".join(wanted) in "".join(carrier):
        return 1.0
    return sum(rarity[word] * _same(word, carrier) for word in wanted) / sum(rarity[w] for w in wanted)


def _same(word: str, carrier: tuple[str, ...]) -> float:
    """Return how much ``word`` is like one of the words, 0 when it is another word."""
    best = max((SequenceMatcher(None, word, other).ratio() for other in carrier), default=0.0)
    return best if best >= SAME_WORD else 0.0
