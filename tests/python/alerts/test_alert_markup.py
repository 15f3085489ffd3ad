"""What names of the platforms look like in a channel: plain text only."""

import json
from typing import Any

import apprise
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from alerts.channels import Channel
from alerts.outbox import send
from alerts.plain import plain

HOSTILE = [
    *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<b>bold</b>", "&lt;b&gt;", "<!channel>"),
    *("<!here>", "<!everyone>", "<@U024BE7LH>", "<https://evil.example|your bank>", "@everyone", "@here"),
    *("<@&123456789>", "[your bank](https://evil.example)", "[a][b]", "[a]: https://evil.example", "<#C1|x>"),
    *("\u202egnp.exe", "a\u200bb", "a\u2066b\u2069", "\x1b[31mred", "\x07", "\ufeffHotel", "a\rb", "\u2028x"),
    *(
        "<a href='https://evil.example'>x</a>",
        "<!subteam^S1>",
        "<!date^1|x>",
        "<style>*{display:none}</style>",
    ),
]
CHANNELS = {
    "slack": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general",
    "discord": "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
    "teams": "workflows://127.0.0.1:443/643d8972cbd34a0ba9b9d8e2dbcbd1ee/b4SRNLUTXRcoyHIhIRkJdHYhSs5dbKYQHZGoVvXGrbI",
    "webhook": "json://127.0.0.1:1/",
}


@pytest.fixture
def payloads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The bodies that would go to addresses elsewhere; they are read, not sent."""
    found: list[str] = []

    def post(_: Any, url: str, data: Any = None, **named: Any) -> requests.Response:
        found.append(data.decode() if isinstance(data, bytes) else str(data or json.dumps(named.get("json"))))
        answer = requests.Response()
        answer.status_code, answer._content = 200, b"ok"
        return answer

    monkeypatch.setattr(
        requests.Session, "request", lambda self, method, url, **named: post(self, url, **named)
    )
    monkeypatch.setattr(requests, "post", lambda url, **named: post(None, url, **named))
    return found


@pytest.mark.parametrize("name", CHANNELS)
def test_hostile_name_is_plain_text_in_each_channel(name: str, payloads: list[str]) -> None:
    channel = Channel(CHANNELS[name], frozenset({"high"}))
    assert apprise.Apprise().add(channel.url), "the address is one that the channel knows"
    for hostile in HOSTILE:
        assert send(channel, f"wholeday high: {hostile}", f"Hotel {hostile} has a gap.")
    assert len(payloads) >= len(HOSTILE)
    for payload in payloads:
        told = " ".join(_texts(json.loads(payload)))
        assert not any(mark in told for mark in ("<", "@", "](", "\x1b", "\u202e", "\u200b")), told


@given(st.text())
def test_plain_text_has_no_invisible_character(text: str) -> None:
    shown = plain(text)
    assert all(letter.isprintable() or letter == "\n" or letter.isspace() for letter in shown)
    assert plain(shown) == shown


def _texts(found: Any) -> list[str]:
    """Return every text of a payload but addresses of pictures and links of its own frame."""
    if isinstance(found, dict):
        own = ("url", "icon_url", "avatar_url", "thumbnail", "image", "$schema", "author", "footer_icon")
        return [text for key, value in found.items() if key not in own for text in _texts(value)]
    if isinstance(found, list):
        return [text for value in found for text in _texts(value)]
    return [found] if isinstance(found, str) else []
