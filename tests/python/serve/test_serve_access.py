"""Who may see and do what: roles, clients, other sites' pages, other names, and too much."""

import hmac
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from core.errors import UserError
from core.settings import ROOT
from serve.access import Access, Role
from serve.config import Config
from tests.python.serve.conftest import BOUND, NOW, OPERATOR, TOKENS, VIEWER, Served, Server

pytestmark = pytest.mark.attack
slow = pytest.mark.slow
FOREIGN = ("fjord", "grove", "Hotel Fjord", "Hotel Grove", "9100000003", "9100000004", "9100000005")


@slow
def test_without_a_token_nothing_is_shown(served: Served) -> None:
    for path in (
        "/",
        "/health.json",
        "/api/kpi",
        "/api/health",
        "/metrics",
        "/badge.svg",
        "/api/openapi.json",
    ):
        answer = served.ask(path, token=None)
        assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer"), path
    browser = served.ask("/reports/dune/?a=b", token=None, accept="text/html")
    assert (browser.status, browser.headers["location"]) == (303, "/login?next=/reports/dune/")
    assert served.ask("/api/kpi", token=VIEWER[:-1]).status == 401


@slow
def test_only_an_operator_heals(served: Served) -> None:
    body = b'{"client": "dune", "from": "2026-11-01", "to": "2026-11-01"}'
    for token, status in ((VIEWER, 403), (BOUND, 403), (None, 401)):
        headers = {} if token else {"origin": served.url}
        assert served.ask("/api/backfill", token, "POST", body, **headers).status == status
    for path in ("/api/backfill", "/api/backfill/x", "/api/backfill/x/events"):
        assert served.ask(path, VIEWER).status == 403
        assert served.ask(path, OPERATOR).status == (200 if path == "/api/backfill" else 404)
    assert b"/_serve/heal.js" in served.ask("/", OPERATOR).body
    assert b"/_serve/heal.js" not in served.ask("/", VIEWER).body


@slow
@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "JSON object"),
        (b"[]", "JSON object"),
        (b'{"client": "dune", "from": "2026-11-01"}', "JSON object"),
        (b'{"client": "nobody", "from": "2026-11-01", "to": "2026-11-01"}', "no client"),
        (b'{"client": "dune", "from": "2026-11-09", "to": "2026-11-01"}', "exchange"),
        (b'{"client": "dune", "from": "2036-11-09", "to": "2036-11-09"}', "closed"),
        (b'{"client": "dune", "from": "2026-11-01", "to": "2026-11-01", "platform": "bing"}', "meta, google"),
        (b'{"client": "dune", "from": "2026-11-01", "to": "2026-11-01", "do": "rm"}', "JSON object"),
    ],
)
def test_what_cannot_be_healed_is_said(served: Served, body: bytes, says: str) -> None:
    answer = served.ask("/api/backfill", OPERATOR, "POST", body)
    assert answer.status in (400, 404)
    assert says in answer.sentence


@slow
def test_a_viewer_bound_to_one_client_sees_nothing_of_another(served: Served) -> None:
    own = """/ /api/kpi /api/kpi?grain=month /api/health /api/health/dune /badge.svg /reports/
        /api/openapi.json /reports/dune/index.html /reports/dune/dune-days.csv"""
    for path in own.split():
        answer = served.ask(path, BOUND)
        assert answer.status == 200, path
        assert not any(word.encode() in answer.body for word in FOREIGN), path
    assert b"Hotel Dune" in served.ask("/", BOUND).body
    hidden = """/health.json /metrics /metrics.prom /data_docs/ /data_docs/index.html /dbt/index.html
        /reports/fjord/index.html /reports/fjord/ /reports/dune/../fjord/index.html
        /data/days/fjord/2026-11.js /reports/fjord/fjord-days.csv
        /reports/dune%2f..%2ffjord/index.html
        /api/health/fjord /api/kpi?client=fjord /api/kpi?client=dune,fjord"""
    for path in hidden.split():
        answer = served.ask(path, BOUND)
        assert answer.status in (403, 404), path
        assert not any(word in answer.sentence.replace("'fjord'", "") for word in FOREIGN), path


@slow
def test_another_client_and_one_that_does_not_exist_are_told_alike(served: Served) -> None:
    for path in (
        "/api/health/{}",
        "/api/kpi?client={}",
        "/reports/{}/index.html",
        "/data/days/{}/2026-11.js",
    ):
        other, nobody = (served.ask(path.format(name), BOUND) for name in ("fjord", "fjoro"))
        assert other.status == nobody.status == 404
        assert other.body.replace(b"fjord", b"fjoro") == nobody.body
        assert other.headers.keys() == nobody.headers.keys()


