"""What a person may ask for again."""

from ingest.agency import Agency
from ingest.planner import BackfillRequest
from wholeday.errors import UserError


def check(request: BackfillRequest, agency: Agency) -> None:
    """Raise ``UserError`` that says what is wrong with ``request``, if it cannot be planned.

    Days that the platform no longer keeps, and days to come, are left out by the planner.
    """
    if request.client_id not in agency.clients:
        raise UserError(f"client {request.client_id!r} is unknown: it is not in agency/clients.csv")
    if request.from_date > request.to_date:
        raise UserError(f"FROM={request.from_date} is after TO={request.to_date}: exchange them")
    registered = [
        registration
        for registration in agency.registrations
        if registration.client_id == request.client_id and request.platform in (None, registration.platform)
    ]
    if not registered:
        where = f" on {request.platform}" if request.platform else ""
        raise UserError(
            f"client {request.client_id!r} has no account{where}: register one in agency/accounts.csv"
        )
    first = min(registration.started_on for registration in registered)
    if request.from_date < first:
        raise UserError(
            f"FROM={request.from_date} is before client {request.client_id!r} started on {first}, so there is"
            f" nothing to expect: use FROM={first}, or move started_on in agency/clients.csv and accounts.csv"
        )
