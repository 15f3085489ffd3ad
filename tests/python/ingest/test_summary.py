"""What a collection says: a sentence for every account that failed, one for many that failed alike."""

from datetime import date

from ingest.agency.registrations import Agency, Registration
from ingest.client.errors import ErrorClass, Failure
from ingest.collect.jobs import WindowResult
from ingest.collect.planner import Window
from ingest.collect.summary import MANY, summarise

FIRST, LAST = date(2026, 11, 20), date(2026, 11, 23)


def failed(number: int, message: str, first: date = FIRST) -> WindowResult:
    account = Registration("meta", f"10{number}", f"client-{number}", "PLN", "Europe/Warsaw", FIRST, None)
    return WindowResult(
        Window(account, first, LAST, 1, LAST, 28), Failure.of(ErrorClass.AUTH, message), "delivery"
    )


def problems(*results: WindowResult) -> tuple[str, ...]:
    registrations = tuple(result.window.registration for result in results)
    clients = {one.client_id: f"Hotel {one.client_id}" for one in registrations}
    return summarise(Agency(clients, registrations), results, 9).problems


def test_many_accounts_that_failed_alike_are_one_sentence() -> None:
    (said,) = problems(*(failed(number, "the session has expired") for number in range(MANY)))
    assert said == (
        "Meta Ads: 3 accounts failed alike for 2026-11-20 to 2026-11-23 (auth: the session has expired), so"
        " nothing new was stored for them; renew the credentials in .dlt/secrets.toml, then make run"
    )


def test_few_accounts_have_a_sentence_each() -> None:
    said = problems(*(failed(number, "the session has expired") for number in range(MANY - 1)))
    assert len(said) == MANY - 1
    assert said[0].startswith("Hotel client-0, Meta Ads account 100: delivery failed for 2026-11-20 to")


def test_what_failed_otherwise_is_told_apart() -> None:
    alike = [failed(number, "the session has expired", LAST) for number in range(MANY)]
    said = problems(*alike, failed(7, "the app was removed"))
    assert len(said) == 2
    assert "Meta Ads: 3 accounts failed alike for 2026-11-23 (" in "".join(said)
    assert "Hotel client-7" in "".join(said)
