"""Registered accounts against what the platform says of them; pure."""

from collections.abc import Iterable, Iterator, Mapping

from core.diagnosis import Diagnosis, Status
from core.platforms import Platform, platforms
from ingest import spelling
from ingest.access import ReachedAccount
from ingest.agency.registrations import Registration


def compare(
    platform: Platform,
    registrations: Iterable[Registration],
    reached: Mapping[str, ReachedAccount],
    names: Mapping[str, str],
    manager: str,
) -> Iterator[Diagnosis]:
    """Yield what is wrong with the ``reached`` among the registered accounts of ``platform``, by account id.

    ``names`` are those the accounts had when they were collected last, ``manager`` is the configured one.
    """
    for registration in registrations:
        account = reached.get(registration.account_id)
        if account is None:
            continue
        for status, found, remedy, runbook in _differences(registration, account, names, manager):
            where = f"{registration.client_id}, account {registration.account_id}"
            yield Diagnosis(platform.title, where, status, found, remedy, runbook)


def _differences(
    registered: Registration, account: ReachedAccount, names: Mapping[str, str], manager: str
) -> Iterator[tuple[Status, str, str, str]]:
    if account.manager:
        yield (
            Status.FAIL,
            "it is a manager account, which has no figures of its own",
            "register the accounts below it (make onboard lists them) in its place",
            "manager_account",
        )
        return
    if account.closed:
        remedy = "ask the client; if it stays so, write ended_on into its line of accounts.csv"
        yield Status.FAIL, f"the platform says it is {account.closed}", remedy, "account_disabled"
    if platforms()[account.platform].opens_by_manager and account.via != manager:
        yield Status.FAIL, *_other_way(account, manager), "access_lost"
    changed = [
        f"{what} {said}, registered {ours}"
        for what, said, ours, name_of in (
            ("currency", account.currency, registered.currency, spelling.currency),
            ("time zone", account.timezone, registered.timezone, spelling.zone),
        )
        if said and name_of(said) != name_of(ours)
    ]
    if changed:
        remedy = (
            "correct accounts.csv, or end the line and register what follows, as the finding of the next run"
            " prints it; until then days are left out"
        )
        yield Status.FAIL, "the platform says: " + "; ".join(changed), remedy, "registered"
    name = names.get(registered.account_id)
    if name and account.name and account.name != name:
        found = f"its name was {name!r} and is {account.name!r}"
        yield Status.WARN, found, "check that it is still this client's account", "account_renamed"


def _other_way(account: ReachedAccount, manager: str) -> tuple[str, str]:
    if account.via:
        found = f"it is reached through the manager account {account.via} only"
        return (
            found,
            f"set SOURCES__GOOGLE_ADS__LOGIN_CUSTOMER_ID={account.via}, or link it to {manager or 'one'}",
        )
    return (
        f"it is not below the configured manager account {manager}",
        f"link it to {manager}, or unset SOURCES__GOOGLE_ADS__LOGIN_CUSTOMER_ID",
    )
