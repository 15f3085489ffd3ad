"""Meta's batch call: several requests in one, as the SDK's ``new_batch`` sends them."""

import json
import re
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from sandbox.http import Answer, Ask

_PATH = re.compile(r"^/(v\d+\.\d+/?)?$")


def is_batch(ask: Ask) -> bool:
    """Return whether ``ask`` is a batch."""
    return ask.method == "POST" and "batch" in ask.params and _PATH.match(ask.path) is not None


def respond(ask: Ask, exchange: Callable[[Ask], Answer]) -> Answer:
    """Return the answers to all requests of a batch, each under its own faults."""
    answers = [exchange(_one(ask, call)) for call in json.loads(ask.params["batch"])]
    return Answer(
        payload=[
            {
                "code": answer.status,
                "headers": [{"name": name, "value": value} for name, value in answer.headers.items()],
                "body": answer.body().decode(),
            }
            for answer in answers
        ]
    )


def _one(ask: Ask, call: dict[str, str]) -> Ask:
    address = urlsplit(call["relative_url"])
    path = "/" + address.path.lstrip("/")
    version = ask.path.strip("/")
    if version and not path.startswith("/v"):
        path = f"/{version}{path}"
    given = {name: value for name, value in ask.params.items() if name in ("access_token", "appsecret_proof")}
    fields = dict(parse_qsl(address.query)) | dict(parse_qsl(call.get("body", "")))
    return Ask(call.get("method", "GET"), path, given | fields, ask.headers, origin=ask.origin)
