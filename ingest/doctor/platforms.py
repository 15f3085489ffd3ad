"""Asking each platform about the credentials and the registered accounts: few requests, and no figures."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import duckdb

from core import clock
from core.diagnosis import Diagnosis, Status
from core.settings import Settings
from ingest.access import Access, ReachedAccount, reaching
from ingest.agency import registrations as agency
from ingest.agency.registrations import Registration
from ingest.client.errors import AnswerError
from ingest.client.reachable import platforms
from ingest.client.source_spec import load_settings
from ingest.client.sources import SourceSettings, api_mode
from ingest.collect.summary import CAUSE_REMEDIES, REMEDIES
from ingest.collect.window_request import shaped
from ingest.doctor.accounts import compare
from ingest.doctor.runbooks import page
from ingest.doctor.token_expiry import judge

# A person is waiting: a platform that does not answer is told of soon, and the next look is free.
ATTEMPTS, TIMEOUT_SECONDS = 2, 15.0
# Without one of these a Meta token reads nothing.
READING_SCOPES = frozenset({"ads_read", "ads_management"})


def ask_platforms(settings: Settings) -> list[Diagnosis]:
    """Ask every configured platform, side by side; starts the sandbox if that is what a run would ask.

    Raises ``UserError`` for settings that cannot be used.
    """
    api = api_mode()
    registered, _ = agency.examine(settings)
    now = clock.now()
    with platforms(settings, api):
        sources = [
            _hasty(source)
            for name, source in load_settings(api).items()
            if not source.missing and (source.platform.required or registered.accounts(name))
        ]
        names = _last_names(settings)

        async def everything() -> list[list[Diagnosis]]:
            return await asyncio.gather(
                *(_ask(source, list(_current(registered, source, now)), names, now) for source in sources)
            )

        asked = [diagnosis for found in asyncio.run(everything()) for diagnosis in found]
        return [*asked, *_edges(settings, sources), *_windows(settings, sources)]


def _hasty(source: SourceSettings) -> SourceSettings:
    return replace(
        source,
        retry_attempts=min(source.retry_attempts, ATTEMPTS),
        timeout_seconds=min(source.timeout_seconds, TIMEOUT_SECONDS),
        max_requests=None,
    )


def _current(registered: agency.Agency, source: SourceSettings, now: datetime) -> Iterator[Registration]:
    for registration in registered.registrations:
        over = registration.ended_on is not None and registration.ended_on < now.date()
        if registration.platform == source.platform.name and not over:
            yield registration


def _last_names(settings: Settings) -> dict[tuple[str, str], str]:
    """Return the accounts' names of the release: the ledger is left alone, a collection may be loading."""
    query = "select platform, account_id, arg_max(account_name, valid_from) from marts.accounts group by all"
    with suppress(duckdb.Error), duckdb.connect(str(settings.release), read_only=True) as release:
        return {(platform, account): name for platform, account, name in release.execute(query).fetchall()}
    return {}


def _edges(settings: Settings, sources: list[SourceSettings]) -> Iterator[Diagnosis]:
    """Say since when a platform was found to keep the days of accounts, as the release knows it."""
    query = (
        "select count(*), min(kept_from), max(seen_on) from staging.stg_ledger__retention_edges"
        " where kept_days is not null and platform = ?"
    )
    for source in sources:
        row = None
        with suppress(duckdb.Error), duckdb.connect(str(settings.release), read_only=True) as release:
            row = release.execute(query, [source.platform.name]).fetchone()
        if row is not None and row[0]:
            text = f"{row[0]} accounts: days before {row[1]} were refused on {row[2]}, and are not expected"
            yield _diagnosis(source, "days kept", Status.PASS, text, runbook="boundary")


