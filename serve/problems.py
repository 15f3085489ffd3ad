"""What a request is told when it cannot be answered: one sentence, as ``application/problem+json``."""

from http import HTTPStatus

import orjson
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"


class RequestError(Exception):
    """A request that cannot be answered; ``sentence`` says what is wrong with it and what helps."""

    def __init__(self, status: int, sentence: str, **headers: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def problem(status: int, sentence: str) -> dict[str, object]:
    """Return the body of a refusal (RFC 9457)."""
    return {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": sentence}


def problem_response(met: RequestError) -> Response:
    """Return the answer to a request that met ``met``."""
    headers = {"cache-control": "no-store", **met.headers}
    return Response(orjson.dumps(problem(met.status, met.sentence)), met.status, headers, MEDIA_TYPE)
