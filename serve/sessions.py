"""A browser's stay: the token is typed once, and a random name stands for it in a cookie."""

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass

from serve.access import Visitor

COOKIE = "wholeday_session"
HOURS = 12
_MOST = 10_000


@dataclass(frozen=True)
class _Session:
    visitor: Visitor
    ends_at: float


class Sessions:
    """Sessions of this process; a restart ends them, as does half a day."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[str, _Session] = OrderedDict()

    def begin(self, visitor: Visitor) -> str:
        """Return the name of a new session; the oldest one goes when there are too many."""
        name = secrets.token_urlsafe(32)
        self._sessions[name] = _Session(visitor, time.monotonic() + HOURS * 3600)
        while len(self._sessions) > _MOST:
            self._sessions.popitem(last=False)
        return name

    def visitor(self, name: str) -> Visitor | None:
        """Return whose session it is, if it goes on."""
        session = self._sessions.get(name)
        if session is None or session.ends_at < time.monotonic():
            self._sessions.pop(name, None)
            return None
        return session.visitor

    def end(self, name: str) -> None:
        """Forget the session."""
        self._sessions.pop(name, None)