@slow
def test_browsers_come_in_with_a_form_and_leave_again(served: Served) -> None:
    form = {"content_type": "application/x-www-form-urlencoded", "origin": served.url}
    wrong = served.ask("/login", None, "POST", b"token=wrong-wrong-wrong-wrong", **form)
    assert wrong.status == 401
    assert b"not known" in wrong.body
    answer = served.ask("/login", None, "POST", f"token={BOUND}&next=/reports/dune/".encode(), **form)
    assert (answer.status, answer.headers["location"]) == (303, "/reports/dune/")
    cookie = answer.headers["set-cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=strict"))
    assert BOUND not in cookie
    session = cookie.partition(";")[0]
    assert b"Hotel Dune" in served.ask("/", None, cookie=session).body
    assert served.ask("/logout", None, "POST", b"", cookie=session, **form).status == 303
    assert served.ask("/api/health", None, cookie=session).status == 401
    away = served.ask("/login", None, "POST", f"token={BOUND}&next=//elsewhere.example/".encode(), **form)
    assert away.headers["location"] == "/"


@slow
def test_requests_that_another_site_makes_a_browser_send_are_refused(served: Served) -> None:
    body = b'{"client": "dune", "from": "2026-11-01", "to": "2026-11-01"}'
    form = {"content_type": "application/x-www-form-urlencoded", "origin": served.url}
    cookie = served.ask("/login", None, "POST", f"token={OPERATOR}".encode(), **form).headers["set-cookie"]
    session = cookie.partition(";")[0]
    for headers in (
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {},
    ):
        answer = served.ask("/api/backfill", None, "POST", body, cookie=session, **headers)
        assert answer.status == 403, headers
    assert served.ask("/api/health", host="elsewhere.example:80").status == 421
    assert served.ask("/api/health", host="localhost:80").status == 200
    assert served.ask("/api/backfill", OPERATOR, "POST", b"x" * 20_000).status == 413


@slow
def test_every_answer_says_how_a_browser_must_treat_it(served: Served) -> None:
    for path, token in (
        ("/", VIEWER),
        ("/api/kpi", VIEWER),
        ("/nowhere", VIEWER),
        ("/", None),
        ("/login", None),
    ):
        headers = served.ask(path, token).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors '" in headers["content-security-policy"]
        assert "'unsafe-inline'" not in headers["content-security-policy"].partition("style-src")[0]
        assert "server" not in headers


@slow
def test_guesses_and_floods_are_slowed_down_and_nothing_secret_is_logged(served: Served) -> None:
    with Server(served.installation, **TOKENS, WHOLEDAY_SERVE_RATE="30/minute") as own:
        statuses = [own.ask("/api/health", f"guess-guess-guess-{number}").status for number in range(25)]
        assert statuses[0] == 401
        assert statuses[-1] == 429
    with Server(served.installation, **TOKENS, WHOLEDAY_SERVE_RATE="30/minute") as own:
        answers = [own.ask("/api/health") for _ in range(31)]
        assert [answer.status for answer in answers] == [200] * 30 + [429]
        assert answers[-1].headers["retry-after"]
    log = (served.installation.warehouse / "logs" / "wholeday.jsonl").read_text()
    assert not any(token in log for token in (OPERATOR, VIEWER, BOUND))


@slow
def test_without_any_token_this_machine_may_look_and_nobody_heals(served: Served) -> None:
    started = time.monotonic()
    with Server(served.installation) as own:
        assert time.monotonic() < started + 15
        assert own.ask("/", None).status == 200
        assert own.ask("/api/kpi?client=fjord", None).status == 200
        body = b'{"client": "dune", "from": "2026-11-01", "to": "2026-11-01"}'
        assert own.ask("/api/backfill", None, "POST", body, origin=own.url).status == 403


def test_the_tokens_of_the_environment() -> None:
    access = Access.from_env(TOKENS)
    found = access.visitor(BOUND)
    assert found is not None
    assert (found.name, found.role, found.clients) == ("dune", Role.VIEWER, frozenset({"dune"}))
    assert access.visitor(OPERATOR) == replace(found, name="anna", role=Role.OPERATOR, clients=None)
    assert access.visitor("") is None


@pytest.mark.parametrize(
    "environment",
    [
        {"WHOLEDAY_VIEWER_TOKENS": "anna:short"},
        {"WHOLEDAY_VIEWER_TOKENS": "no-name-but-a-secret"},
        {"WHOLEDAY_OPERATOR_TOKENS": f"anna:{OPERATOR}@dune"},
        {"WHOLEDAY_OPERATOR_TOKENS": f"anna:{OPERATOR}", "WHOLEDAY_VIEWER_TOKENS": f"desk:{OPERATOR}"},
        {"WHOLEDAY_SERVE_HOST": "0.0.0.0"},  # noqa: S104 - it must be refused
        {"WHOLEDAY_SERVE_RATE": "often"},
    ],
)
def test_settings_that_would_let_anybody_in_are_refused(environment: dict[str, str]) -> None:
    with pytest.raises(UserError) as refused:
        Config.from_env(environment=environment)
    assert not any(secret in str(refused.value) for secret in ("short", "no-name", OPERATOR))


