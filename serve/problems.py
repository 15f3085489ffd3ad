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


def problem_response(problem: RequestError) -> Response:
    """Return the answer to a request that met ``problem`` (RFC 9457)."""
    told = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.sentence,
    }
    headers = {"cache-control": "no-store", **problem.headers}
    return Response(orjson.dumps(told), problem.status, headers, MEDIA_TYPE)
