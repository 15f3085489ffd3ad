"""What a collection did, in numbers and in sentences."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from ingest.agency import Agency
from ingest.errors import ErrorClass
from ingest.jobs import WindowResult
from ingest.registry import PLATFORMS

# What helps, by class; {backfill} is the command that asks for the days again.
REMEDIES: dict[ErrorClass, str] = {
    ErrorClass.THROTTLE: "the next run asks for them again; until then run less often",
    ErrorClass.TRANSIENT: "the next run asks for them again, or {backfill}",
    ErrorClass.AUTH: "renew the credentials in .dlt/secrets.toml, then make run",
    ErrorClass.PERMISSION: "give the login access to the account again, then {backfill}",
    ErrorClass.BAD_REQUEST: "check the account in agency/accounts.csv, then {backfill}",
    ErrorClass.TOO_MUCH_DATA: "even one day was too much for the platform to answer; {backfill} tries again",
    ErrorClass.PERMANENT: "look the message up in the log, then {backfill}",
    ErrorClass.BREAKER: "the next run asks for them again, or {backfill}",
    ErrorClass.DEADLINE: "raise ACCOUNT_SECONDS of the source, or leave it to the next run",
    ErrorClass.BUDGET: "the next run goes on from there",
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

    def __str__(self) -> str:
        return (
            f"collected {self.accounts_asked} accounts with {self.requests} requests: {self.days_stored}"
            f" account-days stored, {self.days_sighted} seen unchanged, {self.days_failed} failed"
        )


def summarise(
    agency: Agency, unconfigured: dict[str, tuple[str, ...]], results: Iterable[WindowResult], requests: int
) -> CollectionSummary:
    """Return the summary of ``results``; ``unconfigured`` platforms are a problem if they have accounts."""
    listed = list(results)
    problems = [
        _unconfigured(agency, name, missing)
        for name, missing in unconfigured.items()
        if agency.accounts(name)
    ]
    failed: dict[tuple[str, str], list[WindowResult]] = defaultdict(list)
    for result in listed:
        if result.failure is not None:
            failed[_account(result)].append(result)
    problems += [_sentence(agency, windows) for _, windows in sorted(failed.items())]
    return CollectionSummary(
        accounts_asked=len({_account(result) for result in listed}),
        accounts_failed=len(failed),
        days_stored=sum(result.stored for result in listed),
        days_sighted=sum(result.sighted for result in listed),
        days_failed=sum(result.window.days for windows in failed.values() for result in windows),
        requests=requests,
        problems=tuple(problems),
    )


def _account(result: WindowResult) -> tuple[str, str]:
    return result.window.registration.platform, result.window.registration.account_id


def _unconfigured(agency: Agency, name: str, missing: tuple[str, ...]) -> str:
    return (
        f"{PLATFORMS[name].title} is not configured, so none of its {agency.accounts(name)} accounts were"
        f" collected: set {', '.join(missing)}"
    )


def _sentence(agency: Agency, windows: list[WindowResult]) -> str:
    """Say what failed of one account, what that means, and what helps."""
    registration = windows[0].window.registration
    client_id, platform = registration.client_id, registration.platform
    first = min(result.window.from_date for result in windows)
    last = max(result.window.to_date for result in windows)
    days = str(first) if first == last else f"{first} to {last}"
    failure = next(result.failure for result in windows if result.failure)
    answer = (windows[0].answer or "collection").replace("_", " ")
    backfill = f"make backfill CLIENT={client_id} FROM={first} TO={last} PLATFORM={platform}"
    return (
        f"{agency.clients.get(client_id, client_id)}, {PLATFORMS[platform].title} account"
        f" {registration.account_id}: {answer} failed for {days} ({failure.error_class}: {failure.message}),"
        f" so nothing new was stored for them; {REMEDIES[failure.error_class].format(backfill=backfill)}"
    )