@slow
def test_right_token_works_while_its_address_guesses(served: Served) -> None:
    with Server(served.installation, **TOKENS, WHOLEDAY_SERVE_RATE="1000/minute") as own:
        guesses = [own.ask("/api/health", f"guess-guess-guess-{number}").status for number in range(25)]
        assert guesses[-1] == 429
        assert own.ask("/api/health").status == 200


@slow
def test_forwarded_address_is_believed_from_named_proxies_only(served: Served) -> None:
    def statuses(own: Served) -> list[int]:
        return [
            own.ask("/api/health", f"guess-guess-guess-{number}", x_forwarded_for=f"10.0.0.{number}").status
            for number in range(25)
        ]

    with Server(served.installation, **TOKENS) as own:
        assert statuses(own)[-1] == 429
    with Server(served.installation, **TOKENS, WHOLEDAY_SERVE_PROXIES="127.0.0.1") as own:
        assert set(statuses(own)) == {401}


@slow
@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
def test_authorization_scheme_is_read_in_any_case(served: Served, scheme: str) -> None:
    assert served.ask("/api/health", None, authorization=f"{scheme} {VIEWER}").status == 200


@slow
def test_basic_header_of_a_proxy_is_no_guess(served: Served) -> None:
    form = {"content_type": "application/x-www-form-urlencoded", "origin": served.url}
    cookie = served.ask("/login", None, "POST", f"token={BOUND}".encode(), **form).headers["set-cookie"]
    session = cookie.partition(";")[0]
    for _ in range(25):
        answer = served.ask("/api/health", None, cookie=session, authorization="Basic cHJveHk6c2VjcmV0")
        assert answer.status == 200
    assert served.ask("/api/health", None, authorization="Basic cHJveHk6c2VjcmV0").status == 401


@pytest.mark.parametrize("clients", ["*", ",", "dune,*", "a/b", "dune,,", "-dune"])
def test_token_bound_to_no_client_id_is_refused(clients: str) -> None:
    with pytest.raises(UserError, match="WHOLEDAY_VIEWER_TOKENS"):
        Access.from_env({"WHOLEDAY_VIEWER_TOKENS": f"desk:{VIEWER}@{clients}"})


@pytest.mark.parametrize("token", [VIEWER, BOUND, OPERATOR, "wrong-wrong-wrong-wrong"])
def test_every_token_is_compared_whichever_is_right(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    compared: list[int] = []
    compare = hmac.compare_digest

    def counting(one: bytes, other: bytes) -> bool:
        compared.append(len(other))
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", counting)
    Access.from_env(TOKENS).visitor(token)
    assert compared == [32] * 3


def test_scopes_are_equal_only_where_the_clients_are() -> None:
    def scope(binding: str) -> str:
        visitor = Access.from_env({"WHOLEDAY_VIEWER_TOKENS": f"desk:{VIEWER}{binding}"}).visitor(VIEWER)
        assert visitor is not None
        return visitor.scope

    bindings = ["", "@all", "@clients", "@dune", "@dune,fjord"]
    assert len({scope(binding) for binding in bindings}) == len(bindings)
    assert scope("@fjord,dune") == scope("@dune,fjord")


@slow
def test_token_bound_to_an_unknown_client_is_refused(served: Served) -> None:
    env = served.installation.environment(NOW) | {"WHOLEDAY_VIEWER_TOKENS": f"desk:{VIEWER}@dune,fjoro"}
    done = subprocess.run(
        [sys.executable, "-m", "serve", "--port", "0"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "fjoro" in done.stderr
    assert VIEWER not in done.stderr


@slow
@pytest.mark.parametrize("path", ["?to=0001-01-01", "?from=9999-12-31", "?to=9999-12-31", "?from=0001-01-01"])
@pytest.mark.parametrize("grain", ["day", "week", "month"])
def test_days_at_both_ends_of_time_are_answered(served: Served, path: str, grain: str) -> None:
    assert served.ask(f"/api/kpi{path}&grain={grain}").status in (200, 400)


@slow
@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "//", "http://\u2100", "http://a:b"])
def test_origin_that_is_no_address_is_refused(served: Served, origin: str) -> None:
    body = b'{"client": "dune", "from": "2026-11-01", "to": "2026-11-01"}'
    answer = served.ask("/api/backfill", OPERATOR, "POST", body, origin=origin.encode().decode("latin-1"))
    assert answer.status == 403
