"""What names of the platforms look like in a channel: plain text only."""

import email
import email.policy
import json
import re
from html.parser import HTMLParser
from typing import Any

import apprise
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from alerts.channels import Channel
from alerts.outbox import send
from alerts.plain import plain
from tests.python.alerts.conftest import Mailbox
from tests.python.hostile import NAMES

pytestmark = pytest.mark.attack
# Tags, mentions, links under other words, and what cannot be seen; the line breaks of a message are its own.
LIVE = re.compile(
    r"[<@]|\]\(|\]\[|[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)
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
def test_hostile_name_is_plain_text_in_each_channel(
    name: str, payloads: list[str], attempts: list[object]
) -> None:
    channel = Channel(CHANNELS[name], frozenset({"high"}))
    assert apprise.Apprise().add(channel.url), "the address is one that the channel knows"
    assert len(NAMES) >= 50
    for hostile in NAMES:
        attempts.append(hostile)
        payloads.clear()
        assert send(channel, f"wholeday high: {hostile}", f"Hotel {hostile} has a gap.")
        assert payloads, hostile
        told = " ".join(text for payload in payloads for text in _texts(json.loads(payload)))
        assert not LIVE.search(told), told


def test_hostile_name_is_plain_text_in_mail(mailbox: tuple[Mailbox, int], attempts: list[object]) -> None:
    box, port = mailbox
    url = f"mailto://127.0.0.1:{port}/?from=a@a.example&to=b@b.example&mode=insecure"
    channel = Channel(url, frozenset({"high"}))
    frame = _tags("<html><head></head><body><br/><p></p></body></html>")
    for hostile in NAMES:
        attempts.append(hostile)
        box.mails.clear()
        assert send(channel, f"wholeday high: {hostile}", f"Hotel {hostile} has a gap.")
        (mail,) = (email.message_from_string(text, policy=email.policy.default) for text in box.mails)
        assert [name for name in mail if name.lower() in ("bcc", "cc", "to")] == ["To"]
        assert not LIVE.search(str(mail["Subject"])), hostile
        for part in mail.walk():
            if part.get_content_maintype() == "text":
                body = part.get_content()
                tags = _tags(body) if part.get_content_subtype() == "html" else set()
                assert tags <= frame, (hostile, tags)
                assert not LIVE.search(re.sub(r"<[^>]*>", "", body) if tags else body), (hostile, body)


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


def _tags(html: str) -> set[str]:
    found: set[str] = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, _: object) -> None:
            found.add(tag)

    Reader().feed(html)
    return found