def _windows(settings: Settings, sources: list[SourceSettings]) -> Iterator[Diagnosis]:
    """Say of how many accounts days change longer than they are looked at, as the release knows it."""
    query = (
        "with newest as (from staging.stg_ledger__restatement_windows where platform = ?"
        " qualify row_number() over (partition by account_id order by seen_at desc) = 1)"
        " select count(*), max(longest_days), max(days) from newest where longest_days > days"
    )
    for source in sources:
        row = None
        with suppress(duckdb.Error), duckdb.connect(str(settings.release), read_only=True) as release:
            row = release.execute(query, [source.platform.name]).fetchone()
        if row is not None and row[0]:
            (variable,) = source.platform.variables(("restatement_days",))
            text = (
                f"{row[0]} accounts have actions that count for {row[1]} days, and are looked at for {row[2]}"
            )
            remedy = f"set {variable}={row[1]}: until then what comes later is missing in final days"
            yield _diagnosis(source, "days restated", Status.WARN, text, remedy)


async def _ask(
    source: SourceSettings,
    registrations: list[Registration],
    names: dict[tuple[str, str], str],
    now: datetime,
) -> list[Diagnosis]:
    found = [_version(source)]
    async with reaching(source) as reach:
        try:
            facts = await reach.token()
            expiry = judge(facts, now)
            runbook = {"pass": "", "warn": "token_expiring"}.get(expiry.status, "auth")
            remedy = "make a new one and put it into .dlt/secrets.toml" if runbook else ""
            found.append(_diagnosis(source, "token", Status(expiry.status), expiry.message, remedy, runbook))
            if not facts.valid:
                return found
            if facts.scopes is not None and not facts.scopes & READING_SCOPES:
                text = f"it lacks ads_read; it has {', '.join(sorted(facts.scopes)) or 'no scope'}"
                remedy = "make a token with ads_read, or give the app that permission"
                found.append(_diagnosis(source, "scopes", Status.FAIL, text, remedy, "app_rights"))
            with shaped("accounts"):
                listed = {account.account_id: account for account in await reach.accounts()}
        except AnswerError as problem:
            return [*found, _failed(source, "reached", problem)]
        found.append(_diagnosis(source, "reached", Status.PASS, f"{len(listed)} accounts are within reach"))
        return found + await _accounts(reach, registrations, listed, names)


async def _accounts(
    reach: Access,
    registrations: list[Registration],
    listed: dict[str, ReachedAccount],
    names: dict[tuple[str, str], str],
) -> list[Diagnosis]:
    """Return what is wrong with registered accounts; those that no list named are asked for one by one."""
    source = reach.caller.settings
    failed = []
    for registration in registrations:
        if registration.account_id not in listed:
            try:
                with shaped("account"):
                    listed[registration.account_id] = await reach.one(registration.account_id)
            except AnswerError as problem:
                where = f"{registration.client_id}, account {registration.account_id}"
                failed.append(_failed(source, where, problem))
    own = {account: name for (platform, account), name in names.items() if platform == source.platform.name}
    manager = source.credentials.get("login_customer_id", "").replace("-", "")
    found = [*failed, *compare(source.platform, registrations, listed, own, manager)]
    count = len({r.account_id for r in registrations})
    sound = count - len({diagnosis.name for diagnosis in found})
    text = f"{sound} of {count} registered accounts are reached and as registered"
    return [_diagnosis(source, "accounts", Status.PASS, text), *found] if sound or not found else found


def _version(source: SourceSettings) -> Diagnosis:
    used, newest = source.api_version, source.newest_version
    variable = f"SOURCES__{source.platform.section.upper()}__API_VERSION"
    if used == newest:
        return _diagnosis(source, "API version", Status.PASS, f"{used}, the newest known")
    found = f"{used}, where {newest} is the newest known"
    remedy = f"set {variable}={newest}, or nothing: a version is retired after about a year"
    return _diagnosis(source, "API version", Status.WARN, found, remedy, "version_retired")


def _failed(source: SourceSettings, name: str, problem: AnswerError) -> Diagnosis:
    failure = problem.failure
    helps = CAUSE_REMEDIES[failure.cause] if failure.cause else REMEDIES[failure.error_class]
    remedy = helps.format(backfill="make run")
    return _diagnosis(
        source, name, Status.FAIL, f"{failure.error_class}: {failure.message}", remedy, page(failure)
    )


def _diagnosis(
    source: SourceSettings, name: str, status: Status, found: str, remedy: str = "", runbook: str = ""
) -> Diagnosis:
    return Diagnosis(source.platform.title, name, status, found, remedy, runbook)
