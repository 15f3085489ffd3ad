"""What a collection did, in numbers and in sentences."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from core.platforms import platforms
from ingest.agency.registrations import Agency
from ingest.client.errors import Cause, ErrorClass, Failure
from ingest.collect.edges import TRIED_AGAIN_DAYS
from ingest.collect.jobs import WindowResult

# So many accounts that failed alike have one cause, and one sentence says so.
MANY = 3
# What helps, by class; {backfill} is the command that asks for the days again.
REMEDIES: dict[ErrorClass, str] = {
    ErrorClass.THROTTLE: "the next run asks for them again; until then run less often",
    ErrorClass.TRANSIENT: "the next run asks for them again, or {backfill}",
    ErrorClass.AUTH: "renew the credentials in .dlt/secrets.toml, then make run",
    ErrorClass.PERMISSION: "give the login access to the account again, then {backfill}",
    ErrorClass.BAD_REQUEST: "check the account in agency/accounts.csv, then {backfill}",
    ErrorClass.TOO_MUCH_DATA: "even one day was too much for the platform to answer; {backfill} tries again",
    ErrorClass.PERMANENT: "look the message up in the log, then {backfill}",
    ErrorClass.REFUSED: "the next run asks for them again; if it stays so, look the message up in the log",
    ErrorClass.BOUNDARY: "there is nothing to do: the platform has no answer for them",
    ErrorClass.UNTOLD: "do as the message says, then make run",
    ErrorClass.BREAKER: "the next run asks for them again, or {backfill}",
    ErrorClass.DEADLINE: "raise ACCOUNT_SECONDS of the source, or leave it to the next run",
    ErrorClass.BUDGET: "the next run goes on from there",
}
# What helps where the cause is known; it comes before what helps with its class.
CAUSE_REMEDIES: dict[Cause, str] = {
    Cause.VERSION_RETIRED: "do as the message says, then make run",
    Cause.NOT_CONFIGURED: "put that into .dlt/secrets.toml or the environment, then make run",
    Cause.LOGIN_DEAD: "renew the credentials in .dlt/secrets.toml, then make run",
    Cause.ACCESS_LOST: "give the login access to the account again, then {backfill}",
    Cause.ACCOUNT_DISABLED: "enable the account again, or give it an ended_on in agency/accounts.csv",
    Cause.MANAGER_ACCOUNT: "register the accounts below it in its place: make onboard lists them",
    Cause.APP_RIGHTS: "give the app that right in the platform's console, then {backfill}",
    Cause.POLICY_BLOCK: "settle it with the platform's support, and do not run again before",
}


@dataclass(frozen=True)
class CollectionSummary:
    """Counts of accounts and account-days, the requests they took, and a sentence for every problem."""

    accounts_asked: int
    accounts_failed: int
    days_stored: int
    days_sighted: int
    days_failed: int
    requests: int
    problems: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    """What a person may want to do something about, though it failed nothing."""
    told: tuple[str, ...] = ()
    """What this collection has found of the platforms, and is said once."""

    def __str__(self) -> str:
        return (
            f"collected {self.accounts_asked} accounts with {self.requests} requests: {self.days_stored}"
            f" account-days stored, {self.days_sighted} seen unchanged, {self.days_failed} failed"
        )


def summarise(agency: Agency, results: Iterable[WindowResult], requests: int) -> CollectionSummary:
    """Return the summary of ``results``."""
    listed = list(results)
    failed: dict[tuple[str, str], list[WindowResult]] = defaultdict(list)
    for result in listed:
        if result.failure is not None:
            failed[_account(result)].append(result)
    problems = _sentences(agency, [windows for _, windows in sorted(failed.items())])
    return CollectionSummary(
        accounts_asked=len({_account(result) for result in listed}),
        accounts_failed=len(failed),
        days_stored=sum(result.stored for result in listed),
        days_sighted=sum(result.sighted for result in listed),
        days_failed=sum(result.window.days for windows in failed.values() for result in windows),
        requests=requests,
        problems=tuple(problems),
        remarks=tuple(dict.fromkeys(_remark(agency, result) for result in listed if result.note)),
        told=tuple(_edges(agency, listed)),
    )


def _account(result: WindowResult) -> tuple[str, str]:
    return result.window.registration.platform, result.window.registration.account_id


def _sentences(agency: Agency, accounts: list[list[WindowResult]]) -> Iterator[str]:
    """Say what failed, account by account, and in one sentence what failed many of them alike."""
    alike: dict[tuple[str, ErrorClass, str], list[list[WindowResult]]] = defaultdict(list)
    for windows in accounts:
        failure = _failure(windows)
        platform = windows[0].window.registration.platform
        alike[platform, failure.error_class, failure.message].append(windows)
    for many in alike.values():
        if len(many) < MANY:
            yield from (_sentence(agency, windows) for windows in many)
        else:
            yield _common_sentence(many)


def _common_sentence(accounts: list[list[WindowResult]]) -> str:
    windows = [result for listed in accounts for result in listed]
    failure, title = _failure(windows), platforms()[windows[0].window.registration.platform].title
    return (
        f"{title}: {len(accounts)} accounts failed alike for {_days(windows)} ({failure.error_class}:"
        f" {failure.message}), so nothing new was stored for them;"
        f" {_remedy(failure).format(backfill='make run')}"
    )


def _sentence(agency: Agency, windows: list[WindowResult]) -> str:
    """Say what failed of one account, what that means, and what helps."""
    registration = windows[0].window.registration
    client_id, platform = registration.client_id, registration.platform
    first = min(result.window.from_date for result in windows)
    last = max(result.window.to_date for result in windows)
    failure = _failure(windows)
    answer = (windows[0].answer or "collection").replace("_", " ")
    backfill = f"make backfill CLIENT={client_id} FROM={first} TO={last} PLATFORM={platform}"
    return (
        f"{agency.clients.get(client_id, client_id)}, {platforms()[platform].title} account"
        f" {registration.account_id}: {answer} failed for {_days(windows)} ({failure.error_class}:"
        f" {failure.message}), so nothing new was stored for them;"
        f" {_remedy(failure).format(backfill=backfill)}"
    )


def _failure(windows: list[WindowResult]) -> Failure:
    return next(result.failure for result in windows if result.failure)


def _days(windows: list[WindowResult]) -> str:
    first = min(result.window.from_date for result in windows)
    last = max(result.window.to_date for result in windows)
    return str(first) if first == last else f"{first} to {last}"


def _remark(agency: Agency, result: WindowResult) -> str:
    registration = result.window.registration
    client = agency.clients.get(registration.client_id, registration.client_id)
    return (
        f"{client}, {platforms()[registration.platform].title} account {registration.account_id}:"
        f" {result.note}, so new days may stay without figures; {CAUSE_REMEDIES[Cause.ACCOUNT_DISABLED]}"
    )


def _edges(agency: Agency, results: list[WindowResult]) -> Iterator[str]:
    """Say since when a platform keeps the days of an account, or of many."""
    found: dict[tuple[str, date], dict[str, str]] = defaultdict(dict)
    for result in results:
        if result.kept_from is not None:
            registration = result.window.registration
            accounts = found[registration.platform, result.kept_from]
            accounts[registration.account_id] = registration.client_id
    for (platform, kept_from), accounts in sorted(found.items()):
        title = platforms()[platform].title
        (account_id, client_id), *others = accounts.items()
        who = f"{agency.clients.get(client_id, client_id)}, {title} account {account_id}"
        if others:
            who = f"{title}, {len(accounts)} accounts"
        yield (
            f"{who}: the platform keeps no days before {kept_from}, so they are not expected, and are not"
            f" asked for again for {TRIED_AGAIN_DAYS} days; days that were whole stay; there is nothing to do"
        )


def _remedy(failure: Failure) -> str:
    return CAUSE_REMEDIES[failure.cause] if failure.cause else REMEDIES[failure.error_class]
