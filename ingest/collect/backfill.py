"""What a person may ask for again."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from core.errors import UserError
from core.platforms import kept_months, platforms
from ingest.agency.registrations import Agency, Registration
from ingest.collect.planner import BackfillRequest

# By (platform, account): the first day that the platform was found to keep, and when that is tried again.
Kept = Mapping[tuple[str, str], tuple[date, date]]


def check(request: BackfillRequest, agency: Agency, now: datetime, kept: Kept | None = None) -> str | None:
    """Raise ``UserError`` that says what is wrong with ``request``, if nothing of it can be planned.

    Of days in part, the planner leaves out those that the platform no longer keeps, and those to come; the
    text returned says so where an edge was met.
    """
    registered = _registered(request, agency)
    first = min(registration.started_on for registration in registered)
    since, until = request.from_date, request.to_date
    if since > until:
        raise UserError(f"FROM={since} is after TO={until}: exchange them")
    if since < first:
        raise UserError(
            f"FROM={since} is before client {request.client_id!r} started on {first}, so there is"
            f" nothing to expect: use FROM={first}, or move started_on in agency/clients.csv and accounts.csv"
        )
    ended = _ended(request, registered)
    if ended is not None:
        where = f" on {request.platform}" if request.platform else ""
        raise UserError(
            f"the last account{where} of client {request.client_id!r} ended on {ended}, so there is nothing"
            f" to expect from {since} to {until}: use TO={ended}, or move ended_on in agency/clients.csv and"
            " accounts.csv"
        )
    oldest = kept_since(now.date())
    if until < oldest:
        raise UserError(
            f"TO={until} is before {oldest}, and the platforms keep {kept_months()} months, so there is"
            f" nothing to ask for: use FROM={oldest}"
        )
    # Somewhere on earth it is tomorrow already.
    if since > (now + timedelta(hours=14)).date():
        raise UserError(f"FROM={since} is to come, so there is nothing to ask for: use a day that has begun")
    return _beyond_an_edge(request, registered, kept or {})


def _beyond_an_edge(request: BackfillRequest, registered: list[Registration], kept: Kept) -> str | None:
    """Say which days are left out since a platform has refused them; raise ``UserError`` if all are."""
    met = [edge for one in registered if (edge := kept.get((one.platform, one.account_id))) is not None]
    met = [(first, again) for first, again in met if first > request.from_date]
    if not met:
        return None
    titles = " and ".join(
        sorted(
            {platforms()[one.platform].title for one in registered if (one.platform, one.account_id) in kept}
        )
    )
    first, again = min(met)
    if len(met) == len(registered) and request.to_date < first:
        raise UserError(
            f"TO={request.to_date} is before {first}, and {titles} refused older days, so there is nothing to"
            f" ask for: use FROM={first}; older days are tried again from {again} on"
        )
    return (
        f"{titles} keeps no days before {first} of {len(met)} of {len(registered)} accounts, so these days"
        f" are left out; they are tried again from {again} on"
    )


def kept_since(today: date) -> date:
    """Return the oldest day that the platforms keep: as in SQL, the last of a month if it is shorter."""
    months = today.year * 12 + today.month - 1 - kept_months()
    first = date(months // 12, months % 12 + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(today.day, last.day))


def _ended(request: BackfillRequest, registered: list[Registration]) -> date | None:
    """Return when the last account before the days asked for ended; None where one covers some of them."""
    ends = []
    for registration in registered:
        if registration.ended_on is None or registration.ended_on >= request.from_date:
            if registration.started_on <= request.to_date:
                return None
        else:
            ends.append(registration.ended_on)
    return max(ends)


def _registered(request: BackfillRequest, agency: Agency) -> list[Registration]:
    if request.client_id not in agency.clients:
        raise UserError(f"client {request.client_id!r} is unknown: it is not in agency/clients.csv")
    found = [
        registration
        for registration in agency.registrations
        if registration.client_id == request.client_id and request.platform in (None, registration.platform)
    ]
    if not found:
        where = f" on {request.platform}" if request.platform else ""
        raise UserError(
            f"client {request.client_id!r} has no account{where}: register one in agency/accounts.csv"
        )
    return found
